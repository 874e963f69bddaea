import type { JSX } from 'preact';
import type { Audit, Readers, Verification } from '../../../api/schema-types.ts';
import { Block, St, State, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { Empty } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { nextPage } from './next-page.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** Number of rows on a page. */
const MOST = 50;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Readers, how far they have read, and what is waiting for them. */
export const deliveriesPage: ConsolePage = {
  path: '/deliveries',
  title: (m) => m.run.deliveries,
  nav: 'Network',
  needs: 'listReaders',
  show: async ({ ask, query }) => (
    <ReadersView page={await ask('listReaders', { query: { limit: String(MOST), after: query('after') } })} />
  ),
};

const READERS: Readonly<Record<Readers['items'][number]['state'], StateKind>> = {
  current: 'ok',
  behind: 'warn',
  silent: 'bad',
  never: 'none',
  'no grant': 'off',
};

function ReadersView({ page }: { readonly page: Readers }): JSX.Element {
  const messages = useMessages();
  const { run: t, words } = messages;
  return (
    <Screen title={t.deliveries} note={t.toSeeWhoReceived}>
      <Block title={t.readersTitle} raw foot={nextPage('/console/deliveries', page, messages)}>
        {page.items.length === 0 ? (
          <Empty title={t.nobodyHasReadAnything}>{t.accountsThatReadA}</Empty>
        ) : (
          <Table
            caption={t.readersAndTheirProgress}
            columns={[
              { title: t.reader },
              { title: t.collection },
              { title: t.state, bare: true },
              { title: t.waiting, class: 'num' },
              { title: t.lastSeen, class: 'nw' },
            ]}
            rows={page.items.map((reader) => ({
              key: `${reader.account} ${reader.collection} ${reader.kind} ${reader.filters}`,
              cells: [
                <>
                  {reader.account}
                  {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
                </>,
                reader.name,
                <St kind={READERS[reader.state]}>{t.readers[reader.state]}</St>,
                `${words.count(reader.waiting)}${reader.more ? '+' : ''}`,
                reader.last_seen === undefined ? '–' : <Time at={reader.last_seen} />,
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
}

/** The entries of the audit log that the person may see. */
export const auditPage: ConsolePage = {
  path: '/audit',
  title: (m) => m.run.auditLog,
  nav: 'Run',
  needs: 'listAudit',
  show: async ({ ask, query, permits }) => {
    const order = query('order') === 'oldest' ? 'oldest' : 'newest';
    const [page, chain] = await Promise.all([
      ask('listAudit', { query: { limit: String(MOST), after: query('after'), order } }),
      query('verify') === 'yes' && permits('verifyAudit') ? ask('verifyAudit') : undefined,
    ]);
    return <AuditView page={page} order={order} chain={chain} canVerify={permits('verifyAudit')} />;
  },
};

function AuditView({
  page,
  order,
  chain,
  canVerify,
}: {
  readonly page: Audit;
  readonly order: 'newest' | 'oldest';
  readonly chain: Verification | undefined;
  readonly canVerify: boolean;
}): JSX.Element {
  const messages = useMessages();
  const t = messages.run;
  return (
    <Screen
      title={t.auditLog}
      note={t.deliveriesOfAnObject((text) => (
        <a href="/docs/how-to/verify-the-audit-log">{text}</a>
      ))}
      actions={<AuditActions order={order} canVerify={canVerify} />}
    >
      {chain === undefined ? undefined : <ChainState chain={chain} />}
      <Block
        title={t.entries}
        raw
        foot={nextPage('/console/audit', page, messages, order === 'oldest' ? '&order=oldest' : '')}
      >
        {page.items.length === 0 ? (
          <Empty title={t.noEntries}>{t.changesThatYouMay}</Empty>
        ) : (
          <Table
            caption={t.entriesOfTheAudit}
            columns={[
              { title: t.action },
              { title: t.resource },
              { title: t.by },
              { title: t.result, bare: true },
              { title: t.time, class: 'nw' },
            ]}
            rows={page.items.map(({ fact }) => ({
              key: fact.id,
              cells: [
                fact.action,
                fact.resource.replaceAll(UUID, (id) => page.names?.[id] ?? id),
                fact.actor,
                <St kind={fact.result === 'done' ? 'ok' : 'bad'}>
                  {fact.result === 'done' ? t.done : t.refused}
                </St>,
                <Time at={new Date(fact.at).toISOString()} />,
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
}

function AuditActions({
  order,
  canVerify,
}: {
  readonly order: 'newest' | 'oldest';
  readonly canVerify: boolean;
}): JSX.Element {
  const t = useMessages().run;
  const isNewest = order === 'newest';
  return (
    <>
      <a class="btn" href={isNewest ? '/console/audit?order=oldest' : '/console/audit'}>
        {isNewest ? t.showTheOldestFirst : t.showTheNewestFirst}
      </a>
      {canVerify ? (
        <a class="btn" href="/console/audit?verify=yes">
          {t.verifyTheHashChain}
        </a>
      ) : undefined}
    </>
  );
}

/** The result of a verification of the hash chain. */
function ChainState({ chain }: { readonly chain: Verification }): JSX.Element {
  const t = useMessages().run;
  if (chain.broken !== undefined)
    return (
      <State kind="bad" live="alert">
        <strong>{t.theHashChainIs(chain.broken.seq)}</strong> {chain.broken.reason}
      </State>
    );
  return (
    <State kind="ok" live="status">
      <strong>{t.theHashChainIsComplete}</strong> {t.entryWereChecked(chain.entries)}
    </State>
  );
}
