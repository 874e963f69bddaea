import type { Request, Response, Router } from 'express';
import { accessErrors } from '../../access/errors.ts';
import type { Idempotency } from '../../access/idempotency.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import type { Rates } from '../../access/rates.ts';
import type { Published, Recipients as RecipientsPreview } from '../../api/schema-types.ts';
import type { Ids } from '../../kernel/ids.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf, type ProblemKind } from '../../kernel/problem.ts';
import type { Publishing } from '../../sharing/intake/publishing.ts';
import type { ValuePublishing } from '../../sharing/publishing/value-publishing.ts';
import type { Search } from '../../sharing/reading/search.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import { valueName, type NewIndicator } from '../../stix/values/indicator.ts';
import { Said } from '../shared/message-page.tsx';
import { sendView as page, sentencesOf } from '../shared/send-view.tsx';
import {
  EMPTY,
  MOST_VALUES,
  formOf,
  submissionOf,
  type PublishFault,
  type PublishForm,
  type ReadRow,
  type Submission,
} from './publish-form.ts';
import { PublishPage } from './views/publish.tsx';
import { PreviewPage, ResultPage, type ValueShown } from './views/publish-preview.tsx';

/** Number of objects that a preview names beside a value. */
const MOST_KNOWN = 3;
/** Number of reasons that a preview tells about a member. */
const MOST_TOLD = 3;
export interface PublishServices {
  readonly hub: string;
  readonly publishing: Pick<Publishing, 'writable'>;
  readonly values: Pick<ValuePublishing, 'publish' | 'preview'>;
  readonly search: Pick<Search, 'find'>;
  readonly idempotency: Pick<Idempotency, 'once'>;
  readonly rates: Pick<Rates, 'take'>;
  readonly ids: Ids;
}

interface PublishPages extends PublishServices {
  readonly field: (request: Request, name: string) => string;
  readonly signedIn: (request: Request, response: Response) => Promise<AccountPrincipal | undefined>;
}

/**
 * The page for new indicators: a form, a preview and the result. It uses the services of the API, which decide what the
 * person may write and see.
 */
export function publishRoutes(router: Router, services: PublishPages): void {
  const { hub, publishing, signedIn } = services;
  router.get('/publish', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    const collections = await publishing.writable(who);
    const [first] = collections;
    const form = { ...EMPTY, collection: first?.name ?? '' };
    page(response, 200, <PublishPage hub={hub} form={form} faults={[]} {...{ collections, most: MOST_VALUES }} />); // prettier-ignore
  });
  router.post('/publish', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    const form = formOf((name) => services.field(request, name));
    const collections = await publishing.writable(who);
    const showForm = (status: number, faults: readonly PublishFault[]): void => {
      page(response, status, <PublishPage hub={hub} form={form} {...{ faults, collections, most: MOST_VALUES }} />); // prettier-ignore
    };
    const action = services.field(request, 'do');
    if (action === 'change') {
      showForm(200, []);
      return;
    }
    const { submission, faults } = submissionOf(form, collections);
    if (submission === undefined) {
      showForm(422, faults);
      return;
    }
    try {
      services.rates.take(who.account, 'writes');
      if (action === 'publish')
        await publish(services, response, who, submission, services.field(request, 'token'));
      else await preview(services, request, response, who, submission, form);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setHeaders(response, error.headers);
      if (action === 'publish' && UNCERTAIN.has(error.kind)) {
        notKnown(hub, response, error);
        return;
      }
      const { description = '' } = error;
      const message = [error.title, description, error.hint ?? ''].filter((text) => text !== '').join('. ');
      showForm(statusOf[error.kind], [{ field: fieldOf(error), message }]);
    }
  });
}

/** Failures after which indicators may have been published, or may still be. */
const UNCERTAIN: ReadonlySet<ProblemKind> = new Set<ProblemKind>(['conflict', 'unavailable', 'internal']);

/** Says what is known about a submission whose result the page does not have. */
function notKnown(hub: string, response: Response, error: Problem): void {
  const said = {
    [accessErrors.stillProcessing().code]: {
      title: 'The indicators are being published',
      text: 'This form was sent before, and the hub is still processing it. Load this page again in a few seconds to see the result.',
    },
    [accessErrors.responseNotKept({ status: 200 }).code]: {
      title: 'The form was already processed',
      text: 'The list of results was too long to be kept. Enter the values again: the preview shows which of them are already published, if you can read them.',
    },
  }[error.code] ?? {
    title: 'The result is not known',
    text: `${sentencesOf(error)} Some of the indicators may have been published. Enter the values again: the preview shows which of them are already published, if you can read them.`,
  };
  const next = { href: '/console/publish', text: 'Publish indicators' };
  page(response, statusOf[error.kind], <Said hub={hub} next={next} {...said} />);
}

/** The field that a refusal of a service concerns. */
function fieldOf({ kind, code }: Problem): keyof PublishForm {
  if (code === 'TLN-B-422') return 'values';
  return kind === 'not-found' || kind === 'forbidden' ? 'collection' : 'values';
}

async function preview(
  services: PublishPages,
  request: Request,
  response: Response,
  who: AccountPrincipal,
  { request: asked, collection, rows, duplicates }: Submission,
  form: PublishForm,
): Promise<void> {
  const { hub } = services;
  const { items, objects, public: isPublic, limited, indicators: made } = await services.values.preview(who, collection.name, asked); // prettier-ignore
  const values: ValueShown[] = [];
  for (const [i, row] of rows.entries()) {
    const indicator = made[i];
    const object = objects[i];
    if (indicator === undefined || object === undefined) throw new Error('a value has no indicator');
    const agent = request.headers['user-agent'] ?? '';
    values.push({ ...shownValue(row, indicator, object), known: await knownOf(services, who, row, agent) });
  }
  page(
    response,
    200,
    <PreviewPage
      hub={hub}
      form={form}
      token={services.ids.uuid()}
      collection={collection}
      validUntil={made[0]?.valid_until ?? ''}
      values={values}
      duplicates={duplicates}
      recipients={items.map(({ title, objects: count, by, reasons }) => ({
        title,
        objects: count,
        reasons: [...by, ...reasons.map(({ message }) => message)].slice(0, MOST_TOLD),
      }))}
      isPublic={isPublic}
      isLimited={limited}
      published={
        objects.slice(0, rows.length).filter(({ outcome }) => outcome === 'stored' || outcome === 'held')
          .length
      }
    />,
  );
}

function shownValue(
  { value, observable }: ReadRow,
  { pattern }: NewIndicator,
  { outcome, message, warnings = [] }: RecipientsPreview['objects'][number],
): Omit<ValueShown, 'known'> {
  const said = { ...SAID, stored: 'New indicator' }[outcome];
  return {
    value,
    kind: kindOf(observable),
    name: valueName(observable),
    pattern,
    outcome: sentencesAbout(said, message, warnings),
  };
}

/** The kind of a value in words. */
function kindOf(observable: Observable): string {
  switch (observable.type) {
    case 'ipv4-addr':
      return 'IPv4 address';
    case 'ipv6-addr':
      return 'IPv6 address';
    case 'network':
      return 'Network';
    case 'endpoint':
      return 'Address with a port';
    case 'domain-name':
      return 'Domain name';
    case 'url':
      return 'URL';
    case 'email-addr':
      return 'Email address';
    case 'file':
      return Object.keys(observable.hashes)[0] ?? 'File';
    case 'x509-certificate':
      return `${Object.keys(observable.hashes)[0] ?? 'Fingerprint'} of a certificate`;
    default:
      return observable.type;
  }
}

/** Returns what the search finds for the value, among what the person can read. */
async function knownOf(
  { search }: PublishPages,
  who: AccountPrincipal,
  { observable }: ReadRow,
  agent: string,
): Promise<ValueShown['known']> {
  try {
    const { items } = await search.find(who, valueName(observable), MOST_KNOWN, undefined, agent);
    return items.map(({ id, title, collection_name: collection }) => ({ id, title, collection }));
  } catch (error) {
    // The search knows fewer kinds of values than indicators do.
    if (error instanceof Problem) return [];
    throw error;
  }
}

const SAID: Readonly<Record<Published['items'][number]['outcome'], string>> = {
  stored: 'Published',
  known: 'Known already',
  held: 'On hold for review',
  refused: 'Refused',
  pending: 'Being processed',
};

/** Returns an outcome with its reason and the warnings. Only an outcome without both is not a sentence. */
function sentencesAbout(said: string, reason: string | undefined, warnings: readonly string[]): string {
  if (reason === undefined && warnings.length === 0) return said;
  return [`${said}${reason === undefined ? '' : `: ${reason}`}.`, ...warnings].join(' ');
}

async function publish(
  { hub, values, idempotency }: PublishPages,
  response: Response,
  who: AccountPrincipal,
  { request, collection, rows }: Submission,
  token: string,
): Promise<void> {
  // A page that is sent again, by a second click or by loading it again, shows the first result.
  const { body } = await idempotency.once(
    { account: who.account, credential: JSON.stringify([who.account, '', who.session?.id ?? '']) },
    token,
    JSON.stringify(['console.publish', collection.name, request]),
    async () => {
      const items = await values.publish(who, collection.name, request);
      return { status: 200, body: JSON.stringify(items) };
    },
  );
  const items = JSON.parse(body) as Published['items'];
  page(
    response,
    200,
    <ResultPage
      hub={hub}
      collection={collection}
      published={items.filter(({ outcome }) => outcome === 'stored').length}
      items={items.slice(0, rows.length).map(({ id, outcome, message, warnings = [] }, i) => ({
        name: valueName(rows[i]?.observable),
        id,
        outcome: sentencesAbout(SAID[outcome], message, warnings),
        isReadable: collection.isReadable && (outcome === 'stored' || outcome === 'known'),
      }))}
    />,
  );
}
