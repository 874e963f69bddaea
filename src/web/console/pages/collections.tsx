import type { JSX } from 'preact';
import type { Collections, Overview, Readers, Rules } from '../../../api/schema-types.ts';
import { LIST_TOOLS } from '../../../sharing/lists/tools.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, Facts, St, Sub, Table, Tags, TlpLabel } from '../../shared/components.tsx';
import { Empty, Field, Select, Tabs, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted, typeInWords } from '../../shared/words.ts';
import { allowed } from '../allowed.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { ConnectView } from './connect-view.tsx';
import { newKeyPath } from './key-fields.tsx';
import { ObjectState, objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';

const COLLECTIONS = '/console/collections';

type Readable = Overview['readable'][number];
type Grants = Collections['items'][number]['grants'];

/** A collection, with what the person may know about it. */
interface Shown {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly root: string;
  readonly level: Readable['max_tlp'];
  /** True if the person can read it. */
  readonly isReadable: boolean;
  /** The grants, for hub staff. */
  readonly grants: Grants | undefined;
}

/** Returns the collections that the person can read, and for hub staff all the others as well. */
async function shownTo({ ask, permits }: PageContext): Promise<readonly Shown[]> {
  const { readable } = await ask('getOverview');
  const all = permits('listCollections')
    ? (await ask('listCollections', { query: { limit: '1000' } })).items
    : [];
  const own = new Set(readable.map(({ id }) => id));
  return [
    ...readable.map(({ id, name, title, api_root: root, max_tlp: level }) => ({
      id,
      name,
      title,
      root,
      level,
      isReadable: true,
      grants: all.find((one) => one.id === id)?.grants,
    })),
    ...all
      .filter(({ id }) => !own.has(id))
      .map(({ id, alias, title, api_root: root, max_tlp: level, grants }) => ({
        id,
        name: alias ?? id,
        title,
        root,
        level,
        isReadable: false,
        grants,
      })),
  ];
}

function collectionPath(name: string, part = ''): string {
  return `${COLLECTIONS}/${encodeURIComponent(name)}${part}`;
}

/** The collections that the person may know. */
export const collectionsPage: ConsolePage = {
  path: '/collections',
  title: 'Collections',
  nav: 'Network',
  needs: 'getOverview',
  show: async (context) => <CollectionsView items={await shownTo(context)} />,
};

function readersOf({ grants }: Shown): string | undefined {
  return grants === undefined ? undefined : grants.filter(({ read }) => read).map(({ to }) => to).join(', ');
} // prettier-ignore

function CollectionsView({ items }: { readonly items: readonly Shown[] }): JSX.Element {
  const isStaff = items.some(({ grants }) => grants !== undefined);
  return (
    <Screen title="Collections">
      <Block title="Collections that you can see" raw aside={<p>{counted(items.length, 'collection')}</p>}>
        {items.length === 0 ? (
          <Empty title="No collections">Ask an administrator of the hub for access to one.</Empty>
        ) : (
          <Table
            caption="Collections"
            columns={[
              { title: 'Collection' },
              { title: 'Maximum marking', class: 'nw', bare: true },
              { title: 'Your access', bare: true },
              ...(isStaff ? [{ title: 'Readers' }] : []),
            ]}
            rows={items.map((one) => ({
              key: one.id,
              cells: [
                <>
                  <a href={collectionPath(one.name)}>{one.title}</a>
                  <Sub>{one.name}</Sub>
                </>,
                <TlpLabel level={one.level} />,
                one.isReadable ? <St kind="ok">You can read it</St> : <St kind="off">You can’t read it</St>,
                ...(isStaff ? [readersOf(one)] : []),
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
}

/** Returns the collection that the address names. Throws a Problem of kind not-found if the person cannot see it. */
async function collectionOf(context: PageContext): Promise<Shown> {
  const wanted = context.path['collection'];
  const found = (await shownTo(context)).find(({ id, name }) => name === wanted || id === wanted);
  if (found === undefined) throw webErrors.noPage();
  return found;
}

type Part = '' | '/connect' | '/readers' | '/rules';

/** The frame of the pages of a collection. */
function CollectionScreen({
  shown,
  part,
  children,
}: {
  readonly shown: Shown;
  readonly part: Part;
  readonly children: JSX.Element;
}): JSX.Element {
  const parts: readonly (readonly [Part, string])[] = [
    ['', 'Contents'],
    ...(shown.isReadable ? [['/connect', 'Connect a tool'] as const] : []),
    ['/readers', 'Readers'],
    ...(shown.grants === undefined ? [] : [['/rules', 'Rules'] as const]),
  ];
  return (
    <Screen title={shown.title} crumb={[COLLECTIONS, 'Collections']} note={<TlpLabel level={shown.level} />}>
      <Tabs
        label="Parts of the collection"
        items={parts.map(([one, text]) => ({
          text,
          href: collectionPath(shown.name, one),
          isCurrent: one === part,
        }))}
      />
      {children}
    </Screen>
  );
}

/** The newest objects of a collection, and its addresses. */
export const collectionPage: ConsolePage = {
  path: '/collections/:collection',
  title: 'Collection',
  needs: 'getOverview',
  show: async (context) => {
    const shown = await collectionOf(context);
    const { items } = await context.ask('getOverview');
    const own = items.filter(({ collection }) => collection === shown.id);
    return (
      <CollectionScreen shown={shown} part="">
        <Two left={<Newest items={own} isReadable={shown.isReadable} />} right={<Addresses shown={shown} keyPath={keyPathFor(context, shown)} />} />
      </CollectionScreen>
    );
  },
}; // prettier-ignore

function Newest({ items, isReadable }: { readonly items: Overview['items']; readonly isReadable: boolean }): JSX.Element {
  return (
    <Block title="Newest objects" raw>
      {items.length === 0 ? (
        <Empty title={isReadable ? 'Nothing new' : 'You can’t read this collection'} actions={<Btn href="/console/search">Search the hub</Btn>}>
          {isReadable
            ? 'None of the newest objects of the hub is in this collection. Search finds all of its objects.'
            : 'Only accounts with a grant can see its objects.'}
        </Empty>
      ) : (
        <Table
          caption="New objects"
          columns={[{ title: 'Title' }, { title: 'Type', class: 'nw' }, { title: 'State', bare: true }, { title: 'Added', class: 'nw' }]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.id)}>{item.title}</a>,
              typeInWords(item.type),
              <ObjectState state={item.state} until={item.valid_until} />,
              <Time at={item.date_added} />,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

/**
 * Returns the link to the page that creates a key which reads the collection over TAXII. Undefined if the person cannot create
 * keys. Hub staff who choose a new account also give it access, unless every service account has it.
 */
function keyPathFor({ who, permits }: PageContext, { name, grants = [] }: Shown): string | undefined {
  if (!permits('createKey')) return undefined;
  const own = who.member === undefined ? {} : { account: `${who.member}-key` };
  const isOpen = grants.some(({ to, read }) => read && (to === 'public' || to === 'role:machine'));
  return newKeyPath({
    ...(who.member === undefined && !permits('createAccount') ? { account: who.name } : own),
    label: 'TAXII client',
    scopes: ['taxii:read'],
    only: [name],
    ...(isOpen || !permits('createGrant') ? {} : { collections: [name] }),
  });
}

function Addresses({
  shown,
  keyPath,
}: {
  readonly shown: Shown;
  readonly keyPath: string | undefined;
}): JSX.Element {
  return (
    <Block title="For TAXII clients">
      <Facts
        items={[
          ['API root', <code>{`/${shown.root}/`}</code>],
          ['Collection ID', <code>{shown.id}</code>],
          ['Alias', shown.name === shown.id ? undefined : <code>{shown.name}</code>],
          ['Sign-in', 'HTTP Basic or Bearer with a key'],
        ]}
      />
      {keyPath === undefined ? undefined : <Btn href={keyPath}>Create a key</Btn>}
    </Block>
  );
}

/** The settings that connect a tool to the list of a collection, as `talanoa connect` shows them. */
export const connectPage: ConsolePage = {
  path: '/collections/:collection/connect',
  title: 'Connect a tool',
  needs: 'connectTool',
  show: async (context) => {
    const shown = await collectionOf(context);
    const tool = context.query('tool') ?? LIST_TOOLS[0]?.name ?? '';
    const found = await context.ask('connectTool', { parameters: { tool }, query: { collection: shown.name } });
    return (
      <CollectionScreen shown={shown} part="/connect">
        <>
          <form class="filters">
            <Field name="tool" label="1. Choose your tool">
              {(described) => (
                <Select described={described} options={LIST_TOOLS.map(({ name, title }) => [name, title])} value={tool} />
              )}
            </Field>
            <Btn>Show the fields</Btn>
          </form>
          <ConnectView found={found} />
        </>
      </CollectionScreen>
    );
  },
}; // prettier-ignore

/** The readers of a collection that the person may see. */
export const collectionReadersPage: ConsolePage = {
  path: '/collections/:collection/readers',
  title: 'Readers of a collection',
  needs: 'listReaders',
  show: async (context) => {
    const shown = await collectionOf(context);
    const { items } = await context.ask('listReaders', { query: { limit: '1000' } });
    const own = items.filter(({ collection }) => collection === shown.id);
    return (
      <CollectionScreen shown={shown} part="/readers">
        <>
          {shown.grants === undefined ? undefined : <GrantBlock grants={shown.grants} />}
          <ReaderBlock readers={own} />
        </>
      </CollectionScreen>
    );
  },
};

function GrantBlock({ grants }: { readonly grants: Grants }): JSX.Element {
  return (
    <Block title="Access" raw aside={<p>{counted(grants.length, 'grant')}</p>}>
      {grants.length === 0 ? (
        <Empty title="This collection has no readers">Give access with <code>talanoa collection grant</code>.</Empty>
      ) : (
        <Table
          caption="Grants"
          columns={[{ title: 'To' }, { title: 'Access' }, { title: 'Managed by' }]}
          rows={grants.map(({ to, read, write, managed }) => ({
            key: to,
            cells: [
              to,
              <Tags items={[...(read ? ['read'] : []), ...(write ? ['submit'] : [])]} />,
              managed === 'file' ? 'the settings of the hub' : 'the API',
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

function ReaderBlock({ readers }: { readonly readers: Readers['items'] }): JSX.Element {
  return (
    <Block title="Readers that you can see" raw aside={<p>{counted(readers.length, 'reader')}</p>}>
      {readers.length === 0 ? (
        <Empty title="Nobody has read it yet">Accounts that read the collection appear here.</Empty>
      ) : (
        <Table
          caption="Readers"
          columns={[{ title: 'Reader' }, { title: 'Waiting', class: 'num' }, { title: 'Last seen', class: 'nw' }]}
          rows={readers.map((reader) => ({
            key: `${reader.account} ${reader.kind} ${reader.filters}`,
            cells: [
              <>
                {reader.account}
                {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
              </>,
              `${count(reader.waiting)}${reader.more ? '+' : ''}`,
              reader.last_seen === undefined ? '–' : <Time at={reader.last_seen} />,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

/** The forwarding rules that fill a collection or read from it. */
export const collectionRulesPage: ConsolePage = {
  path: '/collections/:collection/rules',
  title: 'Rules of a collection',
  needs: 'listRules',
  show: async (context) => {
    const shown = await collectionOf(context);
    const rules = await allowed(context.ask('listRules', { query: { limit: '1000' } }));
    const names = [shown.name, shown.id];
    const own = (rules?.items ?? []).filter(({ from, to }) => names.includes(from) || names.includes(to));
    return (
      <CollectionScreen shown={shown} part="/rules">
        <RuleBlock rules={own} />
      </CollectionScreen>
    );
  },
};

function RuleBlock({ rules }: { readonly rules: Rules['items'] }): JSX.Element {
  return (
    <Block title="Forwarding rules" raw aside={<p>{counted(rules.length, 'rule')}</p>}>
      {rules.length === 0 ? (
        <Empty title="No rules">
          A rule forwards objects from one collection to another. Create one with <code>talanoa rule create</code>.
        </Empty>
      ) : (
        <Table
          caption="Rules"
          columns={[{ title: 'Rule' }, { title: 'From' }, { title: 'To' }, { title: 'Only' }]}
          rows={rules.map((rule) => ({
            key: rule.name,
            cells: [rule.name, rule.from, rule.to, [...(rule.types ?? []), ...(rule.labels ?? [])].join(', ')],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore
