import { counted, count } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** Audit log and deliveries. */
export const run = {
  readers: {
    current: 'Up to date',
    behind: 'Behind',
    silent: 'Silent',
    never: 'Has never read',
    'no grant': 'No access',
  },
  deliveries: 'Deliveries',
  toSeeWhoReceived: 'To see who received one object, open its page.',
  readersTitle: 'Readers',
  nobodyHasReadAnything: 'Nobody has read anything yet',
  accountsThatReadA: 'Accounts that read a collection appear here.',
  readersAndTheirProgress: 'Readers and their progress',
  reader: 'Reader',
  collection: 'Collection',
  state: 'State',
  waiting: 'Waiting',
  lastSeen: 'Last seen',
  auditLog: 'Audit log',
  deliveriesOfAnObject: (link: (text: Node) => Node) =>
    rich`Deliveries of an object are on its own page, and runs of a feed on the page of the feed. ${link('What the audit log records')}`,
  entries: 'Entries',
  noEntries: 'No entries',
  changesThatYouMay: 'Changes that you may see appear here.',
  entriesOfTheAudit: 'Entries of the audit log',
  action: 'Action',
  resource: 'Resource',
  by: 'By',
  result: 'Result',
  time: 'Time',
  done: 'Done',
  refused: 'Refused',
  showTheOldestFirst: 'Show the oldest first',
  showTheNewestFirst: 'Show the newest first',
  verifyTheHashChain: 'Verify the hash chain',
  theHashChainIs: (seq: number) => `The hash chain is broken at entry ${count(seq)}.`,
  theHashChainIsComplete: 'The hash chain is complete.',
  entryWereChecked: (entries: number) => `${counted(entries, 'entry was', 'entries were')} checked.`,
};
