import type { JSX } from 'preact';
import type { FeedDetails, Feeds, Runs } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table, TlpLabel, St } from '../../shared/components.tsx';
import { Code, Details, Empty, Field, Ticks, Two, type Tick } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { FeedState, feedPath, isFailing, runAge, textIn } from './feed-state.tsx';
import { Question } from './question.tsx';
import { Time } from '../../shared/times.tsx';
import type { Messages } from '../../shared/messages/en.ts';
import { useMessages } from '../../shared/messages/messages.ts';

/** Number of runs that the page of a feed shows. */
const MOST_RUNS = 24;

/** All feeds with their states. */
export const feedsPage: ConsolePage = {
  path: '/feeds',
  title: (m) => m.feeds.feeds,
  nav: 'Network',
  needs: 'listFeeds',
  show: async ({ ask, permits, now }) => {
    const { items, next } = await ask('listFeeds', { query: { limit: '1000' } });
    return <FeedsView feeds={items} isCut={next !== undefined} canAdd={permits('createFeed')} now={now} />;
  },
};

function FeedsView({
  feeds,
  isCut,
  canAdd,
  now,
}: {
  readonly feeds: Feeds['items'];
  readonly isCut: boolean;
  readonly canAdd: boolean;
  readonly now: number;
}): JSX.Element {
  const t = useMessages().feeds;
  const failing = feeds.filter(isFailing);
  return (
    <Screen
      title={t.feeds}
      refreshes
      actions={canAdd ? <Btn href="/console/feeds/add">{t.createAFeed}</Btn> : undefined}
    >
      {feeds.length === 0 ? undefined : failing.length === 0 ? (
        <State kind="ok">
          <strong>{t.noFeedReportsA}</strong>
        </State>
      ) : (
        <State kind="bad">
          <strong>{t.feedOfAttention(failing.length, feeds.length)}</strong>
        </State>
      )}
      {feeds.some((feed) => feed.switched_off === true) ? (
        <State kind="warn">{t.switchedOff}</State>
      ) : undefined}
      <Block title={t.allFeeds} raw aside={<p>{isCut ? t.theFirst1000 : t.feedCount(feeds.length)}</p>}>
        {feeds.length === 0 ? (
          <Empty title={t.noFeedsYet}>{t.aFeedImportsObjects}</Empty>
        ) : (
          <FeedTable feeds={feeds} now={now} />
        )}
      </Block>
    </Screen>
  );
}

/** All feeds, those that need attention first. */
function FeedTable({ feeds, now }: { readonly feeds: Feeds['items']; readonly now: number }): JSX.Element {
  const messages = useMessages();
  const t = messages.feeds;
  return (
    <Table
      caption={t.feeds}
      columns={[
        { title: t.feed },
        { title: t.state, bare: true },
        { title: t.schedule },
        { title: t.collection },
        { title: t.marking, class: 'nw', bare: true },
        { title: t.lastRun, class: 'num nw' },
      ]}
      rows={feeds
        .toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a)))
        .map((feed) => ({
          key: feed.name,
          cells: [
            <>
              <a href={feedPath(feed.name)}>{feed.title}</a>
              <Sub>{feed.url}</Sub>
            </>,
            <FeedState feed={feed} />,
            feed.schedule,
            feed.collection,
            <TlpLabel level={feed.tlp} />,
            runAge(feed.last_run, now, messages),
          ],
        }))}
    />
  );
}

function numberIn(run: object, name: string): number {
  const value = (run as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : 0;
}

const TICKS: Readonly<Record<string, Tick>> = {
  ok: 'ok',
  'ok-empty': 'none',
  'not-modified': 'none',
  unchanged: 'none',
  partial: 'warn',
  suspect: 'warn',
  failed: 'bad',
};

function tickOf(run: object, { feeds: t }: Messages): readonly [tick: Tick, text: string] {
  const status = textIn(run, 'status') ?? '';
  return [TICKS[status] ?? 'none', textFor(t.ticks, status) ?? status];
}

/** One feed: whether it works, and what came in. */
export const feedPage: ConsolePage = {
  path: '/feeds/:feed',
  title: (m) => m.feeds.feed,
  needs: 'getFeed',
  show: async ({ ask, path, query, permits }) => {
    const parameters = { feed: path['feed'] ?? '' };
    const [feed, runs] = await Promise.all([
      ask('getFeed', { parameters }),
      ask('listRuns', { parameters, query: { limit: String(MOST_RUNS) } }),
    ]);
    return <FeedView feed={feed} runs={runs.items} canPause={permits('pauseFeed')} done={query('done')} />;
  },
};

function FeedView({
  feed,
  runs,
  canPause,
  done,
}: {
  readonly feed: FeedDetails;
  readonly runs: Runs['items'];
  readonly canPause: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const t = useMessages().feeds;
  const said = textFor(t.done, done);
  const path = feedPath(feed.name);
  return (
    <Screen title={feed.title} crumb={['/console/feeds', t.feeds]} note={<FeedState feed={feed} />}>
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {feed.alarms.length === 0 ? undefined : (
        <State kind="bad">
          <strong>{feed.alarms[0]?.message}</strong> {t.since(<Time at={feed.alarms[0]?.since ?? ''} />)}
        </State>
      )}
      {canPause && feed.state !== 'off' ? (
        <Acts>
          {feed.state === 'paused' ? (
            <Btn href={`${path}/resume`}>{t.resumeTheFeed}</Btn>
          ) : (
            <Btn href={`${path}/pause`}>{t.pauseTheFeed}</Btn>
          )}
        </Acts>
      ) : undefined}
      <Two left={<RunBlock runs={runs} />} right={<FeedFacts feed={feed} />} />
    </Screen>
  );
}

function RunBlock({ runs }: { readonly runs: Runs['items'] }): JSX.Element {
  const messages = useMessages();
  const { feeds: t, words } = messages;
  const ticks = runs.map((run) => tickOf(run, messages)).toReversed();
  const failed = ticks.filter(([tick]) => tick === 'bad').length;
  return (
    <Block
      title={t.runs}
      raw
      aside={<Ticks runs={ticks.map(([tick]) => tick)} title={t.runFailed(ticks.length, failed)} />}
    >
      {runs.length === 0 ? (
        <Empty title={t.noRunYet}>{t.theFirstRunStarts}</Empty>
      ) : (
        <Table
          caption={t.runsNewestFirst}
          columns={[
            { title: t.started },
            { title: t.result, bare: true },
            { title: t.new, class: 'num' },
            { title: t.changed, class: 'num' },
            { title: t.quarantine, class: 'num' },
          ]}
          rows={runs.map((run, i) => {
            const [tick, text] = tickOf(run, messages);
            const reason = textIn(run, 'reason');
            return {
              key: `${textIn(run, 'started') ?? ''} ${i}`,
              cells: [
                <Time at={textIn(run, 'started') ?? ''} />,
                <>
                  <St kind={tick === 'none' ? 'off' : tick}>{text}</St>
                  {reason === undefined ? undefined : <Sub>{reason}</Sub>}
                </>,
                words.count(numberIn(run, 'created')),
                words.count(numberIn(run, 'updated')),
                words.count(numberIn(run, 'quarantined')),
              ],
            };
          })}
        />
      )}
    </Block>
  );
}

function FeedFacts({ feed }: { readonly feed: FeedDetails }): JSX.Element {
  const t = useMessages().feeds;
  return (
    <>
      <Block title={t.facts}>
        <Facts
          items={[
            [t.name, <code>{feed.name}</code>],
            [t.source, feed.url],
            [t.schedule, feed.schedule],
            [
              t.nextRun,
              feed.switched_off === true ? (
                t.switchedOff
              ) : feed.next_run === undefined ? undefined : (
                <Time at={feed.next_run} />
              ),
            ],
            [t.collection, feed.collection],
            [t.marking, <TlpLabel level={feed.tlp} />],
            [t.licence, feed.licence],
            [t.managedBy, feed.managed === 'file' ? t.theSettingsOfThe : t.theConsoleAndThe],
          ]}
        />
      </Block>
      {feed.alarms.length === 0 ? undefined : (
        <Block title={t.alarms} raw>
          <List
            items={feed.alarms.map(({ code, message, since: at }) => ({
              key: code,
              kind: 'bad',
              text: message,
              note: <>{t.sinceSmall(<Time at={at} />)}</>,
            }))}
          />
        </Block>
      )}
      <Block title={t.quarantine}>
        <p>
          <a href={`${feedPath(feed.name)}/quarantine`}>{t.rowsThatTheLast}</a>
        </p>
      </Block>
      <Block title={t.document}>
        <Details summary={t.showTheFeedDocument}>
          <Code text={JSON.stringify(feed.document, undefined, 2)} label={t.feedDocument} />
        </Details>
      </Block>
    </>
  );
}

/** Pausing a feed, with a reason. */
export const pausePage: ConsolePage = {
  path: '/feeds/:feed/pause',
  title: (m) => m.feeds.pauseAFeed,
  needs: 'pauseFeed',
  show: async ({ ask, path, messages }, form) => {
    const t = messages.feeds;
    const { name, title } = await ask('getFeed', { parameters: { feed: path['feed'] ?? '' } });
    return (
      <Question
        title={t.pause(title)}
        above={[feedPath(name), title]}
        form={form}
        action={t.pauseTheFeed}
        keep={t.keepItRunning}
      >
        <div class="in">
          <p>{t.theHubFetchesNothing}</p>
          <Field name="reason" label={t.reasonOptional}>
            {(described) => <input {...described} maxLength={300} value={form.field('reason') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }, form) => {
    const feed = path['feed'] ?? '';
    const reason = form.field('reason');
    await ask('pauseFeed', { parameters: { feed }, body: reason === undefined ? {} : { reason } });
    return `${feedPath(feed)}?done=paused`;
  },
};

/** Resuming a feed. */
export const resumePage: ConsolePage = {
  path: '/feeds/:feed/resume',
  title: (m) => m.feeds.resumeAFeed,
  needs: 'resumeFeed',
  show: async ({ ask, path, messages }, form) => {
    const t = messages.feeds;
    const { name, title } = await ask('getFeed', { parameters: { feed: path['feed'] ?? '' } });
    return (
      <Question
        title={t.resume(title)}
        above={[feedPath(name), title]}
        form={form}
        action={t.resumeTheFeed}
        keep={t.leaveItPaused}
      >
        <div class="in">
          <p>{t.theHubFetchesFrom}</p>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }) => {
    const feed = path['feed'] ?? '';
    await ask('resumeFeed', { parameters: { feed } });
    return `${feedPath(feed)}?done=resumed`;
  },
};
