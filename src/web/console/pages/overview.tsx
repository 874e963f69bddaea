import type { JSX } from 'preact';
import type { Feeds, HeldObjects, Overview, TriageItems } from '../../../api/schema-types.ts';
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
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted, since, typeInWords } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { FeedState, feedPath, isFailing, isOff, runAge } from './feed-state.tsx';
import { ObjectState, objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';

/** Number of objects on hold that are counted. */
const MOST_HELD = 100;
/** Number of feeds that are listed, those that need attention first. */
const MOST_FEEDS = 6;

/** The content of the page. Parts that the person cannot use are undefined, and absent from the page. */
interface Shown {
  readonly overview: Overview;
  readonly feeds: Feeds['items'] | undefined;
  readonly held: HeldObjects['items'];
  readonly triage: TriageItems['items'] | undefined;
  /** Number of TLP:RED items that were given to the person. */
  readonly red: number;
  readonly now: number;
}

/** The first page: whether anything is wrong, and what is new. */
export const overviewPage: ConsolePage = {
  path: '/',
  title: 'Overview',
  nav: 'Watch',
  needs: 'getOverview',
  show: async ({ ask, permits, who, now }) => {
    const [overview, held, red, feeds, triage] = await Promise.all([
      ask('getOverview'),
      ask('listHeld', { query: { limit: String(MOST_HELD) } }),
      ask('listRed', { query: { limit: '1000' } }),
      permits('listFeeds') ? ask('listFeeds', { query: { limit: '1000' } }) : undefined,
      permits('listTriage') ? ask('listTriage') : undefined,
    ]);
    return (
      <OverviewView
        shown={{
          overview,
          held: held.items,
          feeds: feeds?.items,
          triage: triage?.items,
          red: red.items.filter(({ to }) => to.some(({ account }) => account === who.name)).length,
          now,
        }}
      />
    );
  },
};

function OverviewView({ shown }: { readonly shown: Shown }): JSX.Element {
  const { overview, feeds, now } = shown;
  const attention = attentionOf(shown);
  return (
    <Screen title="Overview" note={<Time at={new Date(now).toISOString()} />}>
      <Standing shown={shown} />
      <Soundings items={soundingsOf(shown)} />
      {feeds === undefined ? (
        <Attention items={attention} />
      ) : (
        <Two left={<Attention items={attention} />} right={<FeedBlock feeds={feeds} now={now} />} />
      )}
      <Latest items={overview.items} now={now} />
    </Screen>
  );
}

/** One sentence on how the hub does for this person, and the best action. */
function Standing({
  shown: { overview, feeds = [], held, triage = [] },
}: {
  readonly shown: Shown;
}): JSX.Element {
  const failing = feeds.filter(isFailing);
  const [first] = failing;
  const waiting = held.length + triage.length;
  if (first !== undefined)
    return (
      <State kind="bad" action={<Btn href={feedPath(first.name)}>{`Look at ${first.title}`}</Btn>}>
        <strong>
          {failing.length === 1
            ? `${first.title} needs attention.`
            : `${counted(failing.length, 'feed')} need attention.`}
        </strong>{' '}
        {first.alarms[0]?.message ?? ''}
      </State>
    );
  if (waiting > 0)
    return (
      <State kind="warn" action={<Btn href="/console/review">Open the review queue</Btn>}>
        <strong>{`${counted(waiting, 'item')} ${waiting === 1 ? 'is' : 'are'} waiting for review.`}</strong>{' '}
        Nobody receives them until somebody decides.
      </State>
    );
  if (overview.collections === 0)
    return (
      <State kind="info">
        <strong>You can’t read any collection yet.</strong> Ask an administrator of the hub for access to one.
      </State>
    );
  return (
    <State kind="ok">
      <strong>Nothing needs your attention.</strong>{' '}
      {feeds.length === 0 ? '' : 'No feed reports a problem, and the review queue is empty.'}
    </State>
  );
}

function soundingsOf({ overview, feeds, held, triage }: Shown): readonly Sounding[] {
  const on = feeds?.filter((feed) => !isOff(feed)) ?? [];
  return [
    {
      title: 'New in 24 hours',
      value: `${count(overview.new)}${overview.more ? '+' : ''}`,
      note: 'objects that you can read',
    },
    {
      title: 'Collections',
      value: count(overview.collections),
      note: 'that you can read',
    },
    ...(feeds === undefined
      ? []
      : [
          {
            title: 'Feeds',
            value: `${count(on.filter((feed) => !isFailing(feed)).length)} of ${count(on.length)}`,
            note: 'without problems',
            href: '/console/feeds',
          },
        ]),
    {
      title: 'On hold',
      value: `${count(held.length)}${held.length === MOST_HELD ? '+' : ''}`,
      note:
        held[0] === undefined ? (
          'objects'
        ) : (
          <>
            oldest: <Time at={held[0].at} />
          </>
        ),
      href: '/console/review',
    },
    ...(triage === undefined
      ? []
      : [
          {
            title: 'Triage',
            value: count(triage.length),
            note: 'reports without a member',
            href: '/console/review',
          },
        ]),
  ];
}

function attentionOf({ feeds = [], held, triage = [], red }: Shown): readonly ListItem[] {
  return [
    ...(red === 0
      ? []
      : [
          {
            key: 'red',
            kind: 'info' as const,
            text: <a href="/console/red">{`${counted(red, 'item')} of TLP:RED for you`}</a>,
          },
        ]),
    ...feeds.filter(isFailing).map(({ name, title, alarms }) => ({
      key: `feed ${name}`,
      kind: 'bad' as const,
      text: <a href={feedPath(name)}>{`${title} needs attention`}</a>,
      ...(alarms[0] === undefined ? {} : { note: alarms[0].message }),
    })),
    ...(held.length === 0
      ? []
      : [
          {
            key: 'held',
            kind: 'wait' as const,
            text: <a href="/console/review">{`${counted(held.length, 'object')} on hold`}</a>,
            note: held[0]?.message,
          },
        ]),
    ...(triage.length === 0
      ? []
      : [
          {
            key: 'triage',
            kind: 'wait' as const,
            text: <a href="/console/review">{`${counted(triage.length, 'report')} to assign to members`}</a>,
            note: triage[0]?.message,
          },
        ]),
  ];
}

function Attention({ items }: { readonly items: readonly ListItem[] }): JSX.Element {
  return (
    <Block title="Needs attention" raw={items.length > 0}>
      {items.length === 0 ? <p>Nothing is waiting for you.</p> : <List items={items} />}
    </Block>
  );
}

function FeedBlock({ feeds, now }: { readonly feeds: Feeds['items']; readonly now: number }): JSX.Element {
  const sorted = feeds.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a))).slice(0, MOST_FEEDS);
  return (
    <Block
      title="Feeds"
      raw={feeds.length > 0}
      aside={
        <a href="/console/feeds">{feeds.length > 1 ? `All ${count(feeds.length)} feeds` : 'All feeds'}</a>
      }
    >
      {feeds.length === 0 ? (
        <p>No feeds yet. A feed imports objects automatically.</p>
      ) : (
        <Table
          caption="Feeds"
          columns={[{ title: 'Feed' }, { title: 'Last run', class: 'num nw' }]}
          rows={sorted.map((feed) => ({
            key: feed.name,
            cells: [
              <>
                <a href={feedPath(feed.name)}>{feed.title}</a>
                <Sub>
                  <FeedState feed={feed} />
                </Sub>
              </>,
              runAge(feed.last_run, now),
            ],
          }))}
        />
      )}
    </Block>
  );
}

function Latest({ items, now }: { readonly items: Overview['items']; readonly now: number }): JSX.Element {
  return (
    <Block title="Latest" raw>
      {items.length === 0 ? (
        <Empty title="Nothing has arrived yet">
          New objects of the collections that you can read appear here.
        </Empty>
      ) : (
        <Table
          caption="The newest objects that you can read"
          columns={[
            { title: 'Title', class: 'lead' },
            { title: 'Type' },
            { title: 'Collection' },
            { title: 'State', bare: true },
            { title: 'Marking', class: 'nw', bare: true },
            { title: 'Age', class: 'num nw' },
          ]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.id)}>{item.title}</a>,
              typeInWords(item.type),
              item.collection_name,
              <ObjectState state={item.state} until={item.valid_until} />,
              <TlpLabel level={item.tlp} />,
              <Time at={item.date_added}>{since(item.date_added, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
}
