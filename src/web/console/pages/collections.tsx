import type { JSX } from 'preact';
import type { Collections, Overview, Readers, Rules } from '../../../api/schema-types.ts';
import { LIST_TOOLS } from '../../../sharing/lists/tools.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, Facts, St, Sub, Table, Tags, TlpLabel } from '../../shared/components.tsx';
import { Empty, Field, Select, Tabs, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { allowed } from '../allowed.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { ConnectView } from './connect-view.tsx';
import { newKeyPath } from './key-fields.tsx';
import { ObjectState, objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

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
  title: (m) => m.collections.collections,
  nav: 'Network',
  needs: 'getOverview',
  show: async (context) => <CollectionsView items={await shownTo(context)} />,
};

function readersOf({ grants }: Shown): string | undefined {
  return grants === undefined ? undefined : grants.filter(({ read }) => read).map(({ to }) => to).join(', ');
} // prettier-ignore

function CollectionsView({ items }: { readonly items: readonly Shown[] }): JSX.Element {
  const t = useMessages().collections;
  const isStaff = items.some(({ grants }) => grants !== undefined);
  return (
    <Screen title={t.collections}>
      <Block title={t.collectionsThatYouCan} raw aside={<p>{t.collectionCount(items.length)}</p>}>
        {items.length === 0 ? (
          <Empty title={t.noCollections}>{t.askAnAdministratorOf}</Empty>
        ) : (
          <Table
            caption={t.collections}
            columns={[
              { title: t.collection },
              { title: t.maximumMarking, class: 'nw', bare: true },
              { title: t.yourAccess, bare: true },
              ...(isStaff ? [{ title: t.readers }] : []),
            ]}
            rows={items.map((one) => ({
              key: one.id,
              cells: [
                <>
                  <a href={collectionPath(one.name)}>{one.title}</a>
                  <Sub>{one.name}</Sub>
                </>,
                <TlpLabel level={one.level} />,
                one.isReadable ? <St kind="ok">{t.youCanReadIt}</St> : <St kind="off">{t.youCantReadIt}</St>,
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
  const t = useMessages().collections;
  const parts: readonly (readonly [Part, string])[] = [
    ['', t.contents],
    ...(shown.isReadable ? [['/connect', t.connectATool] as const] : []),
    ['/readers', t.readers],
    ...(shown.grants === undefined ? [] : [['/rules', t.rules] as const]),
  ];
  return (
    <Screen title={shown.title} crumb={[COLLECTIONS, t.collections]} note={<TlpLabel level={shown.level} />}>
      <Tabs
        label={t.partsOfTheCollection}
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
  title: (m) => m.collections.collection,
  needs: 'getOverview',
  show: async (context) => {
    const { messages } = context;
    const shown = await collectionOf(context);
    const { items } = await context.ask('getOverview');
    const own = items.filter(({ collection }) => collection === shown.id);
    return (
      <CollectionScreen shown={shown} part="">
        <Two left={<Newest items={own} isReadable={shown.isReadable} />} right={<Addresses shown={shown} keyPath={keyPathFor(context, shown, messages)} />} />
      </CollectionScreen>
    );
  },
}; // prettier-ignore

function Newest({ items, isReadable }: { readonly items: Overview['items']; readonly isReadable: boolean }): JSX.Element {
  const { collections: t, words } = useMessages();
  return (
    <Block title={t.newestObjects} raw>
      {items.length === 0 ? (
        <Empty title={isReadable ? t.nothingNew : t.youCantReadThis} actions={<Btn href="/console/search">{t.searchTheHub}</Btn>}>
          {isReadable
            ? t.noneOfTheNewest
            : t.onlyAccountsWithA}
        </Empty>
      ) : (
        <Table
          caption={t.newObjects}
          columns={[{ title: t.title }, { title: t.type, class: 'nw' }, { title: t.state, bare: true }, { title: t.added, class: 'nw' }]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.id)}>{item.title}</a>,
              words.type(item.type),
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
 * Returns the link to the page that creates a key which reads the collection over TAXII. Undefined if the person cannot
 * create keys. Hub staff who choose a new account also give it access, unless every service account has it.
 */
function keyPathFor(
  { who, permits }: PageContext,
  { name, grants = [] }: Shown,
  messages: Messages,
): string | undefined {
  const t = messages.collections;
  if (!permits('createKey')) return undefined;
  const own = who.member === undefined ? {} : { account: `${who.member}-key` };
  const isOpen = grants.some(({ to, read }) => read && (to === 'public' || to === 'role:machine'));
  return newKeyPath({
    ...(who.member === undefined && !permits('createAccount') ? { account: who.name } : own),
    label: t.taxiiClient,
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
  const t = useMessages().collections;
  return (
    <Block title={t.forTaxiiClients}>
      <Facts
        items={[
          [t.apiRoot, <code>{`/${shown.root}/`}</code>],
          [t.collectionId, <code data-copy="">{shown.id}</code>],
          [t.alias, shown.name === shown.id ? undefined : <code>{shown.name}</code>],
          [t.signIn, t.httpBasicOrBearer],
        ]}
      />
      {keyPath === undefined ? undefined : <Btn href={keyPath}>{t.createAKey}</Btn>}
    </Block>
  );
}

/** The settings that connect a tool to the list of a collection, as `talanoa connect` shows them. */
export const connectPage: ConsolePage = {
  path: '/collections/:collection/connect',
  title: (m) => m.collections.connectATool,
  needs: 'connectTool',
  show: async (context) => {
    const t = context.messages.collections;
    const shown = await collectionOf(context);
    const tool = context.query('tool') ?? LIST_TOOLS[0]?.name ?? '';
    const found = await context.ask('connectTool', { parameters: { tool }, query: { collection: shown.name } });
    return (
      <CollectionScreen shown={shown} part="/connect">
        <>
          <form class="filters">
            <Field name="tool" label={t.n1ChooseYourTool}>
              {(described) => (
                <Select described={described} options={LIST_TOOLS.map(({ name, title }) => [name, title])} value={tool} />
              )}
            </Field>
            <Btn>{t.showTheFields}</Btn>
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
  title: (m) => m.collections.readersOfACollection,
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
  const t = useMessages().collections;
  return (
    <Block title={t.access} raw aside={<p>{t.grantCount(grants.length)}</p>}>
      {grants.length === 0 ? (
        <Empty title={t.thisCollectionHasNo}>{t.giveAccessWith(<code>talanoa collection grant</code>)}</Empty>
      ) : (
        <Table
          caption={t.grants}
          columns={[{ title: t.to }, { title: t.access }, { title: t.managedBy }]}
          rows={grants.map(({ to, read, write, managed }) => ({
            key: to,
            cells: [
              to,
              <Tags items={[...(read ? [t.mayRead] : []), ...(write ? [t.maySubmit] : [])]} />,
              managed === 'file' ? t.theSettingsOfThe : t.theApi,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

function ReaderBlock({ readers }: { readonly readers: Readers['items'] }): JSX.Element {
  const { collections: t, words } = useMessages();
  return (
    <Block title={t.readersThatYouCan} raw aside={<p>{t.readerCount(readers.length)}</p>}>
      {readers.length === 0 ? (
        <Empty title={t.nobodyHasReadIt}>{t.accountsThatReadThe}</Empty>
      ) : (
        <Table
          caption={t.readers}
          columns={[{ title: t.reader }, { title: t.waiting, class: 'num' }, { title: t.lastSeen, class: 'nw' }]}
          rows={readers.map((reader) => ({
            key: `${reader.account} ${reader.kind} ${reader.filters}`,
            cells: [
              <>
                {reader.account}
                {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
              </>,
              `${words.count(reader.waiting)}${reader.more ? '+' : ''}`,
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
  title: (m) => m.collections.rulesOfACollection,
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
  const t = useMessages().collections;
  return (
    <Block title={t.forwardingRules} raw aside={<p>{t.ruleCount(rules.length)}</p>}>
      {rules.length === 0 ? (
        <Empty title={t.noRules}>{t.aRuleForwardsObjects(<code>talanoa rule create</code>)}</Empty>
      ) : (
        <Table
          caption={t.rules}
          columns={[{ title: t.rule }, { title: t.from }, { title: t.to }, { title: t.only }]}
          rows={rules.map((rule) => ({
            key: rule.name,
            cells: [rule.name, rule.from, rule.to, [...(rule.types ?? []), ...(rule.labels ?? [])].join(', ')],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore
