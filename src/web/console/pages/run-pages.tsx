import type { JSX } from 'preact';
import type { Audit, Readers, Verification } from '../../../api/schema-types.ts';
import { Block, St, State, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { Empty } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { nextPage } from './next-page.tsx';
import { Time } from '../../shared/times.tsx';

/** Number of rows on a page. */
const MOST = 50;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Readers, how far they have read, and what is waiting for them. */
export const deliveriesPage: ConsolePage = {
  path: '/deliveries',
  title: 'Deliveries',
  nav: 'Network',
  needs: 'listReaders',
  show: async ({ ask, query }) => (
    <ReadersView page={await ask('listReaders', { query: { limit: String(MOST), after: query('after') } })} />
  ),
};

const READERS: Readonly<Record<Readers['items'][number]['state'], readonly [kind: StateKind, text: string]>> =
  {
    current: ['ok', 'Has everything'],
    behind: ['warn', 'Behind'],
    silent: ['bad', 'Silent'],
    never: ['none', 'Has never read'],
    'no grant': ['off', 'No access'],
  };

function ReadersView({ page }: { readonly page: Readers }): JSX.Element {
  return (
    <Screen title="Deliveries" note="To see who received one object, open its page.">
      <Block title="Readers" raw foot={nextPage('/console/deliveries', page)}>
        {page.items.length === 0 ? (
          <Empty title="Nobody has read anything yet">Accounts that read a collection appear here.</Empty>
        ) : (
          <Table
            caption="Readers and their progress"
            columns={[
              { title: 'Reader' },
              { title: 'Collection' },
              { title: 'State', bare: true },
              { title: 'Waiting', class: 'num' },
              { title: 'Last seen', class: 'nw' },
            ]}
            rows={page.items.map((reader) => ({
              key: `${reader.account} ${reader.collection} ${reader.kind} ${reader.filters}`,
              cells: [
                <>
                  {reader.account}
                  {reader.member === undefined ? undefined : <Sub>{reader.member}</Sub>}
                </>,
                reader.name,
                <St kind={READERS[reader.state][0]}>{READERS[reader.state][1]}</St>,
                `${count(reader.waiting)}${reader.more ? '+' : ''}`,
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
  title: 'Audit log',
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
  return (
    <Screen
      title="Audit log"
      note={
        <>
          Deliveries of an object are on its own page, and runs of a feed on the page of the feed.{' '}
          <a href="/docs/how-to/verify-the-audit-log">What the audit log records</a>
        </>
      }
      actions={<AuditActions order={order} canVerify={canVerify} />}
    >
      {chain === undefined ? undefined : <ChainState chain={chain} />}
      <Block
        title="Entries"
        raw
        foot={nextPage('/console/audit', page, order === 'oldest' ? '&order=oldest' : '')}
      >
        {page.items.length === 0 ? (
          <Empty title="No entries">Changes that you may see appear here.</Empty>
        ) : (
          <Table
            caption="Entries of the audit log"
            columns={[
              { title: 'Action' },
              { title: 'Resource' },
              { title: 'By' },
              { title: 'Result', bare: true },
              { title: 'Time', class: 'nw' },
            ]}
            rows={page.items.map(({ fact }) => ({
              key: fact.id,
              cells: [
                fact.action,
                fact.resource.replaceAll(UUID, (id) => page.names?.[id] ?? id),
                fact.actor,
                <St kind={fact.result === 'done' ? 'ok' : 'bad'}>
                  {fact.result === 'done' ? 'Done' : 'Refused'}
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
  const isNewest = order === 'newest';
  return (
    <>
      <a class="btn" href={isNewest ? '/console/audit?order=oldest' : '/console/audit'}>
        {isNewest ? 'Show the oldest first' : 'Show the newest first'}
      </a>
      {canVerify ? (
        <a class="btn" href="/console/audit?verify=yes">
          Verify the hash chain
        </a>
      ) : undefined}
    </>
  );
}

/** The result of a verification of the hash chain. */
function ChainState({ chain }: { readonly chain: Verification }): JSX.Element {
  if (chain.broken !== undefined)
    return (
      <State kind="bad" live="alert">
        <strong>{`The hash chain is broken at entry ${count(chain.broken.seq)}.`}</strong>{' '}
        {chain.broken.reason}
      </State>
    );
  return (
    <State kind="ok" live="status">
      <strong>The hash chain is complete.</strong>{' '}
      {`${counted(chain.entries, 'entry', 'entries')} were checked.`}
    </State>
  );
}
