import type { JSX } from 'preact';
import type { Readers, SavedList, SavedLists } from '../../../api/schema-types.ts';
import { savedListWords } from '../../../sharing/lists/list-query.ts';
import { sharingErrors } from '../../../sharing/errors.ts';
import {
  Block,
  Btn,
  Facts,
  List,
  Soundings,
  St,
  State,
  Sub,
  Table,
  Tags,
  type StateKind,
} from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Screen } from '../../shared/screen.tsx';
import { Time } from '../../shared/times.tsx';
import { textFor } from '../../shared/words.ts';
import { allowed } from '../allowed.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { nextPage } from './next-page.tsx';
import { Question } from './question.tsx';

const LISTS = '/console/lists';
/** Number of collection lists that are shown. */
const MOST_FETCHED = 50;

const STATES = {
  current: 'ok',
  held: 'warn',
  stale: 'warn',
  unpublished: 'none',
} as const satisfies Readonly<Record<SavedList['state'], StateKind>>;

type Reader = Readers['items'][number];

function listPath(name: string, part = ''): string {
  return `${LISTS}/${encodeURIComponent(name)}${part}`;
}

/** Returns the readers of lists that the person may see. */
async function listReaders({ ask, permits }: PageContext): Promise<readonly Reader[]> {
  if (!permits('listReaders')) return [];
  const readers = await allowed(ask('listReaders', { query: { limit: '1000' } }));
  return (readers?.items ?? []).filter(({ kind }) => kind === 'list');
}

/** Returns the readers of a saved list, each account once: a list of several collections has a reader in each. */
function readersOf(readers: readonly Reader[], name: string): readonly Reader[] {
  const own = readers.filter(({ filters }) => filters.startsWith(savedListWords(name)));
  return [...new Map(own.toSorted(bySeen).map((reader) => [reader.account, reader])).values()].toReversed();
}

function bySeen({ last_seen: a = '' }: Reader, { last_seen: b = '' }: Reader): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function omittedIn({ omitted }: SavedList): number {
  return omitted.reduce((sum, { count }) => sum + count, 0);
}

/** The saved lists that the person may see, and the lists of collections that tools fetch. */
export const listsPage: ConsolePage = {
  path: '/lists',
  title: (m) => m.lists.lists,
  nav: 'Network',
  needs: 'listLists',
  show: async (context) => {
    const { ask, query } = context;
    const [page, readers] = await Promise.all([
      ask('listLists', { query: { limit: '100', after: query('after') } }),
      listReaders(context),
    ]);
    return <ListsView page={page} readers={readers} />;
  },
};

interface ListsProps {
  readonly page: SavedLists;
  readonly readers: readonly Reader[];
}

function ListsView({ page, readers }: ListsProps): JSX.Element {
  const t = useMessages().lists;
  const held = page.items.filter(({ state }) => state === 'held');
  const [first] = held;
  return (
    <Screen title={t.lists} refreshes note={t.note}>
      {first === undefined ? undefined : (
        <State kind="warn" action={<Btn href={listPath(first.name)}>{t.lookAt(first.name)}</Btn>}>
          <strong>{t.waiting(held.length)}</strong> {t.before}
        </State>
      )}
      <Saved page={page} readers={readers} />
      <Fetched readers={readers} />
    </Screen>
  );
}

function Saved({ page, readers }: ListsProps): JSX.Element {
  const messages = useMessages();
  const { lists: t, words } = messages;
  return (
    <Block title={t.saved} raw foot={nextPage(LISTS, page, messages)}>
      {page.items.length === 0 ? (
        <Empty title={t.none} actions={<Btn href="/console/collections">{t.toCollections}</Btn>}>
          {t.createWith(<code>talanoa list create</code>)}
        </Empty>
      ) : (
        <Table
          caption={t.saved}
          columns={[
            { title: t.list },
            { title: t.state, bare: true },
            { title: t.values, class: 'num' },
            { title: t.leftOut, class: 'num' },
            { title: t.fetchedBy, class: 'num' },
            { title: t.lastFetch, class: 'nw' },
          ]}
          rows={page.items.map((list) => {
            const own = readersOf(readers, list.name);
            const last = own[0]?.last_seen;
            return {
              key: list.name,
              cells: [
                <>
                  <a href={listPath(list.name)}>{list.title ?? list.name}</a>
                  <Sub>{t.formatOf(list.format, list.owner)}</Sub>
                </>,
                <St kind={STATES[list.state]}>{t.states[list.state]}</St>,
                words.count(list.entries),
                words.count(omittedIn(list)),
                words.count(own.length),
                last === undefined ? t.never : <Time at={last} />,
              ],
            };
          })}
        />
      )}
    </Block>
  );
}

/** The lists of collections, by their formats, with the accounts that fetch them. */
function Fetched({ readers }: { readonly readers: readonly Reader[] }): JSX.Element {
  const { lists: t, words } = useMessages();
  const fetched = readers.filter(({ filters }) => filters.startsWith('format=')).toSorted(bySeen);
  return (
    <Block
      title={t.ofCollections}
      id="fetched"
      raw
      foot={fetched.length > MOST_FETCHED ? t.newestOf(MOST_FETCHED, fetched.length) : undefined}
    >
      {fetched.length === 0 ? (
        <Empty title={t.nobodyFetches} actions={<Btn href="/console/collections">{t.toCollections}</Btn>}>
          {t.openACollection}
        </Empty>
      ) : (
        <Table
          caption={t.ofCollections}
          columns={[
            { title: t.collection },
            { title: t.format },
            { title: t.account },
            { title: t.requests, class: 'num' },
            { title: t.lastFetch, class: 'nw' },
          ]}
          rows={fetched
            .toReversed()
            .slice(0, MOST_FETCHED)
            .map((reader) => ({
              key: `${reader.collection} ${reader.account} ${reader.filters}`,
              cells: [
                <a href={`/console/collections/${encodeURIComponent(reader.name)}/connect`}>{reader.name}</a>,
                <code>{reader.filters.slice('format='.length).split(' ')[0]}</code>,
                <>
                  {reader.account}
                  {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
                </>,
                words.count(reader.requests),
                reader.last_seen === undefined ? t.never : <Time at={reader.last_seen} />,
              ],
            }))}
        />
      )}
    </Block>
  );
}

function listOf({ ask, path }: PageContext): Promise<SavedList> {
  return ask('getList', { parameters: { list: path['list'] ?? '' } });
}

/** One saved list: its content, what it leaves out and why, and who fetches it. */
export const listPage: ConsolePage = {
  path: '/lists/:list',
  title: (m) => m.lists.list,
  needs: 'getList',
  show: async (context) => {
    const [list, readers] = await Promise.all([listOf(context), listReaders(context)]);
    return (
      <ListView
        list={list}
        readers={readersOf(readers, list.name)}
        canConfirm={context.permits('confirmList')}
        said={textFor(context.messages.lists.done, context.query('done'))}
      />
    );
  },
};

interface ListProps {
  readonly list: SavedList;
  readonly readers: readonly Reader[];
  readonly canConfirm: boolean;
  readonly said: string | undefined;
}

function ListView({ list, readers, canConfirm, said }: ListProps): JSX.Element {
  const { lists: t, words } = useMessages();
  return (
    <Screen
      title={list.title ?? list.name}
      crumb={[LISTS, t.lists]}
      note={<St kind={STATES[list.state]}>{t.states[list.state]}</St>}
    >
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      <Held list={list} canConfirm={canConfirm} />
      <Soundings
        items={[
          { title: t.values, value: words.count(list.entries), note: t.most(list.max_entries) },
          { title: t.leftOut, value: words.count(omittedIn(list)), note: t.byReason(list.omitted.length) },
          { title: t.fetchedBy, value: words.count(readers.length), note: t.accountsThatYouCanSee },
        ]}
      />
      <Two
        left={
          <>
            <Omitted list={list} />
            <Pulls readers={readers} />
          </>
        }
        right={<ListFacts list={list} />}
      />
    </Screen>
  );
}

/** Content that waits for a person. */
function Held({ list, canConfirm }: Pick<ListProps, 'list' | 'canConfirm'>): JSX.Element | undefined {
  const t = useMessages().lists;
  const { held } = list;
  if (held === undefined) return undefined;
  return (
    <State
      kind="warn"
      action={canConfirm ? <Btn href={listPath(list.name, '/confirm')}>{t.decide}</Btn> : undefined}
    >
      <strong>{t.held[held.reason](list.entries, held.entries)}</strong>{' '}
      {t.waitsSince(<Time at={held.since} />)}
    </State>
  );
}

function Omitted({ list: { omitted } }: { readonly list: SavedList }): JSX.Element {
  const messages = useMessages();
  const { lists: t, connect } = messages;
  return (
    <Block title={t.whatIsLeftOut} id="omitted" raw={omitted.length > 0}>
      {omitted.length === 0 ? (
        <p>{t.nothingIsLeftOut}</p>
      ) : (
        <List
          items={omitted.map(({ reason, count }) => ({
            key: reason,
            kind: 'off' as const,
            text: connect.leftOut(count, textFor(connect.reasons, reason) ?? reason),
            ...(reason === 'prefix-too-short' ? { note: connect.wideNetworks } : {}),
          }))}
        />
      )}
    </Block>
  );
}

function Pulls({ readers }: { readonly readers: readonly Reader[] }): JSX.Element {
  const { lists: t, words } = useMessages();
  return (
    <Block title={t.whoFetchesIt} id="pulls" raw>
      {readers.length === 0 ? (
        <Empty title={t.notFetched}>{t.theAddressIsReady}</Empty>
      ) : (
        <Table
          caption={t.whoFetchesIt}
          columns={[
            { title: t.account },
            { title: t.program },
            { title: t.requests, class: 'num' },
            { title: t.lastFetch, class: 'nw' },
          ]}
          rows={readers.map((reader) => ({
            key: reader.account,
            cells: [
              <>
                {reader.account}
                {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
              </>,
              reader.agent,
              words.count(reader.requests),
              reader.last_seen === undefined ? t.never : <Time at={reader.last_seen} />,
            ],
          }))}
        />
      )}
    </Block>
  );
}

function ListFacts({ list }: { readonly list: SavedList }): JSX.Element {
  const { lists: t, words } = useMessages();
  return (
    <Block title={t.facts} id="facts">
      <Facts
        items={[
          [t.address, <code data-copy="">{list.url}</code>],
          [t.format, <code>{list.format}</code>],
          [t.owner, list.owner],
          [t.collections, <Tags items={list.collections} />],
          [t.types, <Tags items={list.types} />],
          [t.labels, list.labels.length === 0 ? undefined : <Tags items={list.labels} />],
          [t.confidence, words.count(list.min_confidence)],
          [t.sources, words.count(list.sources)],
          [t.maxAge, list.max_age === undefined ? undefined : t.days(list.max_age)],
          [t.published, list.published === undefined ? t.never : <Time at={list.published} />],
          [t.checked, list.checked === undefined ? t.never : <Time at={list.checked} />],
          [t.changed, <Time at={list.changed} />],
        ]}
      />
      <p class="small muted">{t.changeWith(<code>talanoa list update {list.name}</code>)}</p>
    </Block>
  );
}

/** Publishing content that is on hold. */
export const confirmListPage: ConsolePage = {
  path: '/lists/:list/confirm',
  title: (m) => m.lists.decide,
  needs: 'confirmList',
  show: async (context, form) => {
    const t = context.messages.lists;
    const { name, entries, held } = await listOf(context);
    if (held === undefined) throw sharingErrors.savedListNothingHeld({ name });
    return (
      <Question
        title={t.publishQuestion(held.entries)}
        above={[listPath(name), name]}
        form={form}
        action={t.publish(held.entries)}
        keep={t.keep}
        isDangerous
      >
        <List
          items={[
            { key: 'why', kind: 'warn', text: t.held[held.reason](entries, held.entries) },
            { key: 'tools', kind: 'info', text: t.toolsGetIt },
          ]}
        />
        <input type="hidden" name="entries" value={held.entries} />
      </Question>
    );
  },
  act: async ({ ask, path }, form) => {
    const { list: name = '' } = path;
    const entries = Number(form.field('entries'));
    // The content can have changed since the question. The hub publishes only what the person has seen.
    if (!Number.isSafeInteger(entries)) throw sharingErrors.savedListNothingHeld({ name });
    await ask('confirmList', { parameters: { list: name }, body: { entries } });
    return `${listPath(name)}?done=confirmed`;
  },
};
