import { hash } from 'node:crypto';
import type { Request, Response, Router } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../access/authenticate.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Idempotency } from '../../access/idempotency.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import type { Rates } from '../../access/rates.ts';
import type { Published } from '../../api/schema-types.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem, statusOf, type ProblemKind } from '../../kernel/problem.ts';
import { sharingErrors } from '../../sharing/errors.ts';
import type { Publishing, WritableCollection } from '../../sharing/intake/publishing.ts';
import type { ValuePublishing } from '../../sharing/publishing/value-publishing.ts';
import type { Search } from '../../sharing/reading/search.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import { valueName } from '../../stix/values/indicator.ts';
import { MessagePage } from '../shared/message-page.tsx';
import type { Messages } from '../shared/messages/en.ts';
import { sendView as page, sentencesOf, textsOf } from '../shared/send-view.tsx';
import type { PageOperations } from './ask.ts';
import {
  EMPTY,
  formOf,
  submissionOf,
  type FieldName,
  type PublishFault,
  type PublishForm,
  type ReadRow,
  type Submission,
} from './publish-form.ts';
import { packReceipt, receiptOf, receiptOwner, type Receipt } from './publish-receipt.ts';
import { PublishPage } from './views/publish.tsx';
import type { CheckShown, ValueShown } from './views/publish-check.tsx';

/** Number of objects that a check names next to a value. */
const MOST_KNOWN = 3;
/** Number of reasons that a check shows for a member. */
const MOST_TOLD = 3;
const DAY_MS = 86_400_000;

export interface PublishServices {
  readonly hub: string;
  readonly publishing: Pick<Publishing, 'writable'>;
  readonly values: Pick<ValuePublishing, 'publish' | 'preview'>;
  readonly search: Pick<Search, 'find'>;
  readonly idempotency: Pick<Idempotency, 'once' | 'recall'>;
  readonly rates: Pick<Rates, 'take'>;
  readonly ids: Ids;
}

/** The services that the pages about publishing use. */
export interface PublishPages extends PublishServices {
  readonly pages: PageOperations;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly now: () => number;
  readonly field: (request: Request, name: string) => string;
  readonly signedIn: (request: Request, response: Response) => Promise<AccountPrincipal | undefined>;
}

/** The choices of the form. */
interface Offered {
  readonly collections: readonly WritableCollection[];
  readonly members: readonly { readonly name: string; readonly title: string }[];
}

/**
 * The page for new indicators: a form, a check of it, and the receipt. It uses the services of the API, which decide
 * what the person may write and see.
 */
export function publishRoutes(router: Router, services: PublishPages): void {
  const { hub, signedIn, idempotency } = services;
  router.get('/publish', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    const offered = await offeredTo(services, who, request);
    const like = typeof request.query['like'] === 'string' ? request.query['like'] : '';
    const before = await receiptOf(idempotency, who, like);
    const [first] = offered.collections;
    const form = before?.form ?? { ...EMPTY, collection: first?.name ?? '' };
    page(response, 200, <PublishPage form={form} faults={[]} {...offered} />);
  });
  router.post('/publish', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    const form = formOf((name) => services.field(request, name));
    const offered = await offeredTo(services, who, request);
    const showForm = (status: number, faults: readonly PublishFault[]): void => {
      page(response, status, <PublishPage form={form} faults={faults} {...offered} />);
    };
    const { submission, faults } = submissionOf(form, offered.collections, textsOf(response));
    if (submission === undefined) {
      showForm(422, faults);
      return;
    }
    const isPublishing = services.field(request, 'do') === 'publish';
    // The hub publishes only the form that the check has shown.
    const isChanged = isPublishing && services.field(request, 'checked') !== digestOf(form);
    try {
      services.rates.take(who.account, 'writes');
      if (isPublishing && !isChanged) {
        const token = services.field(request, 'token');
        await publish(services, who, submission, form, token);
        response.redirect(303, `/console/publish/receipt/${token}`);
        return;
      }
      const check = await checked(services, request, who, submission, form, textsOf(response));
      page(response, 200, <PublishPage form={form} faults={[]} {...offered} {...{ check, isChanged }} />);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setHeaders(response, error.headers);
      if (isPublishing && UNCERTAIN.has(error.kind)) {
        notKnown(hub, response, error);
        return;
      }
      const { description = '' } = error;
      const message = [error.title, description, error.hint ?? ''].filter((text) => text !== '').join('. ');
      showForm(statusOf[error.kind], [{ field: fieldOf(error), message }]);
    }
  });
}

/** Shows a form with a check of it, or with its faults. In an empty field, it has the first choice. */
export async function showCheck(
  services: PublishPages,
  who: AccountPrincipal,
  request: Request,
  response: Response,
  given: PublishForm,
): Promise<void> {
  const offered = await offeredTo(services, who, request);
  const form = { ...given, collection: given.collection || (offered.collections[0]?.name ?? '') };
  const { submission, faults } = submissionOf(form, offered.collections, textsOf(response));
  const check =
    submission === undefined
      ? undefined
      : await checked(services, request, who, submission, form, textsOf(response));
  page(response, faults.length === 0 ? 200 : 422, <PublishPage {...{ form, faults, check }} {...offered} />);
}

/** Returns what identifies a form, so that a form that was changed after its check is not published unseen. */
function digestOf(form: PublishForm): string {
  // Browsers send all line breaks as CR LF.
  return hash('sha256', JSON.stringify(form).replaceAll(String.raw`\r\n`, String.raw`\n`));
}

async function offeredTo(
  { publishing, pages }: PublishPages,
  who: AccountPrincipal,
  request: Request,
): Promise<Offered> {
  const collections = await publishing.writable(who);
  // Only hub staff publish on behalf of members.
  if (who.member !== undefined || who.role === 'machine') return { collections, members: [] };
  const { items } = await pages.asking(who, request)('listMembers', { query: { limit: '1000' } });
  return { collections, members: items.filter(({ active }) => active) };
}

/** Failures after which indicators may have been published, or may still be. */
const UNCERTAIN: ReadonlySet<ProblemKind> = new Set<ProblemKind>(['conflict', 'unavailable', 'internal']);

/** Shows what is known about a submission whose result the page does not have. */
function notKnown(hub: string, response: Response, error: Problem): void {
  const t = textsOf(response).publish;
  const said = {
    [accessErrors.stillProcessing().code]: { title: t.publishing, text: t.publishingText },
    [accessErrors.responseNotKept({ status: 200 }).code]: { title: t.processed, text: t.processedText },
  }[error.code] ?? { title: t.unknown, text: t.unknownText(sentencesOf(error)) };
  const next = { href: '/console/publish', text: t.title };
  page(response, statusOf[error.kind], <MessagePage hub={hub} next={next} {...said} />);
}

/** The field that a refusal of a service concerns. */
function fieldOf({ kind, code }: Problem): FieldName {
  if (code === sharingErrors.invalidStart().code) return 'from';
  if (code === 'TLN-B-422') return 'values';
  return kind === 'not-found' || kind === 'forbidden' ? 'collection' : 'values';
}

async function checked(
  services: PublishPages,
  request: Request,
  who: AccountPrincipal,
  { request: asked, collection, rows, duplicates }: Submission,
  form: PublishForm,
  messages: Messages,
): Promise<CheckShown> {
  const { items, objects, public: isPublic, limited, indicators: made } = await services.values.preview(who, collection.name, asked); // prettier-ignore
  const agent = request.headers['user-agent'] ?? '';
  const values: ValueShown[] = [];
  for (const [i, row] of rows.entries()) {
    const indicator = made[i];
    const object = objects[i];
    if (indicator === undefined || object === undefined) throw new Error('a value has no indicator');
    values.push({
      kind: kindOf(row.observable, messages),
      name: valueName(row.observable),
      pattern: indicator.pattern,
      outcome: object.outcome,
      notes: notesOf(object),
      known: await knownOf(services, who, row, agent),
    });
  }
  const first = values.findIndex(({ outcome }) => outcome === 'stored');
  return {
    token: services.ids.uuid(),
    digest: digestOf(form),
    validUntil: made[0]?.valid_until ?? '',
    values,
    duplicates,
    recipients: items.map(({ title, objects: count, by, reasons }) => ({
      title,
      objects: count,
      reasons: [...by, ...reasons.map(({ message }) => message)].slice(0, MOST_TOLD),
    })),
    isPublic,
    isLimited: limited,
    objects: objects.filter(({ outcome }) => outcome === 'stored' || outcome === 'held').length,
    published: values.filter(({ outcome }) => outcome === 'stored' || outcome === 'held').length,
    sightings: asked.if_known === 'sighting' ? values.filter(({ outcome }) => outcome === 'known').length : 0,
    malware: asked.malware ?? '',
    sample: first < 0 ? undefined : JSON.stringify(made[first], undefined, 2),
  };
}

/** Returns the reason of an outcome and the warnings as sentences. The reason of a refusal names the warnings. */
function notesOf({
  outcome,
  message,
  warnings = [],
}: Pick<Published['items'][number], 'outcome' | 'message' | 'warnings'>): readonly string[] {
  const reason = message === undefined ? [] : [`${message.charAt(0).toUpperCase()}${message.slice(1)}.`];
  return outcome === 'refused' ? reason : [...reason, ...warnings];
}

/** The kind of a value in words. */
function kindOf(observable: Observable, { valueKinds: t }: Messages): string {
  switch (observable.type) {
    case 'ipv4-addr':
      return t.ipv4Address;
    case 'ipv6-addr':
      return t.ipv6Address;
    case 'network':
      return t.network;
    case 'endpoint':
      return t.addressWithAPort;
    case 'domain-name':
      return t.domainName;
    case 'url':
      return 'URL';
    case 'email-addr':
      return t.emailAddress;
    case 'file':
      return Object.keys(observable.hashes)[0] ?? t.file;
    case 'x509-certificate':
      return t.ofACertificate(Object.keys(observable.hashes)[0] ?? t.fingerprint);
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

/** Publishes a form once, however often it is sent, and keeps the receipt. */
async function publish(
  { values, idempotency, now }: PublishPages,
  who: AccountPrincipal,
  { request, collection, rows }: Submission,
  form: PublishForm,
  token: string,
): Promise<void> {
  await idempotency.once(
    receiptOwner(who),
    token,
    JSON.stringify(['console.publish', collection.name, request]),
    async () => {
      const items = await values.publish(who, collection.name, request);
      const { name, title, isReadable } = collection;
      const start = request.valid_from === undefined ? now() : Date.parse(request.valid_from);
      const receipt: Receipt = {
        form,
        collection: { name, title, isReadable },
        until: new Date(start + request.valid_days * DAY_MS).toISOString(),
        items: items.slice(0, rows.length).map((item, i) => ({
          id: item.id,
          outcome: item.outcome,
          name: valueName(rows[i]?.observable),
          notes: notesOf(item),
        })),
        beside: items.slice(rows.length).flatMap(({ id, outcome }) => (outcome === 'stored' ? [id] : [])),
      };
      return { status: 200, body: packReceipt(receipt) };
    },
  );
}
