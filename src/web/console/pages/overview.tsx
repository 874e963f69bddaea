import type { JSX } from 'preact';
import type { Arrivals, Feeds, HeldObjects, Overview, TriageItems } from '../../../api/schema-types.ts';
import {
  Block,
  Btn,
  List,
  Soundings,
  State,
  Sub,
  Table,
  TlpLabel,
  type ListItem,
  type Sounding,
} from '../../shared/components.tsx';
import { Columns, Legend, type Series } from '../../shared/chart.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { preferencesIn } from '../preferences.ts';
import { FeedState, feedPath, isFailing, isOff, runAge } from './feed-state.tsx';
import { BeforeUse, DemoOffer, firstSteps, HideSteps, Steps, type FirstSteps } from './first-steps.tsx';
import { ObjectState, objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

/** Number of objects on hold that are counted. */
const MOST_HELD = 100;
/** Number of feeds that are listed, those that need attention first. */
const MOST_FEEDS = 6;

/** Number of feeds that have their own fill in the chart. */
const MOST_CHARTED = 3;

/** The content of the page. Parts that the person cannot use are undefined, and absent from the page. */
interface Shown {
  readonly overview: Overview;
  readonly feeds: Feeds['items'] | undefined;
  readonly held: HeldObjects['items'];
  readonly triage: TriageItems['items'] | undefined;
  /** Number of TLP:RED items that were given to the person. */
  readonly red: number;
  /** The first steps of a new hub, while they are not done. */
  readonly steps: FirstSteps | undefined;
  /** Numbers of objects and rows of each source and day, for hub staff. */
  readonly arrivals: Arrivals | undefined;
  readonly now: number;
}

/** The first page: whether anything is wrong, and what is new. */
export const overviewPage: ConsolePage = {
  path: '/',
  title: (m) => m.overview.overview,
  nav: 'Watch',
  needs: 'getOverview',
  show: async (context) => {
    const { ask, permits, who, now } = context;
    const [overview, held, red, feeds, triage, arrivals] = await Promise.all([
      ask('getOverview'),
      ask('listHeld', { query: { limit: String(MOST_HELD) } }),
      ask('listRed', { query: { limit: '1000' } }),
      permits('listFeeds') ? ask('listFeeds', { query: { limit: '1000' } }) : undefined,
      permits('listTriage') ? ask('listTriage') : undefined,
      permits('listArrivals') ? ask('listArrivals') : undefined,
    ]);
    const steps = await firstSteps(context, feeds?.items);
    return (
      <OverviewView
        shown={{
          overview,
          held: held.items,
          feeds: feeds?.items,
          triage: triage?.items,
          steps,
          arrivals,
          red: red.items.filter(({ to }) => to.some(({ account }) => account === who.name)).length,
          now,
        }}
      />
    );
  },
  act: async ({ ask }, form) => {
    // The only form of this page hides the first steps.
    if (form.field('hide') === 'steps') {
      const before = new Map(Object.entries(await ask('getPreferences')));
      before.set('first_steps', 'hidden');
      await ask('updatePreferences', { body: preferencesIn((name) => before.get(name) ?? '') });
    }
    return '/console';
  },
};

function OverviewView({ shown }: { readonly shown: Shown }): JSX.Element {
  const messages = useMessages();
  const t = messages.overview;
  const { overview, feeds, steps, now } = shown;
  const attention = attentionOf(shown, messages);
  // Without feeds the numbers of a new hub are all zero, so only the steps are shown.
  const isNew = steps !== undefined && attention.length === 0 && (feeds ?? []).length === 0;
  return (
    <Screen
      title={t.overview}
      // The first steps read much more than the rest, and change only when somebody takes one.
      refreshes={steps === undefined}
      note={steps === undefined ? <Time at={new Date(now).toISOString()} /> : messages.firstSteps.note}
      actions={steps === undefined ? undefined : <HideSteps />}
    >
      {steps === undefined ? undefined : <Steps steps={steps} />}
      {isNew ? undefined : <Standing shown={shown} />}
      {isNew ? undefined : <Soundings items={soundingsOf(shown, messages)} />}
      {isNew ? undefined : feeds === undefined ? (
        <Attention items={attention} />
      ) : (
        <Two
          left={
            <>
              <Attention items={attention} />
              <ArrivalBlock arrivals={shown.arrivals} feeds={feeds} />
            </>
          }
          right={
            <>
              <FeedBlock feeds={feeds} now={now} />
              {steps === undefined ? undefined : <BeforeUse checks={steps.checks} />}
            </>
          }
        />
      )}
      {isNew ? (
        <Two left={<Latest items={overview.items} now={now} />} right={<BeforeUse checks={steps.checks} />} />
      ) : (
        <Latest items={overview.items} now={now} />
      )}
      {steps === undefined ? undefined : <DemoOffer />}
    </Screen>
  );
}

/** One sentence on how the hub does for this person, and the best action. */
function Standing({
  shown: { overview, feeds = [], held, triage = [] },
}: {
  readonly shown: Shown;
}): JSX.Element {
  const t = useMessages().overview;
  const failing = feeds.filter(isFailing);
  const [first] = failing;
  const waiting = held.length + triage.length;
  if (first !== undefined)
    return (
      <State kind="bad" action={<Btn href={feedPath(first.name)}>{t.lookAt(first.title)}</Btn>}>
        <strong>{t.feedsNeedAttention(failing.length, first.title)}</strong> {first.alarms[0]?.message ?? ''}
      </State>
    );
  if (waiting > 0)
    return (
      <State kind="warn" action={<Btn href="/console/review">{t.openTheReviewQueue}</Btn>}>
        <strong>{t.itemWaitingForReview(waiting)}</strong> {t.nobodyReceivesThemUntil}
      </State>
    );
  if (overview.collections === 0)
    return (
      <State kind="info">
        <strong>{t.youCantReadAny}</strong> {t.askAnAdministratorOf}
      </State>
    );
  return (
    <State kind="ok">
      <strong>{t.nothingNeedsYourAttention}</strong> {feeds.length === 0 ? '' : t.noFeedReportsA}
    </State>
  );
}

function soundingsOf({ overview, feeds, held, triage }: Shown, messages: Messages): readonly Sounding[] {
  const { overview: t, words } = messages;
  const on = feeds?.filter((feed) => !isOff(feed)) ?? [];
  return [
    {
      title: t.newIn24Hours,
      value: `${words.count(overview.new)}${overview.more ? '+' : ''}`,
      note: t.objectsThatYouCan,
    },
    {
      title: t.collections,
      value: words.count(overview.collections),
      note: t.thatYouCanRead,
    },
    ...(feeds === undefined
      ? []
      : [
          {
            title: t.feeds,
            value: t.of(on.filter((feed) => !isFailing(feed)).length, on.length),
            note: t.withoutProblems,
            href: '/console/feeds',
          },
        ]),
    {
      title: t.onHold,
      value: `${words.count(held.length)}${held.length === MOST_HELD ? '+' : ''}`,
      note: held[0] === undefined ? t.objects : <>{t.oldest(<Time at={held[0].at} />)}</>,
      href: '/console/review',
    },
    ...(triage === undefined
      ? []
      : [
          {
            title: t.triage,
            value: words.count(triage.length),
            note: t.reportsWithoutAMember,
            href: '/console/review',
          },
        ]),
  ];
}

function attentionOf({ feeds = [], held, triage = [], red }: Shown, messages: Messages): readonly ListItem[] {
  const t = messages.overview;
  return [
    ...(red === 0
      ? []
      : [
          {
            key: 'red',
            kind: 'info' as const,
            text: <a href="/console/red">{t.itemOfTlpRed(red)}</a>,
          },
        ]),
    ...feeds.filter(isFailing).map(({ name, title, alarms }) => ({
      key: `feed ${name}`,
      kind: 'bad' as const,
      text: <a href={feedPath(name)}>{t.needsAttention(title)}</a>,
      ...(alarms[0] === undefined ? {} : { note: alarms[0].message }),
    })),
    ...(held.length === 0
      ? []
      : [
          {
            key: 'held',
            kind: 'wait' as const,
            text: <a href="/console/review">{t.objectOnHold(held.length)}</a>,
            note: held[0]?.message,
          },
        ]),
    ...(triage.length === 0
      ? []
      : [
          {
            key: 'triage',
            kind: 'wait' as const,
            text: <a href="/console/review">{t.reportToAssignTo(triage.length)}</a>,
            note: triage[0]?.message,
          },
        ]),
  ];
}

function Attention({ items }: { readonly items: readonly ListItem[] }): JSX.Element {
  const t = useMessages().overview;
  return (
    <Block title={t.attention} raw={items.length > 0}>
      {items.length === 0 ? <p>{t.nothingIsWaitingFor}</p> : <List items={items} />}
    </Block>
  );
}

/** The numbers of objects and rows of each day, by source. Absent until something has arrived. */
function ArrivalBlock({
  arrivals,
  feeds,
}: {
  readonly arrivals: Arrivals | undefined;
  readonly feeds: Feeds['items'];
}): JSX.Element | undefined {
  const t = useMessages().overview;
  if (arrivals === undefined || arrivals.items.length === 0) return undefined;
  const { dates, items } = arrivals;
  const titles = new Map(feeds.map(({ name, title }) => [`feed:${name}`, title]));
  const ofFeeds = items.filter(({ source }) => source.startsWith('feed:'));
  const alone = ofFeeds.length > MOST_CHARTED ? ofFeeds.slice(0, MOST_CHARTED - 1) : ofFeeds;
  const together = (name: string, some: Arrivals['items']): readonly Series[] =>
    some.length === 0
      ? []
      : [{ name, values: dates.map((_, i) => some.reduce((sum, one) => sum + (one.offered[i] ?? 0), 0)) }];
  const series: readonly Series[] = [
    ...alone.map(({ source, offered }) => ({ name: titles.get(source) ?? source.slice(5), values: offered })),
    ...together(t.otherFeeds, ofFeeds.slice(alone.length)),
    ...together(t.hubAndMembers, items.filter(({ source }) => !source.startsWith('feed:'))),
  ];
  const totals = dates.map((_, i) => items.reduce((sum, one) => sum + (one.offered[i] ?? 0), 0));
  const highest = Math.max(...totals);
  if (highest === 0) return undefined;
  return (
    <Block title={t.arrivals} id="arrivals" aside={<Legend names={series.map(({ name }) => name)} />}>
      <Columns label={t.arrivalsLabel(dates[totals.indexOf(highest)] ?? '', highest)} days={dates} series={series} />
    </Block>
  );
} // prettier-ignore

function FeedBlock({ feeds, now }: { readonly feeds: Feeds['items']; readonly now: number }): JSX.Element {
  const messages = useMessages();
  const t = messages.overview;
  const sorted = feeds.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a))).slice(0, MOST_FEEDS);
  return (
    <Block
      title={t.feeds}
      raw={feeds.length > 0}
      aside={<a href="/console/feeds">{t.allFeeds(feeds.length)}</a>}
    >
      {feeds.length === 0 ? (
        <p>{t.noFeedsYetA}</p>
      ) : (
        <Table
          caption={t.feeds}
          columns={[{ title: t.feed }, { title: t.lastRun, class: 'num nw' }]}
          rows={sorted.map((feed) => ({
            key: feed.name,
            cells: [
              <>
                <a href={feedPath(feed.name)}>{feed.title}</a>
                <Sub>
                  <FeedState feed={feed} />
                </Sub>
              </>,
              runAge(feed.last_run, now, messages),
            ],
          }))}
        />
      )}
    </Block>
  );
}

function Latest({ items, now }: { readonly items: Overview['items']; readonly now: number }): JSX.Element {
  const { overview: t, words } = useMessages();
  return (
    <Block title={t.latest} raw>
      {items.length === 0 ? (
        <Empty title={t.nothingHasArrivedYet}>{t.newObjectsOfThe}</Empty>
      ) : (
        <Table
          caption={t.theNewestObjectsThat}
          columns={[
            { title: t.title, class: 'lead' },
            { title: t.type, class: 'nw' },
            { title: t.collection },
            { title: t.state, bare: true },
            { title: t.marking, class: 'nw', bare: true },
            { title: t.age, class: 'num nw' },
          ]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.id)}>{item.title}</a>,
              words.type(item.type),
              item.collection_name,
              <ObjectState state={item.state} until={item.valid_until} />,
              <TlpLabel level={item.tlp} />,
              <Time at={item.date_added}>{words.since(item.date_added, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
}
