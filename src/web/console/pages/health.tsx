import type { JSX } from 'preact';
import type { Diagnosis, Feeds, Status } from '../../../api/schema-types.ts';
import { Block, Btn, List, Soundings, State, Table } from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

type Check = Diagnosis['items'][number];

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The same checks as `talanoa doctor`, and the sizes of the hub. */
export const healthPage: ConsolePage = {
  path: '/health',
  title: (m) => m.health.health,
  nav: 'Run',
  needs: 'getDiagnosis',
  show: async ({ ask, now }) => {
    const [{ items }, status, feeds] = await Promise.all([
      ask('getDiagnosis', { query: { mail: 'last' } }),
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
  const messages = useMessages();
  const { health: t, words } = messages;
  const sorted = checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Screen
      title={t.health}
      refreshes
      note={<>{t.checkedAtTheSame(<Time at={new Date(now).toISOString()} />, <code>talanoa doctor</code>)}</>}
      actions={<Btn href="/console/health">{t.checkAgain}</Btn>}
    >
      <Verdict checks={sorted} />
      <Soundings
        items={[
          { title: t.memory, value: t.mb(status.memory_mb), note: t.ofThisProcess },
          { title: t.up, value: durationOf(status.uptime_s, messages), note: t.version(status.version) },
          {
            title: t.objects,
            value: words.count(status.collections.reduce((sum, { objects }) => sum + objects, 0)),
            note: t.inCollection(status.collections.length),
          },
          {
            title: t.onHold,
            value: words.count(status.held),
            note: t.objectsThatWaitFor,
            href: '/console/review',
          },
        ]}
      />
      <Two
        left={
          <Block title={t.checks} raw>
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
  const t = useMessages().health;
  const [first] = checks;
  const passed = checks.filter(({ status }) => status === 'ok').length;
  if (first === undefined || first.status === 'ok')
    return <State kind="ok">{t.theCheckPassesAll(checks.length)}</State>;
  return (
    <State kind={KIND[first.status]}>
      <strong>{t.ofCheck(passed, checks.length)}</strong> {`${first.check}: ${first.found}.`} {first.hint}
    </State>
  );
}

function FeedAlarms({ feeds }: { readonly feeds: Feeds['items'] }): JSX.Element {
  const t = useMessages().health;
  const alarms = feeds.flatMap(({ name, title, alarms: raised }) =>
    raised.map(({ code, message, since }) => ({ name, title, code, message, since })),
  );
  return (
    <Block title={t.alarmsOfFeeds} raw>
      {alarms.length === 0 ? (
        <Empty title={t.noAlarms}>{t.aFeedThatIs}</Empty>
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
            note: <>{t.since(<Time at={since} />, code)}</>,
          }))}
        />
      )}
    </Block>
  );
}

function Sizes({ status }: { readonly status: Status }): JSX.Element {
  const { health: t, words } = useMessages();
  return (
    <Block title={t.collections} raw aside={<p>{status.store}</p>}>
      {status.collections.length === 0 ? (
        <Empty title={t.noCollections}>{t.theSettingsFileOr}</Empty>
      ) : (
        <Table
          caption={t.sizesOfTheCollections}
          columns={[{ title: t.collection }, { title: t.apiRoot }, { title: t.objects, class: 'num' }]}
          rows={status.collections.map(({ id, title, api_root: root, objects }) => ({
            key: id,
            cells: [title, root, words.count(objects)],
          }))}
        />
      )}
    </Block>
  );
}

/** Returns a duration in the largest unit that fits. */
function durationOf(seconds: number, messages: Messages): string {
  const t = messages.health;
  if (seconds >= 2 * DAY_S) return t.dayCount(Math.floor(seconds / DAY_S));
  if (seconds >= 2 * HOUR_S) return t.hourCount(Math.floor(seconds / HOUR_S));
  return t.minuteCount(Math.max(1, Math.floor(seconds / MINUTE_S)));
}
