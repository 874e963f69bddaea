import { count, counted } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** Saved searches. */
export const savedSearches = {
  saved: 'Saved searches',
  save: 'Save this search',
  name: 'Name',
  hint: 'Lowercase letters, digits and hyphens.',
  share: (isOfMember: boolean): string =>
    isOfMember ? 'Share it with the other people of your organisation' : 'Share it with other hub staff',
  onlyYou: 'The search is saved with its filters. Only you can see it, unless you share it.',
  from: 'From',
  own: 'You',
  shared: 'You, shared',
  keep: 'Do not save it',
  value: 'Searched for',
  since: 'Saved',
  change: 'Change',
  delete: 'Delete',
  deleteOne: 'Delete a saved search',
  keepIt: 'Keep it',
};

/** The search. */
export const search = {
  search: 'Search',
  many: 'Check many values',
  save: 'Save this search',
  export: 'Export',
  stixId: (id: string) => `STIX ID ${id}`,
  searchFor: (typed: string) => `Search: ${typed}`,
  valueNetworkHashStix: 'Value, network, hash, STIX ID or the beginning of a name',
  searchTheHub: 'Search the hub',
  whatYouCanSearch: 'What you can search for',
  addressesNetworksDomainNames:
    'Addresses, networks, domain names, URLs, email addresses, hashes and AS numbers, defanged or not. A search for a network finds addresses in it, and networks that contain it. A search for a domain name finds everything below it.',
  orMore: ' or more',
  result: (number: number, more: string) => `${counted(number, 'result')}${more}`,
  understoodAs: (strong: Node, isPlain: boolean, strong2: Node, complete: boolean) =>
    rich`Understood as ${strong}. ${isPlain ? '' : 'The value was defanged. The hub has converted it back. '}${strong2}${complete ? '.' : '. The hub is still indexing new objects, so results may be missing.'}`,
  results: 'Results',
  exportThisView: (csv: (text: Node) => Node, json: (text: Node) => Node, stix: (text: Node) => Node) =>
    rich`Export this view: ${csv('CSV')} · ${json('JSON')} · ${stix('STIX')}`,
  filters: 'Filters',
  clear: 'Clear',
  remove: 'remove',
  chosen: (facet: string, value: string) => `${facet}: ${value}`,
  facets: {
    type: 'Type',
    tlp: 'Marking',
    state: 'State',
    collection: 'Collection',
    source: 'Source',
    label: 'Label',
    age: 'Added',
  },
  ages: {
    day: 'In the last 24 hours',
    week: '1 to 7 days ago',
    month: '7 to 30 days ago',
    year: '30 days to a year ago',
    older: 'More than a year ago',
  },
  capped: 'The filters and counts cover the first 2,000 results. Narrow the search to see the others.',
  marking: 'Marking',
  shown: (first: number, last: number, all: number) => `${count(first)} to ${count(last)} of ${count(all)}`,
  andMore: (collections: number) => `and ${count(collections)} more`,
  select: (title: string) => `Select ${title}`,
  noneLeft: 'No results match these filters',
  withoutFilters: 'Show all results',
  resultCount: (number: number) => counted(number, 'result'),
  objectsThatMatch: 'Objects that match',
  title: 'Title',
  type: 'Type',
  state: 'State',
  collection: 'Collection',
  added: 'Added',
  noResultsFor: (typed: string) => `No results for ${typed}`,
  nothingWithThisValue: (collections: number) =>
    collections === 0
      ? 'Nothing with this value is visible to you.'
      : `We searched the ${counted(collections, 'collection')} that you can read.`,
};

/** The page that checks many values at once. */
export const check = {
  title: 'Check many values',
  search: 'Search',
  values: 'Your values',
  field: 'One value per line, or any text',
  hint: (most: number) =>
    `Up to ${count(most)} addresses, networks, domain names, URLs, email addresses and hashes. CSV and defanged text are fine.`,
  button: 'Check values',
  stays: 'The values stay on this hub. Nobody else can see them.',
  noValue: 'Enter at least one value.',
  tooMany: (most: number, given: number) =>
    `The form accepts at most ${count(most)} values, and you entered ${count(given)}. For more, use talanoa values check FILE.`,
  active: (known: number, all: number) =>
    known === 1
      ? `1 of ${counted(all, 'value')} is an active indicator.`
      : `${count(known)} of ${counted(all, 'value')} are active indicators.`,
  noneActive: (all: number) => `None of the ${counted(all, 'value')} is an active indicator.`,
  incomplete: 'The hub is still reading new objects, so values may be missing.',
  tally: (number: number, verdict: string) => `${count(number)} ${verdict}`,
  tallies: {
    active: 'active',
    suppressed: 'suppressed',
    'warning-list': 'on warning lists',
    'own-network': 'in networks of members',
    pending: 'not valid yet',
    expired: 'expired',
    withdrawn: 'withdrawn',
    unknown: 'not known',
    invalid: 'not understood',
  },
  verdicts: {
    active: 'Active',
    suppressed: 'Suppressed',
    'warning-list': 'On a warning list',
    'own-network': 'In a member’s network',
    pending: 'Not valid yet',
    expired: 'Expired',
    withdrawn: 'Withdrawn',
    unknown: 'Not known',
    invalid: 'Not a value',
  },
  heading: 'Verdicts',
  caption: 'The verdict on each value',
  exportView: 'Export as CSV',
  columns: { value: 'Value', verdict: 'Verdict', why: 'Why', marking: 'Marking' },
  why: {
    active: (sources: number, day: Node) => rich`${counted(sources, 'source')}. Valid until ${day}.`,
    pending: 'An indicator contains it, but is not valid yet.',
    expired: (day: Node) => rich`Expired on ${day}.`,
    withdrawn: 'Its indicators were revoked.',
    suppressed: 'A suppression keeps it out of every list.',
    unknown: 'No collection that you can read contains it.',
    invalid: (line: number) =>
      `Line ${line}. Not an address, network, domain name, URL, email address or hash.`,
    through: (around: string) => `Through ${around}.`,
    lists: (names: string) => `On the warning list ${names}.`,
    owner: (claim: string, member: string) => `In ${claim} of ${member}.`,
  },
};

/** Actions on several results of a search. */
export const bulk = {
  search: 'Search',
  selected: 'With the selected objects:',
  all: (number: number) => `Select all ${count(number)} that match, not only those on this page`,
  actions: {
    revoke: 'Revoke',
    label: 'Add a label',
    share: 'Share',
    seen: 'Report sightings',
    'false-positive': 'Report false positives',
  },
  titles: {
    revoke: (number: number) => `Revoke ${counted(number, 'object')}?`,
    label: (number: number) => `Add a label to ${counted(number, 'object')}`,
    share: (number: number) => `Share ${counted(number, 'object')}`,
    seen: (number: number) => `Report sightings of ${counted(number, 'object')}`,
    'false-positive': (number: number) => `Report ${counted(number, 'object')} as false positives`,
  },
  buttons: {
    revoke: (number: number) => `Revoke ${counted(number, 'object')}`,
    label: (number: number) => `Label ${counted(number, 'object')}`,
    share: (number: number) => `Share ${counted(number, 'object')}`,
    seen: (number: number) => `Report ${counted(number, 'sighting')}`,
    'false-positive': (number: number) => `Report ${counted(number, 'false positive')}`,
  },
  keep: 'Change nothing',
  willHappen: 'What will happen',
  consequences: {
    revoke: [
      'A new version marks each object as revoked, in every collection that has it.',
      'Readers receive the revocation at their next poll. Their tools stop using the object.',
      'You can’t undo this.',
    ],
    label: ['Each object gets a new version with the label. Readers receive it at their next poll.'],
    share: ['The members receive the objects. If the TLP level requires it, the hub asks the owner first.'],
    seen: ['The hub stores a sighting of your member for each indicator. Others see only a count.'],
    'false-positive': ['The hub stores a report of your member for each indicator, and its staff decide.'],
  },
  each: 'Each object is treated as if you had chosen it alone, and has its own result.',
  objects: (number: number) => `Show the ${counted(number, 'object')}`,
  andMore: (number: number) => `and ${count(number)} more`,
  label: 'Label',
  members: 'Members',
  membersHint: 'Names of members, separated by commas.',
  reason: 'Reason (optional)',
  faults: {
    none: 'Select at least one object.',
    tooMany: (most: number, given: number) =>
      `One action changes at most ${count(most)} objects, and ${count(given)} are selected. Add filters.`,
    changed: (what: string) =>
      `The list has changed since you saw it. ${what} Look at the objects below, then confirm again.`,
    number: (before: number, now: number) =>
      `It had ${counted(before, 'object')}, and now has ${count(now)}.`,
    revised: (number: number, some: string) =>
      `${counted(number, 'object')} ${number === 1 ? 'is' : 'are'} new or revised since then, such as ${some}.`,
    label: 'Enter a label of at most 200 characters.',
    members: 'Enter the name of at least one member.',
  },
  done: (done: number, all: number) => `${count(done)} of ${counted(all, 'object')} done.`,
  again: 'This form was sent before. Nothing was done twice.',
  results: 'Results',
  object: 'Object',
  outcome: 'Result',
  outcomes: { done: 'Done', known: 'Nothing to change', failed: 'Not done' },
  why: 'Why',
  back: 'Back to the search',
};
