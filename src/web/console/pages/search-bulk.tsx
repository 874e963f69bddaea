import type { JSX } from 'preact';
import { Problem } from '../../../kernel/problem.ts';
import { texts } from '../../../stix/types.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, List, State, St, Table } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Details, Field } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { sentencesOf } from '../../shared/send-view.tsx';
import type { ConsolePage, Form, PageContext } from '../page-table.ts';
import { addressOf, type ViewParameters } from '../search-address.ts';
import { objectPath } from './object-state.tsx';
import { markOf, seenVersion, selectionOf, viewIn, type Selection } from './bulk-selection.ts';
import type { BulkAction } from './search-selection.tsx';

/** Number of objects that the question and the result name. */
const MOST_NAMED = 100;
/** Number of objects with new versions that a refusal names. */
const MOST_CHANGED = 5;
/** Number of results, and the length of the reason of each, that are kept for a form that is sent again. */
const MOST_KEPT = 80;
const LONGEST_REASON = 100;

/** The result of one object. */
interface RowResult {
  readonly id: string;
  readonly outcome: 'done' | 'known' | 'failed';
  readonly why?: string;
}

/**
 * Does something with several results of a search, after a question. Each object is decided by the operation for a
 * single one, so nobody can do to many objects what they cannot do to each of them.
 */
export const bulkPage: ConsolePage = {
  path: '/search/act',
  title: (m) => m.bulk.search,
  needs: 'getSearchView',
  show: async (context, form) => {
    if (form.names.length === 0) return <NothingSelected />;
    const selection = await selectionOf(context, form);
    return <Confirm form={form} selection={selection} token={context.token()} />;
  },
  act: async (context, form) => {
    const token = form.field('token');
    if (token === undefined) {
      const selection = await selectionOf(context, form);
      return <Confirm form={form} selection={selection} token={context.token()} />;
    }
    const request = JSON.stringify(['console.bulk', ...form.names.map((name) => [name, form.field(name)])]);
    let fresh: readonly RowResult[] | undefined;
    const kept = await context.once(token, request, async () => {
      fresh = await performed(context, form, await seenSelection(context, form));
      return packed(fresh);
    });
    const result = unpacked(kept);
    const view = viewIn(form);
    return (
      <Done result={{ ...result, rows: fresh ?? result.rows }} isFirst={fresh !== undefined} view={view} />
    );
  },
};

/**
 * Returns the selection of a form that was confirmed. It consists of exactly the objects that the person has seen, in the
 * versions that were the newest ones then.
 */
async function seenSelection(context: PageContext, form: Form): Promise<Selection> {
  const selection = await selectionOf(context, form);
  const { ids } = selection;
  const seen = new Set((form.field('seen') ?? '').split(' '));
  const changed = ids.filter((id) => !seen.has(markOf(selection, id)));
  const before = Number(form.field('total'));
  if (changed.length === 0 && before === ids.length) return selection;
  const t = context.messages.bulk.faults;
  const parts = [
    ...(before === ids.length ? [] : [t.number(before, ids.length)]),
    ...(changed.length === 0 ? [] : [t.revised(changed.length, changed.slice(0, MOST_CHANGED).join(', '))]),
  ];
  throw webErrors.invalidInput({ description: t.changed(parts.join(' ')) });
}

/** Asks the operation for a single object about each object. */
async function performed(
  context: PageContext,
  form: Form,
  selection: Selection,
): Promise<readonly RowResult[]> {
  const { action, ids } = selection;
  const { ask, messages } = context;
  const t = messages.bulk.faults;
  const label = form.field('label')?.trim() ?? '';
  const members = (form.field('members') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const reason = form.field('reason');
  if (action === 'label' && (label === '' || label.length > 200))
    throw webErrors.invalidInput({ description: t.label });
  if (action === 'share' && members.length === 0) throw webErrors.invalidInput({ description: t.members });
  if (action === 'seen' || action === 'false-positive') {
    const kind = action === 'seen' ? 'sighting' : action;
    const note = reason === undefined ? {} : { note: reason };
    const items = ids.map((object) => ({ object, kind, ...note }) as const);
    const { items: outcomes } = await ask('sendFeedback', { body: { items } });
    return outcomes.map(({ outcome, message }, i) => ({
      id: ids[i] ?? '',
      outcome: outcome === 'stored' ? 'done' : 'failed',
      ...(message === undefined ? {} : { why: message }),
    }));
  }
  const rows: RowResult[] = [];
  for (const id of ids) rows.push(await one(id));
  return rows;

  async function one(id: string): Promise<RowResult> {
    const parameters = { object: id };
    const query = seenVersion(selection, id);
    try {
      if (action === 'share') {
        const body = { members, ...(reason === undefined ? {} : { reason }) };
        await ask('shareObject', { parameters, body });
        return { id, outcome: 'done' };
      }
      if (action === 'revoke') return changed(id, (await ask('revokeObject', { parameters, query })).items);
      const { object } = await ask('getObject', { parameters });
      const labels = texts({ ...object }, 'labels');
      if (labels.includes(label)) return { id, outcome: 'known' };
      const body = { labels: [...labels, label] };
      return changed(id, (await ask('reviseObject', { parameters, query, body })).items);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { id, outcome: 'failed', why: sentencesOf(error) };
    }
  }
}

/** The result of a new version of an object in its collections. */
function changed(
  id: string,
  items: readonly { readonly outcome: string; readonly message?: string | undefined }[],
): RowResult {
  if (items.some(({ outcome }) => outcome === 'stored' || outcome === 'known'))
    return { id, outcome: 'done' };
  const why = items.flatMap(({ message }) => message ?? []).join(' ');
  return { id, outcome: 'failed', ...(why === '' ? {} : { why }) };
}

/** The results as they are kept for a form that is sent again: failures first, and as many as fit. */
function packed(rows: readonly RowResult[]): string {
  const short = rows.map(({ id, outcome, why }) => [id, outcome, why?.slice(0, LONGEST_REASON)]);
  const order = ['failed', 'known', 'done'];
  short.sort((a, b) => order.indexOf(String(a[1])) - order.indexOf(String(b[1])));
  const count = (wanted: string): number => rows.filter(({ outcome }) => outcome === wanted).length;
  return JSON.stringify({ done: count('done') + count('known'), all: rows.length, rows: short.slice(0, MOST_KEPT) }); // prettier-ignore
}

interface Kept {
  readonly done: number;
  readonly all: number;
  readonly rows: readonly RowResult[];
}

function unpacked(text: string): Kept {
  const { done, all, rows } = JSON.parse(text) as Omit<Kept, 'rows'> & {
    readonly rows: readonly [string, RowResult['outcome'], string?][];
  };
  return {
    done,
    all,
    rows: rows.map(([id, outcome, why]) => ({ id, outcome, ...(typeof why === 'string' ? { why } : {}) })),
  };
}

function NothingSelected(): JSX.Element {
  const t = useMessages().bulk;
  return (
    <Screen title={t.search} crumb={['/console/search', t.search]}>
      <State kind="info">{t.faults.none}</State>
    </Screen>
  );
}

interface ConfirmProps {
  readonly form: Form;
  readonly selection: Selection;
  readonly token: string;
}

/** The question before the action: its consequences, the number of objects, and the fields that it needs. */
function Confirm({ form, selection, token }: ConfirmProps): JSX.Element {
  const { action, ids, view } = selection;
  const t = useMessages().bulk;
  const above = view === undefined ? '/console/search' : addressOf(view);
  const isDangerous = action === 'revoke';
  return (
    <Screen title={t.titles[action](ids.length)} crumb={[above, t.search]}>
      {form.fault === undefined ? undefined : (
        <State kind="bad" live="alert">
          {form.fault}
        </State>
      )}
      <form method="post" class="narrow">
        <Hidden form={form} selection={selection} token={token} />
        <Block title={t.willHappen} raw>
          <List
            items={[...t.consequences[action], t.each].map((text, i) => ({
              key: String(i),
              kind: isDangerous ? 'warn' : 'info',
              text,
            }))}
          />
          <div class="in">
            <Inputs action={action} form={form} />
            <Objects ids={ids} />
          </div>
        </Block>
        <div class="acts">
          <Btn look={isDangerous ? 'go stop' : 'go'}>{t.buttons[action](ids.length)}</Btn>
          <Btn href={above}>{t.keep}</Btn>
        </div>
      </form>
    </Screen>
  );
}

/** The selection as the person sees it. */
function Hidden({ form, selection, token }: ConfirmProps): JSX.Element {
  const { action, ids, isAll } = selection;
  return (
    <>
      <input type="hidden" name="do" value={action} />
      <input type="hidden" name="view" value={form.field('view') ?? ''} />
      <input type="hidden" name="total" value={ids.length} />
      <input type="hidden" name="seen" value={ids.map((id) => markOf(selection, id)).join(' ')} />
      <input type="hidden" name="token" value={token} />
      {isAll ? (
        <input type="hidden" name="all" value="1" />
      ) : (
        <input type="hidden" name="ids" value={ids.join(' ')} />
      )}
    </>
  );
}

/** The first objects of the selection. */
function Objects({ ids }: { readonly ids: readonly string[] }): JSX.Element {
  const t = useMessages().bulk;
  return (
    <Details summary={t.objects(ids.length)}>
      <ul class="prose">
        {ids.slice(0, MOST_NAMED).map((id) => (
          <li key={id}>
            <a class="mono" href={objectPath(id)}>
              {id}
            </a>
          </li>
        ))}
        {ids.length > MOST_NAMED ? <li>{t.andMore(ids.length - MOST_NAMED)}</li> : undefined}
      </ul>
    </Details>
  );
}

function Inputs({
  action,
  form,
}: {
  readonly action: BulkAction;
  readonly form: Form;
}): JSX.Element | undefined {
  const t = useMessages().bulk;
  if (action === 'revoke') return undefined;
  if (action === 'label')
    return (
      <Field name="label" label={t.label}>
        {(described) => <input {...described} value={form.field('label') ?? ''} maxLength={200} required />}
      </Field>
    );
  return (
    <>
      {action === 'share' ? (
        <Field name="members" label={t.members} hint={t.membersHint}>
          {(described) => <input {...described} value={form.field('members') ?? ''} required />}
        </Field>
      ) : undefined}
      <Field name="reason" label={t.reason}>
        {(described) => <input {...described} value={form.field('reason') ?? ''} maxLength={300} />}
      </Field>
    </>
  );
}

/** The result of each object. */
function Done({
  result: { done, all, rows },
  isFirst,
  view,
}: {
  readonly result: Kept;
  readonly isFirst: boolean;
  readonly view: ViewParameters | undefined;
}): JSX.Element {
  const t = useMessages().bulk;
  const above = view === undefined ? '/console/search' : addressOf(view);
  return (
    <Screen title={t.results} crumb={[above, t.search]}>
      <State kind={done === all ? 'ok' : 'warn'} live="status">
        <strong>{t.done(done, all)}</strong>
        {isFirst ? '' : ` ${t.again}`}
      </State>
      <Block
        title={t.results}
        id="rows"
        raw
        foot={all > rows.length ? t.andMore(all - rows.length) : undefined}
      >
        <Table
          caption={t.results}
          columns={[{ title: t.object, class: 'lead' }, { title: t.outcome, bare: true }, { title: t.why }]}
          rows={rows.map(({ id, outcome, why }) => ({
            key: id,
            cells: [
              <a class="mono" href={objectPath(id)}>
                {id}
              </a>,
              <St kind={outcome === 'failed' ? 'bad' : outcome === 'known' ? 'info' : 'ok'}>
                {t.outcomes[outcome]}
              </St>,
              why,
            ],
          }))}
        />
      </Block>
      <Btn href={above}>{t.back}</Btn>
    </Screen>
  );
}
