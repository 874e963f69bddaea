import { counted, count } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** The first steps of a new hub, on the overview. */
export const firstSteps = {
  title: 'Get started',
  note: 'Three steps make this hub useful.',
  doneOf: (done: number, all: number) => `${count(done)} of ${count(all)} done`,
  progress: { done: 'Done', started: 'Started', open: 'To do' },
  feeds: {
    title: 'Bring in threat intelligence',
    notes: {
      done: 'A feed is arriving. Add your own sources at any time.',
      started: 'A feed exists, but none has run without problems yet.',
      open: 'A feed imports objects automatically, from a preset or an address.',
    },
    actions: { done: 'Add another feed', open: 'Add a feed' },
  },
  members: {
    title: 'Add your first member',
    notes: {
      done: 'A member has fetched objects.',
      started: 'A member exists, but has not fetched anything yet. Create an account and a key for it.',
      open: 'A member is an organisation that receives objects, such as a national CERT. Add it with "talanoa member create".',
    },
    actions: { done: 'Show the members', open: 'Show the members' },
  },
  publishing: {
    title: 'Publish an indicator',
    notes: {
      done: 'An indicator was published.',
      started: '',
      open: 'Send one value to your member and watch it arrive. You can revoke it afterwards.',
    },
    actions: { done: 'Publish another', open: 'Publish an indicator' },
  },
  beforeUse: 'Before members use it',
  allChecks: 'All checks',
  hide: 'Hide these steps',
  demo: (command: Node) =>
    rich`To look around first, start a hub with sample data in a separate folder: ${command}. It sends nothing to real members.`,
};

/** The overview. */
export const overview = {
  overview: 'Overview',
  lookAt: (title: string) => `Look at ${title}`,
  feedsNeedAttention: (number: number, title: string) =>
    number === 1 ? `${title} needs attention.` : `${counted(number, 'feed')} need attention.`,
  openTheReviewQueue: 'Open the review queue',
  itemWaitingForReview: (waiting: number) =>
    `${counted(waiting, 'item')} ${waiting === 1 ? 'is' : 'are'} waiting for review.`,
  nobodyReceivesThemUntil: `Nobody receives them until somebody decides.`,
  youCantReadAny: 'You can’t read any collection yet.',
  askAnAdministratorOf: `Ask an administrator of the hub for access to one.`,
  nothingNeedsYourAttention: 'Nothing needs your attention.',
  noFeedReportsA: 'No feed reports a problem, and the review queue is empty.',
  newIn24Hours: 'New in 24 hours',
  objects: 'objects',
  objectsThatYouCan: 'objects that you can read',
  collections: 'Collections',
  thatYouCanRead: 'that you can read',
  feeds: 'Feeds',
  of: (number: number, number2: number) => `${count(number)} of ${count(number2)}`,
  withoutProblems: 'without problems',
  onHold: 'On hold',
  oldest: (time: Node) => rich`oldest: ${time}`,
  triage: 'Triage',
  reportsWithoutAMember: 'reports without a member',
  itemOfTlpRed: (red: number) => `${counted(red, 'item')} of TLP:RED for you`,
  needsAttention: (title: string) => `${title} needs attention`,
  objectOnHold: (number: number) => `${counted(number, 'object')} on hold`,
  reportToAssignTo: (number: number) => `${counted(number, 'report')} to assign to members`,
  attention: 'Needs attention',
  nothingIsWaitingFor: 'Nothing is waiting for you.',
  allFeeds: (number: number) => (number > 1 ? `All ${count(number)} feeds` : 'All feeds'),
  noFeedsYetA: 'No feeds yet. A feed imports objects automatically.',
  feed: 'Feed',
  lastRun: 'Last run',
  arrivals: 'Objects submitted and rows read each day',
  arrivalsLabel: (highest: string, number: number) =>
    `Objects submitted and rows read each day, by source. The busiest day was ${highest} with ${count(number)}.`,
  otherFeeds: 'Other feeds',
  hubAndMembers: 'Hub and members',
  latest: 'Latest',
  nothingHasArrivedYet: 'Nothing has arrived yet',
  newObjectsOfThe: 'New objects of the collections that you can read appear here.',
  theNewestObjectsThat: 'The newest objects that you can read',
  title: 'Title',
  type: 'Type',
  collection: 'Collection',
  state: 'State',
  marking: 'Marking',
  age: 'Age',
};

/** Charts. */
export const chart = {
  numbers: 'Show the numbers',
  day: 'Day',
  total: 'Total',
};
