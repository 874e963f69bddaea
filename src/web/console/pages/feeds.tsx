import type { JSX } from 'preact';
import type { FeedDetails, Feeds, Runs } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table, TlpLabel, St } from '../../shared/components.tsx';
import { Code, Details, Empty, Field, Ticks, Two, type Tick } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted, textFor } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { FeedState, feedPath, isFailing, runAge, textIn } from './feed-state.tsx';
import { Question } from './question.tsx';
import { Time } from '../../shared/times.tsx';

/** Number of runs that the page of a feed shows. */
const MOST_RUNS = 24;

/** All feeds with their states. */
export const feedsPage: ConsolePage = {
  path: '/feeds',
  title: 'Feeds',
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
  const failing = feeds.filter(isFailing);
  return (
    <Screen title="Feeds" actions={canAdd ? <Btn href="/console/feeds/add">Create a feed</Btn> : undefined}>
      {feeds.length === 0 ? undefined : failing.length === 0 ? (
        <State kind="ok">
          <strong>No feed reports a problem.</strong>
        </State>
      ) : (
        <State kind="bad">
          <strong>{`${counted(failing.length, 'feed')} of ${feeds.length} ${failing.length === 1 ? 'needs' : 'need'} attention.`}</strong>
        </State>
      )}
      <Block title="All feeds" raw aside={<p>{isCut ? 'the first 1,000' : counted(feeds.length, 'feed')}</p>}>
        {feeds.length === 0 ? (
          <Empty title="No feeds yet">
            A feed imports objects automatically. An administrator adds one by its address, or from the
            presets.
          </Empty>
        ) : (
          <FeedTable feeds={feeds} now={now} />
        )}
      </Block>
    </Screen>
  );
}

/** All feeds, those that need attention first. */
function FeedTable({ feeds, now }: { readonly feeds: Feeds['items']; readonly now: number }): JSX.Element {
  return (
    <Table
      caption="Feeds"
      columns={[
        { title: 'Feed' },
        { title: 'State', bare: true },
        { title: 'Schedule' },
        { title: 'Collection' },
        { title: 'Marking', class: 'nw', bare: true },
        { title: 'Last run', class: 'num nw' },
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
            runAge(feed.last_run, now),
          ],
        }))}
    />
  );
}

function numberIn(run: object, name: string): number {
  const value = (run as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : 0;
}

const TICKS: Readonly<Record<string, readonly [tick: Tick, text: string]>> = {
  ok: ['ok', 'On time'],
  'ok-empty': ['none', 'Nothing new'],
  'not-modified': ['none', 'Nothing new'],
  unchanged: ['none', 'Nothing new'],
  partial: ['warn', 'In part'],
  suspect: ['warn', 'Not accepted'],
  failed: ['bad', 'Failed'],
};

function tickOf(run: object): readonly [tick: Tick, text: string] {
  const status = textIn(run, 'status') ?? '';
  return TICKS[status] ?? ['none', status];
}

/** One feed: whether it works, and what came in. */
export const feedPage: ConsolePage = {
  path: '/feeds/:feed',
  title: 'Feed',
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

const DONE: Readonly<Record<string, string>> = {
  paused: 'The feed is paused. Nothing is fetched until somebody resumes it.',
  resumed: 'The feed is resumed. Its next run starts on schedule.',
  added: 'The feed is saved. Its first run starts at the next time of its schedule.',
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
  const said = textFor(DONE, done);
  const path = feedPath(feed.name);
  return (
    <Screen title={feed.title} crumb={['/console/feeds', 'Feeds']} note={<FeedState feed={feed} />}>
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {feed.alarms.length === 0 ? undefined : (
        <State kind="bad">
          <strong>{feed.alarms[0]?.message}</strong> Since <Time at={feed.alarms[0]?.since ?? ''} />.
        </State>
      )}
      {canPause && feed.state !== 'off' ? (
        <Acts>
          {feed.state === 'paused' ? (
            <Btn href={`${path}/resume`}>Resume the feed</Btn>
          ) : (
            <Btn href={`${path}/pause`}>Pause the feed</Btn>
          )}
        </Acts>
      ) : undefined}
      <Two left={<RunBlock runs={runs} />} right={<FeedFacts feed={feed} />} />
    </Screen>
  );
}

function RunBlock({ runs }: { readonly runs: Runs['items'] }): JSX.Element {
  const ticks = runs.map(tickOf).toReversed();
  const failed = ticks.filter(([tick]) => tick === 'bad').length;
  return (
    <Block
      title="Runs"
      raw
      aside={
        <Ticks
          runs={ticks.map(([tick]) => tick)}
          title={`${counted(ticks.length, 'run')}, ${failed} failed`}
        />
      }
    >
      {runs.length === 0 ? (
        <Empty title="No run yet">The first run starts at the next time of the schedule.</Empty>
      ) : (
        <Table
          caption="Runs, newest first"
          columns={[
            { title: 'Started' },
            { title: 'Result', bare: true },
            { title: 'New', class: 'num' },
            { title: 'Changed', class: 'num' },
            { title: 'Quarantine', class: 'num' },
          ]}
          rows={runs.map((run, i) => {
            const [tick, text] = tickOf(run);
            const reason = textIn(run, 'reason');
            return {
              key: `${textIn(run, 'started') ?? ''} ${i}`,
              cells: [
                <Time at={textIn(run, 'started') ?? ''} />,
                <>
                  <St kind={tick === 'none' ? 'off' : tick}>{text}</St>
                  {reason === undefined ? undefined : <Sub>{reason}</Sub>}
                </>,
                count(numberIn(run, 'created')),
                count(numberIn(run, 'updated')),
                count(numberIn(run, 'quarantined')),
              ],
            };
          })}
        />
      )}
    </Block>
  );
}

function FeedFacts({ feed }: { readonly feed: FeedDetails }): JSX.Element {
  return (
    <>
      <Block title="Facts">
        <Facts
          items={[
            ['Name', <code>{feed.name}</code>],
            ['Source', feed.url],
            ['Schedule', feed.schedule],
            ['Next run', feed.next_run === undefined ? undefined : <Time at={feed.next_run} />],
            ['Collection', feed.collection],
            ['Marking', <TlpLabel level={feed.tlp} />],
            ['Licence', feed.licence],
            ['Managed by', feed.managed === 'file' ? 'the settings of the hub' : 'the console and the API'],
          ]}
        />
      </Block>
      {feed.alarms.length === 0 ? undefined : (
        <Block title="Alarms" raw>
          <List
            items={feed.alarms.map(({ code, message, since: at }) => ({
              key: code,
              kind: 'bad',
              text: message,
              note: (
                <>
                  since <Time at={at} />
                </>
              ),
            }))}
          />
        </Block>
      )}
      <Block title="Quarantine">
        <p>
          <a href={`${feedPath(feed.name)}/quarantine`}>Rows that the last runs could not use</a>
        </p>
      </Block>
      <Block title="Document">
        <Details summary="Show the feed document">
          <Code text={JSON.stringify(feed.document, undefined, 2)} label="Feed document" />
        </Details>
      </Block>
    </>
  );
}

/** Pausing a feed, with a reason. */
export const pausePage: ConsolePage = {
  path: '/feeds/:feed/pause',
  title: 'Pause a feed',
  needs: 'pauseFeed',
  show: async ({ ask, path }, form) => {
    const { name, title } = await ask('getFeed', { parameters: { feed: path['feed'] ?? '' } });
    return (
      <Question
        title={`Pause ${title}?`}
        above={[feedPath(name), title]}
        form={form}
        action="Pause the feed"
        keep="Keep it running"
      >
        <div class="in">
          <p>
            The hub fetches nothing from this source until somebody resumes the feed. Stored indicators stay
            until they expire.
          </p>
          <Field name="reason" label="Reason (optional)">
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
  title: 'Resume a feed',
  needs: 'resumeFeed',
  show: async ({ ask, path }, form) => {
    const { name, title } = await ask('getFeed', { parameters: { feed: path['feed'] ?? '' } });
    return (
      <Question
        title={`Resume ${title}?`}
        above={[feedPath(name), title]}
        form={form}
        action="Resume the feed"
        keep="Leave it paused"
      >
        <div class="in">
          <p>The hub fetches from this source again, at the next time of the schedule.</p>
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
