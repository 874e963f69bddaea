import type { JSX } from 'preact';
import type { Diagnosis, Feeds, Status } from '../../../api/schema-types.ts';
import { Block, Btn, List, Soundings, State, Table } from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { Time } from '../../shared/times.tsx';

type Check = Diagnosis['items'][number];

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The same checks as `talanoa doctor`, and the sizes of the hub. */
export const healthPage: ConsolePage = {
  path: '/health',
  title: 'Health',
  nav: 'Run',
  needs: 'getDiagnosis',
  show: async ({ ask, now }) => {
    const [{ items }, status, feeds] = await Promise.all([
      ask('getDiagnosis'),
      ask('getStatus'),
      ask('listFeeds', { query: { limit: '1000' } }),
    ]);
    return <HealthView checks={items} status={status} feeds={feeds.items} now={now} />;
  },
};

const KIND = { ok: 'ok', warning: 'warn', failed: 'bad' } as const;
/** Checks that need a person come first. */
const ORDER: readonly Check['status'][] = ['failed', 'warning', 'ok'];

function HealthView({
  checks,
  status,
  feeds,
  now,
}: {
  readonly checks: readonly Check[];
  readonly status: Status;
  readonly feeds: Feeds['items'];
  readonly now: number;
}): JSX.Element {
  const sorted = checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Screen
      title="Health"
      note={
        <>
          Checked at <Time at={new Date(now).toISOString()} />. The same checks run with{' '}
          <code>talanoa doctor</code>.
        </>
      }
      actions={<Btn href="/console/health">Check again</Btn>}
    >
      <Verdict checks={sorted} />
      <Soundings
        items={[
          { title: 'Memory', value: `${count(status.memory_mb)} MB`, note: 'of this process' },
          { title: 'Up', value: durationOf(status.uptime_s), note: `version ${status.version}` },
          {
            title: 'Objects',
            value: count(status.collections.reduce((sum, { objects }) => sum + objects, 0)),
            note: `in ${counted(status.collections.length, 'collection')}`,
          },
          {
            title: 'On hold',
            value: count(status.held),
            note: 'objects that wait for a decision',
            href: '/console/review',
          },
        ]}
      />
      <Two
        left={
          <Block title="Checks" raw>
            <List
              items={sorted.map(({ check, status: result, found, hint }) => ({
                key: `${check} ${found}`,
                kind: KIND[result],
                text: `${check.charAt(0).toUpperCase()}${check.slice(1)}: ${found}`,
                note: hint,
              }))}
            />
          </Block>
        }
        right={<FeedAlarms feeds={feeds} />}
      />
      <Sizes status={status} />
    </Screen>
  );
}

/** One sentence about the state of the hub, and the best action. */
function Verdict({ checks }: { readonly checks: readonly Check[] }): JSX.Element {
  const [first] = checks;
  const passed = checks.filter(({ status }) => status === 'ok').length;
  if (first === undefined || first.status === 'ok')
    return (
      <State kind="ok">
        {checks.length === 1 ? 'The check passes.' : `All ${count(checks.length)} checks pass.`}
      </State>
    );
  return (
    <State kind={KIND[first.status]}>
      <strong>{`${count(passed)} of ${counted(checks.length, 'check')} ${checks.length === 1 ? 'passes' : 'pass'}.`}</strong>{' '}
      {`${first.check}: ${first.found}.`} {first.hint}
    </State>
  );
}

function FeedAlarms({ feeds }: { readonly feeds: Feeds['items'] }): JSX.Element {
  const alarms = feeds.flatMap(({ name, title, alarms: raised }) =>
    raised.map(({ code, message, since }) => ({ name, title, code, message, since })),
  );
  return (
    <Block title="Alarms of feeds" raw>
      {alarms.length === 0 ? (
        <Empty title="No alarms">A feed that is late, failing or suspect appears here.</Empty>
      ) : (
        <List
          items={alarms.map(({ name, title, code, message, since }) => ({
            key: `${name} ${code}`,
            kind: 'bad',
            text: (
              <>
                <a href={`/console/feeds/${encodeURIComponent(name)}`}>{title}</a>
                {`: ${message}`}
              </>
            ),
            note: (
              <>
                since <Time at={since} />, {code}
              </>
            ),
          }))}
        />
      )}
    </Block>
  );
}

function Sizes({ status }: { readonly status: Status }): JSX.Element {
  return (
    <Block title="Collections" raw aside={<p>{status.store}</p>}>
      {status.collections.length === 0 ? (
        <Empty title="No collections">The settings file or the API adds collections.</Empty>
      ) : (
        <Table
          caption="Sizes of the collections"
          columns={[{ title: 'Collection' }, { title: 'API root' }, { title: 'Objects', class: 'num' }]}
          rows={status.collections.map(({ id, title, api_root: root, objects }) => ({
            key: id,
            cells: [title, root, count(objects)],
          }))}
        />
      )}
    </Block>
  );
}

/** Returns a duration in the largest unit that fits. */
function durationOf(seconds: number): string {
  if (seconds >= 2 * DAY_S) return counted(Math.floor(seconds / DAY_S), 'day');
  if (seconds >= 2 * HOUR_S) return counted(Math.floor(seconds / HOUR_S), 'hour');
  return counted(Math.max(1, Math.floor(seconds / MINUTE_S)), 'minute');
}
