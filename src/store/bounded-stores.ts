import type { HubRecord } from './store.ts';

/** Parties who can make a store grow. */
export type Filler = 'anybody' | 'accounts' | 'members' | 'officers' | 'hub staff' | 'the hub';

/** The owner whose records are counted together. */
export type CountedBy = 'account' | 'member' | 'collection' | 'feed' | 'hub';

/** The maximum number of records of a kind, enforced where a record is created (`bounded.ts`). */
export interface RecordBound {
  readonly most: number;
  readonly of: CountedBy;
  /** The index key that contains the owner. Records are then counted without being read. */
  readonly index?: string;
  /** The field of the document that contains the owner, if there is no index key. Default: the name in `of`. */
  readonly field?: string;
  /** The action for one more record: it is refused, or the oldest record is removed. */
  readonly whenFull: 'refuse' | 'oldest';
  /** The field of the document by which the oldest record is found. */
  readonly age?: string;
  /** Decides which records are removed before all others, because their work is done. */
  readonly isDone?: (record: HubRecord) => boolean;
  /**
   * Sorts records into groups of similar records, from the broadest to the narrowest. The oldest record of the largest narrow
   * group is removed first, so that frequent records never push out rare ones.
   */
  readonly groups?: (record: Pick<HubRecord, 'document'>) => readonly string[];
  /** The words for `groups` in the documentation. */
  readonly groupWords?: string;
  /** How many records are removed at once, so that a full store is not read for each new record. Default: one. */
  readonly step?: number;
}

/** One store of the hub, and the limit that keeps it from growing without bound. */
export interface BoundedStore {
  /** The kind of a record, or the name of a table of the embedded store. */
  readonly name: string;
  readonly holds: string;
  readonly filledBy: Filler;
  /** Limits that are enforced where a record is created. */
  readonly bounds?: readonly RecordBound[];
  /** The id of a record is the id of such an entry, so that there is one record for each. */
  readonly onePer?: 'account' | 'feed' | 'collection' | 'channel' | 'list' | 'hub';
  /** A limit that the code of the store itself enforces, in words. */
  readonly bound?: string;
  readonly whenFull?: string;
  /** The next step for a person whose record is refused. */
  readonly remedy?: string;
  /** The code of the refusal. Default: `FULL`. */
  readonly code?: string;
}

/** The code of a refusal because a store is full, unless the store has its own code. */
export const FULL = 'TLN-B-409';

const UNNEEDED = 'Remove entries that are no longer needed, then try again.';

function refuse(of: CountedBy, most: number, where: Pick<RecordBound, 'index' | 'field'> = {}): RecordBound {
  return { of, most, whenFull: 'refuse', ...where };
}

function oldest(of: CountedBy, most: number, age: string, more: Partial<RecordBound> = {}): RecordBound {
  return { of, most, whenFull: 'oldest', age, ...more };
}

/** Groups notifications by their event, and then by the event and the account that caused it. */
function eventAndAuthor({ document }: Pick<HubRecord, 'document'>): readonly string[] {
  const details = document['details'] as { readonly by?: unknown } | undefined;
  const event = String(document['event']);
  return [event, `${event}/${typeof details?.by === 'string' ? details.by : ''}`];
}

/** Every kind of record. The hub refuses to create a record of a kind that is not in this list. */
export const RECORD_STORES: readonly BoundedStore[] = [
  { name: 'account', holds: 'accounts', filledBy: 'officers', bounds: [refuse('member', 500), refuse('hub', 10_000)], remedy: 'Remove accounts that are no longer needed, then try again.' },
  { name: 'acknowledgement-request', holds: 'requests for an acknowledgement', filledBy: 'members', bounds: [oldest('hub', 5_000, 'at', { isDone: ({ index }) => index['state'] !== 'open', step: 100 })], bound: '100 open for each member and 1,000 in total', whenFull: 'Further requests are refused while so many are open (409, TLN-D-409)' },
  { name: 'anonymous-object', holds: 'indicators that members submitted without their name, with their sealed origin', filledBy: 'members', bounds: [refuse('member', 10_000, { index: 'by' }), refuse('hub', 100_000)], bound: '100 in one request; 90 days after a revocation', remedy: 'Submit the indicators with your name.' },
  { name: 'answer', holds: 'acknowledgements of deliveries', filledBy: 'members', bounds: [oldest('member', 50_000, 'at', { index: 'member', step: 1_000 })], bound: 'one for each object and member' },
  { name: 'api-root', holds: 'API roots', filledBy: 'hub staff', bounds: [refuse('hub', 1_000)], remedy: 'Remove API roots from the settings file.' },
  { name: 'channel', holds: 'channels of members', filledBy: 'officers', bounds: [refuse('member', 50), refuse('hub', 2_000)], remedy: 'Remove channels that are no longer needed, then try again.' },
  { name: 'channel-state', holds: 'the cursor of a channel and its dead letters', filledBy: 'the hub', onePer: 'channel', bound: '100 dead letters, and 100 that wait to be sent again', whenFull: 'The oldest dead letter is dropped and counted' },
  { name: 'claim', holds: 'networks, domains, … of members', filledBy: 'officers', bounds: [refuse('member', 500, { index: 'member' })], bound: '1,000 in one request', code: 'TLN-M-409', remedy: 'An administrator of the hub can add networks and domains to the member itself.' },
  { name: 'collection', holds: 'collections', filledBy: 'hub staff', bounds: [refuse('hub', 10_000)], remedy: UNNEEDED },
  { name: 'contact', holds: 'contacts of members and of the hub', filledBy: 'officers', bounds: [refuse('member', 100, { index: 'member' }), refuse('hub', 20_000)], bound: '10 phone numbers and 10 addresses in each', remedy: 'Remove contacts that are no longer needed: talanoa contact list.' },
  { name: 'contact-change', holds: 'requested and decided changes of contacts', filledBy: 'officers', bounds: [oldest('member', 500, 'at', { index: 'member', isDone: ({ document }) => document['state'] !== 'pending', step: 20 }), oldest('hub', 20_000, 'at', { isDone: ({ document }) => document['state'] !== 'pending', step: 100 })], bound: '30 pending changes for each member', whenFull: 'Further requests are refused while 30 are pending (429, TLN-M-445)' },
  { name: 'delegation', holds: 'delegations of registries', filledBy: 'hub staff', bounds: [refuse('hub', 300)], bound: 'one for each country; 65,536 numbers in one file', remedy: 'Check the country codes of the file.' },
  { name: 'email-link', holds: 'links sent by email', filledBy: 'anybody', bounds: [oldest('account', 20, 'expires', { index: 'account' })], bound: '3 open for each account and purpose; they expire after 24 hours', whenFull: 'No further link is sent while 3 are open' },
  { name: 'exercise', holds: 'exercises of the phone tree with their calls', filledBy: 'hub staff', bounds: [oldest('hub', 500, 'started', { step: 10 })], bound: '2,000 calls in one exercise' },
  { name: 'factor', holds: 'second factors', filledBy: 'accounts', onePer: 'account' },
  { name: 'feed', holds: 'feed documents', filledBy: 'hub staff', bounds: [refuse('hub', 500)], remedy: 'Remove feeds that are no longer needed, then try again.' },
  { name: 'false-positive', holds: 'false positives that members reported', filledBy: 'members', bounds: [oldest('hub', 20_000, 'at', { isDone: ({ index }) => index['state'] !== 'open', step: 500 })], bound: '2,000 open', whenFull: 'Further reports are stored, but open no case' },
  { name: 'feedback', holds: 'sightings, false positives and notes of members, sealed', filledBy: 'members', bounds: [oldest('member', 50_000, 'at', { index: 'by', step: 1_000 })], bound: 'one for each account, value and kind; 1,000 in one request' },
  { name: 'feed-health', holds: 'alarms of feeds', filledBy: 'the hub', onePer: 'feed' },
  { name: 'feed-quarantine', holds: 'rows that could not be parsed', filledBy: 'the hub', bounds: [oldest('feed', 10, 'at', { index: 'feed' }), oldest('hub', 1_000, 'at', { step: 10 })], bound: '1,000 rows of one run, which ends at 100,000', whenFull: 'Further rows of a run are only counted' },
  { name: 'feed-run', holds: 'runs of feeds', filledBy: 'the hub', bounds: [oldest('feed', 500, 'started', { index: 'feed', step: 20 }), oldest('hub', 50_000, 'started', { step: 1_000 })] },
  { name: 'feed-state', holds: 'the state of a feed', filledBy: 'the hub', onePer: 'feed' },
  { name: 'grant', holds: 'grants', filledBy: 'hub staff', bounds: [refuse('collection', 1_000), refuse('hub', 20_000)], bound: 'one for each collection and receiver', remedy: 'Give the grant to a group, or take other grants away.' },
  { name: 'group', holds: 'groups', filledBy: 'hub staff', bounds: [refuse('hub', 1_000)], remedy: UNNEEDED },
  { name: 'idempotency', holds: 'responses to requests with an Idempotency-Key', filledBy: 'accounts', bounds: [oldest('account', 2_000, 'at', { index: 'account', step: 100 })], bound: '24 hours; responses of at most 16 KiB (a repeated request with a longer response is refused: 409, TLN-P-410)' },
  { name: 'invitation', holds: 'first-time sign-in links', filledBy: 'officers', bounds: [oldest('account', 5, 'expires', { isDone: ({ document }) => (document['state'] ?? 'open') !== 'open' })], bound: '24 hours; its page explains for 30 more days why it no longer works' },
  { name: 'kept-licence', holds: 'feeds whose forwarded objects were removed because of their licence', filledBy: 'the hub', onePer: 'feed' },
  { name: 'key', holds: 'API keys', filledBy: 'officers', bounds: [refuse('account', 100)], code: 'TLN-K-409', remedy: 'Revoke keys that you no longer need, then try again. Expired keys count until they are revoked.' },
  { name: 'list', holds: 'saved lists', filledBy: 'officers', bounds: [refuse('member', 100, { index: 'owner' }), refuse('hub', 1_000)], bound: '1,000,000 values in one list', remedy: 'Delete lists that are no longer needed: talanoa list list.' },
  { name: 'misp-event', holds: 'what a MISP feed said about an event: ids, times and digests', filledBy: 'members', bound: '20,000 for each feed, with 1,000,000 attributes, and 20,000 deleted ones of each event for 30 days', whenFull: 'The events of the oldest days are left out' },
  { name: 'misp-feed', holds: 'MISP feeds whose events are remembered', filledBy: 'accounts', bound: 'the 200 that were fetched last, for 35 days, and 1,800 others for 8 days', whenFull: 'The oldest are forgotten' },
  { name: 'list-state', holds: 'the published state of a saved list', filledBy: 'the hub', onePer: 'list' },
  { name: 'marking', holds: 'marking definitions', filledBy: 'members', bounds: [refuse('member', 1_000, { index: 'owner' })], bound: '16 KiB each', whenFull: 'A further or larger definition has no effect: objects with this marking wait in the review queue, and the log reports it' },
  { name: 'member', holds: 'members', filledBy: 'hub staff', bounds: [refuse('hub', 2_000)], remedy: 'Larger hubs were never tested. Run a second hub for further members.' },
  { name: 'member-request', holds: 'registrations and change requests', filledBy: 'anybody', bounds: [oldest('hub', 5_000, 'at', { isDone: ({ document }) => document['state'] !== 'pending', step: 100 })], bound: '100 pending registrations in total; 5 from one address (IPv6 /64), 20 from one /24 or /48; 5 pending requests for each member', whenFull: 'Further registrations are refused while these are pending (429, TLN-Q-429)' },
  { name: 'name-index', holds: 'cursors of the search index', filledBy: 'the hub', onePer: 'collection' },
  { name: 'notification', holds: 'notifications of accounts', filledBy: 'the hub', bounds: [oldest('account', 100, 'at', { index: 'account', groups: eventAndAuthor, groupWords: 'event and author' })] },
  { name: 'opened', holds: 'records of which member opened which object', filledBy: 'members', bounds: [oldest('member', 20_000, 'at', { index: 'member', step: 1_000 })], bound: 'one for each object and member' },
  { name: 'place', holds: 'networks from which an account has signed in', filledBy: 'accounts', onePer: 'account', bound: '32 networks', whenFull: 'The oldest is dropped' },
  { name: 'red', holds: 'TLP:RED that was given to people, sealed', filledBy: 'accounts', bounds: [refuse('account', 1_000, { index: 'by' }), refuse('member', 5_000, { index: 'member' }), refuse('hub', 20_000)], bound: '32 MiB for each account, 128 MiB for each member, 1 GiB in total', code: 'TLN-R-409', remedy: 'Withdraw objects that are no longer needed: talanoa red withdraw ID.' },
  { name: 'routing', holds: 'cursors of routing', filledBy: 'the hub', onePer: 'collection' },
  { name: 'rule', holds: 'forwarding rules', filledBy: 'hub staff', bounds: [refuse('hub', 1_000)], remedy: UNNEEDED },
  { name: 'saved-search', holds: 'saved searches', filledBy: 'accounts', bounds: [refuse('account', 50, { index: 'account' }), refuse('hub', 20_000)], remedy: 'Delete searches that are no longer needed: talanoa saved-search list.' },
  { name: 'score-day', holds: 'counts for scorecards', filledBy: 'the hub', bounds: [oldest('hub', 200_000, 'day', { step: 2_000 })], bound: 'one for each source, day and collection; 400 days' },
  { name: 'score-index', holds: 'cursors of the scorecards', filledBy: 'the hub', bounds: [refuse('hub', 10_001)], bound: 'one for each collection, and one for decisions', whenFull: 'As for collection' },
  { name: 'score-intake', holds: 'numbers of offered and rejected objects and rows', filledBy: 'the hub', bounds: [oldest('hub', 200_000, 'day', { step: 2_000 })], bound: 'one for each source and day; 400 days' },
  { name: 'score-sightings', holds: 'numbers of sighted values', filledBy: 'the hub', bounds: [refuse('hub', 100_000)], bound: 'one for each source and collection whose values at least three members have sighted', whenFull: 'The sightings of further sources are not counted' },
  { name: 'score-state', holds: 'the state of the scorecards', filledBy: 'the hub', onePer: 'hub' },
  { name: 'sealed-secret', holds: 'secrets of feeds and channels', filledBy: 'officers', bounds: [refuse('hub', 1_000)], remedy: 'Remove secrets that are no longer needed: talanoa secret list.' },
  { name: 'seal-opening', holds: 'requests to open the seals of anonymous objects, and openings', filledBy: 'hub staff', bounds: [refuse('hub', 1_000)], bound: '7 days for a request, 1 day for an opening', remedy: 'Wait until earlier requests ended.' },
  { name: 'secret', holds: 'keys of the hub', filledBy: 'the hub', bounds: [refuse('hub', 10)], whenFull: 'Never; the hub itself creates them' },
  { name: 'session', holds: 'sessions of the console', filledBy: 'accounts', bounds: [oldest('account', 50, 'seen', { index: 'account' })], bound: '30 minutes idle, 12 hours in total; 600 sign-ins of one account in ten minutes at each process', whenFull: 'Further sign-ins are refused for up to ten minutes (429, TLN-A-431)' },
  { name: 'settings', holds: 'the effective settings', filledBy: 'hub staff', onePer: 'hub' },
  { name: 'share', holds: 'shares by hand', filledBy: 'members', bounds: [oldest('member', 5_000, 'at', { index: 'member', isDone: ({ document }) => document['state'] !== 'asked', step: 100 })], bound: '100 members in one share; 100 open consent requests of one account', whenFull: 'Further requests are refused while 100 are open (409, TLN-S-415)' },
  { name: 'sign-ins', holds: 'sign-in history', filledBy: 'accounts', onePer: 'account', bound: '50 entries', whenFull: 'The oldest is dropped' },
  { name: 'sign-on', holds: 'completed single sign-ons, so that none is used twice', filledBy: 'accounts', bounds: [oldest('hub', 10_000, 'expires', { step: 500 })], bound: '10 minutes' },
  { name: 'suppression', holds: 'values that no list contains', filledBy: 'officers', bounds: [refuse('member', 20_000, { index: 'member' }), refuse('hub', 50_000)], bound: '100 in one request; 90 days after they were lifted', remedy: 'Lift suppressions that are no longer needed: talanoa suppression list.' },
  { name: 'tally', holds: 'counts for throttling and quotas', filledBy: 'anybody', bound: '10,000 records, 50,000 names in memory', whenFull: 'Each process counts on its own; the oldest name is dropped' },
  { name: 'triage', holds: 'objects without recipients', filledBy: 'members', bounds: [oldest('hub', 10_000, 'at', { isDone: ({ document }) => document['state'] !== 'open', step: 500 })], bound: '1,000 open', whenFull: 'Further objects are only logged while 1,000 are open' },
  { name: 'value-index', holds: 'cursors of the value view', filledBy: 'the hub', onePer: 'collection' },
  { name: 'warning-list', holds: 'warning lists of feeds', filledBy: 'the hub', onePer: 'feed', bound: '200,000 entries', whenFull: 'The run fails' },
  { name: 'wide-network', holds: 'approvals of networks that are too large to be blocked without one', filledBy: 'hub staff', bounds: [refuse('hub', 1_000)], bound: 'one for each network; 90 days after its end', remedy: 'Wait until approvals that ended are removed after 90 days.' },
]; // prettier-ignore

/** Every table of the embedded store. MongoDB has collections with the same content. */
export const TABLE_STORES: readonly BoundedStore[] = [
  { name: 'object', holds: 'texts of objects', filledBy: 'members', bound: 'limits.objects_per_day for each member, 5,000,000 by default; bytes by the maximum size of an envelope', whenFull: 'The envelope is refused until midnight UTC' },
  { name: 'collection', holds: 'numbers of collections', filledBy: 'hub staff', bound: 'one for each collection', whenFull: 'As for the kind' },
  { name: 'entry', holds: 'versions in collections', filledBy: 'members', bound: 'as for object', whenFull: 'As for object' },
  { name: 'tombstone', holds: 'removals', filledBy: 'members', bound: 'one for each entry that was removed', whenFull: 'As for object' },
  { name: 'held', holds: 'the review queue', filledBy: 'members', bound: '2,000 objects and 64 MiB for each member or feed', whenFull: 'The object is refused: review-queue-full' },
  { name: 'held_wait', holds: 'markings that objects on hold wait for', filledBy: 'members', bound: '200 for each object on hold', whenFull: 'The object is refused: L-009' },
  { name: 'receipt', holds: 'status resources', filledBy: 'members', bound: '24 hours; 20,000 and 256 MiB for each account, 400,000 and 2 GiB in total; a tenth more until they are counted again', whenFull: 'The oldest are removed' },
  { name: 'record', holds: 'records of all kinds above', filledBy: 'anybody', bound: 'as for its kind', whenFull: 'As for its kind' },
  { name: 'record_count', holds: 'numbers and sizes of records', filledBy: 'the hub', bound: 'one row for each kind', whenFull: 'The row is replaced' },
  { name: 'record_key', holds: 'index keys of records', filledBy: 'anybody', bound: 'as for its kind', whenFull: 'As for its kind' },
  { name: 'envelope', holds: 'envelopes without an outcome yet', filledBy: 'members', bound: '200 and 512 MiB for each account, 500 and 1 GiB for each member, 2,000 and 4 GiB in total, and one more envelope; each process adds those that it works on', whenFull: 'The envelope is refused with Retry-After (429, TLN-E-429; in total 503, TLN-E-503)' },
  { name: 'reader', holds: 'reading positions of readers', filledBy: 'accounts', bound: '100 readers for each account and collection', whenFull: 'Further readers are counted as one' },
  { name: 'key_use', holds: 'the last use of each key', filledBy: 'accounts', bound: '500 keys for each account, including revoked ones, and the keys used since the last housekeeping', whenFull: 'The oldest uses are removed' },
  { name: 'refusal', holds: 'refused requests', filledBy: 'anybody', bound: 'one for each account, collection and code; 30 days', whenFull: 'Repeated refusals are counted' },
  { name: 'audit', holds: 'the audit log', filledBy: 'accounts', bound: 'for each account, minute and process: 20 refusals, 20 of each of session.begin, session.end and answer.give, and 3,000 other changes (4,320,000 a day); for each envelope one entry per owner of removed objects, and for each publication one entry (next to the daily limit one for each part of it that stores something, so never more than objects); 300 characters of a path; about 1 KB for each entry; kept for limits.audit_days, or forever without it; doctor warns from 5,000,000 entries', whenFull: 'Further refusals, sessions and acknowledgements are counted in one entry. Further changes are refused (429, TLN-B-429)' },
  { name: 'audit_by', holds: 'the index of the audit log by actor and member', filledBy: 'accounts', bound: 'at most two rows for each entry of audit', whenFull: 'As for audit' },
  { name: 'audit_start', holds: 'where the audit log begins', filledBy: 'the hub', bound: 'one row', whenFull: 'The row is replaced' },
  { name: 'audit_unindexed', holds: 'how far the index of the audit log is built', filledBy: 'the hub', bound: 'one row', whenFull: 'The row is replaced' },
  { name: 'listing', holds: 'objects that a feed lists, in its whole list or in each of its events', filledBy: 'the hub', bound: 'one row for each object and list; rows of objects that a list no longer contains are removed', whenFull: 'As for the objects of the feed' },
  { name: 'found', holds: 'the first feed that named each value', filledBy: 'the hub', bound: 'one row for each feed and pattern of the feed', whenFull: 'As for the objects of the feed' },
  { name: 'name', holds: 'searchable values of objects, values that left lists and collections, and the sources of each value', filledBy: 'members', bound: 'as for object; removals for 30 days, one for each version that ended a value; sources for 400 days, at most 64 for each value', whenFull: 'As for object' },
]; // prettier-ignore

/** Long-lived maps and sets in memory, by file and field. A test compares this list with the code. */
export const MEMORY_STORES: readonly BoundedStore[] = [
  { name: 'server/connections.ts #all', holds: 'open connections', filledBy: 'anybody', bound: 'the limit of connections of the listener', whenFull: 'The connection is refused' },
  { name: 'server/connections.ts #bySocket', holds: 'the same by socket', filledBy: 'anybody', bound: 'as for #all', whenFull: 'As for #all' },
  { name: 'server/connections.ts #byEnds', holds: 'the same by their addresses', filledBy: 'anybody', bound: 'as for #all', whenFull: 'As for #all' },
  { name: 'server/connections.ts #ofGroup', holds: 'numbers of connections of each network', filledBy: 'anybody', bound: 'as for #all', whenFull: 'As for #all' },
  { name: 'server/connections.ts #ended', holds: 'counts of ended connections', filledBy: 'the hub', bound: 'one for each reason', whenFull: 'Never' },
  { name: 'kernel/body-budget.ts #callers', holds: 'bytes of request bodies of each caller', filledBy: 'anybody', bound: 'callers with an open request', whenFull: 'The request is refused' },
  { name: 'kernel/ordered-map.ts #pending', holds: 'changes of a map of access records that is being made', filledBy: 'the hub', bound: '2,000', whenFull: 'They are applied to the map' },
  { name: 'sharing/values/departure-log.ts #rest', holds: 'pauses between two looks for expired values', filledBy: 'the hub', bound: 'one for each collection', whenFull: 'Never' },
  { name: 'access/audit/audit.ts #refusals', holds: 'refusals of each account', filledBy: 'accounts', bound: 'one for each account, for a minute', whenFull: 'The count is replaced' },
  { name: 'access/authenticate.ts #remembered', holds: 'digests of passwords that were verified', filledBy: 'accounts', bound: '10,000', whenFull: 'All are dropped' },
  { name: 'access/authenticate.ts #running', holds: 'password checks in progress', filledBy: 'anybody', bound: 'the queue of hashes: 60 known and 100 new', whenFull: 'The request is refused' },
  { name: 'access/accounts/email-service.ts #open', holds: 'emails in progress', filledBy: 'anybody', bound: '200 waiting, and 200 notices that others cause', whenFull: 'No further email is sent' },
  { name: 'access/ledger.ts #readers', holds: 'reading positions that are not written yet', filledBy: 'accounts', bound: '2,000', whenFull: 'Further ones are not noted' },
  { name: 'access/ledger.ts #keyUses', holds: 'uses of keys that are not written yet', filledBy: 'accounts', bound: '2,000', whenFull: 'Further ones are not noted' },
  { name: 'access/ledger.ts #ways', holds: 'ways of reading of each account', filledBy: 'accounts', bound: '100 for each account', whenFull: 'Further ways are counted as one' },
  { name: 'access/ledger.ts #refusals', holds: 'refusals that are not written yet', filledBy: 'anybody', bound: '2,000', whenFull: 'Further ones are not noted' },
  { name: 'access/sessions/places.ts #present', holds: 'known networks and devices', filledBy: 'accounts', bound: '20,000', whenFull: 'The oldest is dropped' },
  { name: 'access/sessions/places.ts #absent', holds: 'unknown networks and devices', filledBy: 'anybody', bound: '20,000', whenFull: 'The oldest is dropped' },
  { name: 'access/rates.ts #buckets', holds: 'rates of accounts', filledBy: 'accounts', bound: '50,000', whenFull: 'All are dropped' },
  { name: 'access/keys/secret-service.ts #values', holds: 'opened secrets', filledBy: 'officers', bound: 'as for sealed-secret', whenFull: 'As for sealed-secret' },
  { name: 'access/sessions/sign-in-rate.ts #windows', holds: 'sign-ins of each account', filledBy: 'accounts', bound: '10,000', whenFull: 'The oldest is dropped' },
  { name: 'access/sessions/sign-in-watch.ts #counts', holds: 'failed sign-ins of each account and network', filledBy: 'anybody', bound: '5,000', whenFull: 'The oldest is dropped' },
  { name: 'access/sessions/sign-in-watch.ts #rows', holds: 'failed sign-ins that are not written yet', filledBy: 'anybody', bound: '20', whenFull: 'Further ones are counted in one entry' },
  { name: 'access/quota.ts #working', holds: 'objects of envelopes in progress', filledBy: 'members', bound: 'as for member', whenFull: 'As for member' },
  { name: 'access/tallies.ts #tallies', holds: 'counts for throttling and quotas', filledBy: 'anybody', bound: '50,000', whenFull: 'The oldest is dropped' },
  { name: 'access/sessions/throttle.ts #running', holds: 'sign-ins in progress', filledBy: 'anybody', bound: 'the queue of hashes: 60 known and 100 new', whenFull: 'The request is refused' },
  { name: 'sharing/deliveries/openings.ts #opened', holds: 'opened objects that are already recorded', filledBy: 'members', bound: '10,000', whenFull: 'All are dropped' },
  { name: 'sharing/intake/envelope-bounds.ts #working', holds: 'envelopes in progress that are not in the store', filledBy: 'members', bound: 'as for envelope', whenFull: 'As for envelope' },
  { name: 'sharing/intake/envelope-bounds.ts #written', holds: 'receipts of each account since they were counted', filledBy: 'accounts', bound: '10,000', whenFull: 'The oldest is dropped' },
  { name: 'sharing/intake/envelopes.ts #later', holds: 'envelopes in progress after their response', filledBy: 'members', bound: 'envelopes in progress', whenFull: 'The client waits' },
  { name: 'sharing/review/queue-limits.ts #working', holds: 'objects on hold that are being stored', filledBy: 'members', bound: 'envelopes in progress', whenFull: 'The client waits' },
  { name: 'sharing/routing/routing.ts #ended', holds: 'damaged marking definitions whose objects were removed', filledBy: 'the hub', bound: 'the records that the store itself keeps in memory', whenFull: 'An entry ends with its record' },
  { name: 'store/fact-gate.ts #actors', holds: 'changes of each account', filledBy: 'accounts', bound: '10,000, for a minute', whenFull: 'The oldest is dropped' },
  { name: 'store/records.ts #decoded', holds: 'decoded records', filledBy: 'the hub', bound: 'the records that the store itself keeps in memory', whenFull: 'An entry ends with its record' },
  { name: 'sharing/scorecards/offers.ts #offers', holds: 'numbers of submitted objects of the last minute', filledBy: 'members', bound: 'one for each member', whenFull: 'Never' },
  { name: 'sharing/suppression/suppressed-values.ts #known', holds: 'suppressed values', filledBy: 'accounts', bound: 'as for suppression', whenFull: 'As for suppression' },
  { name: 'members/contacts/hours.ts #known', holds: 'whether contacts can be reached now', filledBy: 'officers', bound: '5,000 different hours', whenFull: 'All are forgotten and found again' },
  { name: 'sharing/wide-networks/approved-networks.ts #until', holds: 'approved wide networks', filledBy: 'hub staff', bound: 'as for wide-network', whenFull: 'As for wide-network' },
  { name: 'sharing/suppression/suppressed-values.ts #above', holds: 'the domains above them', filledBy: 'accounts', bound: 'as for suppression', whenFull: 'As for suppression' },
  { name: 'store/sqlite/count-memory.ts #counts', holds: 'numbers of records', filledBy: 'accounts', bound: '2,000', whenFull: 'All are dropped' },
  { name: 'store/sqlite/page-memory.ts #pages', holds: 'pages of objects that were requested more than once', filledBy: 'accounts', bound: '16 MiB; 1,000; pages of at most 4 MiB', whenFull: 'The page that was used least recently is dropped' },
  { name: 'store/sqlite/page-memory.ts #heads', holds: 'dates of the last change of each collection', filledBy: 'the hub', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/sqlite/page-memory.ts #asked', holds: 'pages that were requested once', filledBy: 'accounts', bound: '2,000', whenFull: 'All are dropped' },
  { name: 'store/sqlite/transactions.ts #collections', holds: 'numbers of collections', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/sqlite/transactions.ts #leases', holds: 'leases of this process', filledBy: 'the hub', bound: 'work in progress', whenFull: 'Never' },
  { name: 'store/sqlite/transactions.ts #texts', holds: 'rows of the texts that a batch places', filledBy: 'the hub', bound: 'the objects of one batch', whenFull: 'Never' },
  { name: 'store/sqlite/sqlite-store.ts #waiting', holds: 'commits in progress', filledBy: 'accounts', bound: 'requests in progress', whenFull: 'The client waits' },
  { name: 'store/sqlite/statements.ts #numbers', holds: 'numbers of collections', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/sqlite/statements.ts #prepared', holds: 'prepared statements', filledBy: 'the hub', bound: 'one for each shape of a query; values are parameters', whenFull: 'Never' },
  { name: 'store/sqlite/whole-reads.ts #changes', holds: 'ids of changed records', filledBy: 'accounts', bound: '8,000 for each kind in #loaded', whenFull: 'The oldest are dropped, and the kind is read again' },
  { name: 'store/sqlite/whole-reads.ts #loaded', holds: 'records that determine access, channels and first-time sign-in links', filledBy: 'officers', bound: 'as for their kinds', whenFull: 'As for their kinds' },
  { name: 'store/mongo/records.ts #loaded', holds: 'the same records, and the numbers of their revisions', filledBy: 'officers', bound: 'as for their kinds', whenFull: 'As for their kinds' },
  { name: 'store/mongo/sweeping.ts #orphans', holds: 'documents without an owner', filledBy: 'the hub', bound: '100,000', whenFull: 'Further ones wait for the next sweep' },
  { name: 'store/mongo/sweeping.ts #tails', holds: 'ends of collections', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/mongo/leases.ts #watched', holds: 'leases of other processes', filledBy: 'the hub', bound: '10,000', whenFull: 'The oldest is dropped' },
  { name: 'store/mongo/leases.ts #until', holds: 'leases of this process', filledBy: 'the hub', bound: 'work in progress', whenFull: 'Never' },
  { name: 'store/mongo/turns.ts #waiting', holds: 'writes in progress', filledBy: 'accounts', bound: 'requests in progress', whenFull: 'The client waits' },
  { name: 'store/mongo/turns.ts #running', holds: 'turns of collections', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/mongo/turns.ts #last', holds: 'ends of collections', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/mongo/turns.ts #open', holds: 'open writes of other processes', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'store/mongo/turns.ts #unsettled', holds: 'unfinished writes of other processes', filledBy: 'hub staff', bound: 'as for collection', whenFull: 'As for collection' },
  { name: 'sharing/life/deleted-collections.ts #removed', holds: 'numbers of versions that were removed from deleted collections', filledBy: 'hub staff', bound: 'one for each collection that is being removed', whenFull: 'Never' },
  { name: 'sharing/lists/blocking.ts #above', holds: 'domains above those of members', filledBy: 'officers', bound: 'the verified domains of all members', whenFull: 'Further claims are refused' },
  { name: 'sharing/lists/blocking.ts #domains', holds: 'domains of members', filledBy: 'officers', bound: 'the verified domains of all members', whenFull: 'Further claims are refused' },
  { name: 'sharing/lists/blocking.ts #known', holds: 'values that may or may not be blocked', filledBy: 'members', bound: '100,000', whenFull: 'Further values are judged each time' },
  { name: 'sharing/lists/formats/rule-text.ts #used', holds: 'numbers of the rules of a list that is being made', filledBy: 'members', bound: 'the lines of the list', whenFull: 'The list is complete' },
  { name: 'sharing/reading/current.ts #stretches', holds: 'stretches of collections without an object in force', filledBy: 'accounts', bound: '1,000, each for a minute', whenFull: 'The oldest is removed' },
  { name: 'sharing/reading/derived-data.ts #alone', holds: 'derived data that is catching up by itself', filledBy: 'the hub', bound: 'one for each kind of derived data', whenFull: 'Never' },
  { name: 'sharing/reading/search-view.ts #running', holds: 'searches in progress', filledBy: 'accounts', bound: '4 for each account', whenFull: 'Further searches are refused (429, TLN-X-426)' },
  { name: 'sharing/channels/microsoft/entra-client.ts #tokens', holds: 'tokens of applications of members at Microsoft', filledBy: 'hub staff', bound: '200', whenFull: 'All are requested again' },
  { name: 'sharing/channels/microsoft/comparison.ts #compared', holds: 'which indicators state the values that each channel sent to Defender', filledBy: 'members', bound: '100,000 indicators', whenFull: 'All values of the channel that was judged first are judged again' },
  { name: 'sharing/channels/microsoft/defender-indicators.ts #byText', holds: 'the results of one request to Defender', filledBy: 'the hub', bound: '4 MiB of JSON', whenFull: 'The request is repeated later' },
  { name: 'sharing/channels/microsoft/defender-indicators.ts #byValue', holds: 'the results of one request to Defender by their values', filledBy: 'the hub', bound: '4 MiB of JSON', whenFull: 'The request is repeated later' },
  { name: 'sharing/channels/rounds.ts #running', holds: 'deliveries that have not ended', filledBy: 'officers', bound: 'one for each channel', whenFull: 'Never' },
  { name: 'sharing/channels/rounds.ts #missed', holds: 'channels that were delivering when a round began', filledBy: 'officers', bound: 'one for each channel', whenFull: 'Never' },
  { name: 'sharing/lists/list-files.ts #kept', holds: 'lists whose files are kept', filledBy: 'accounts', bound: '200, 100 saved lists, and 50 MISP feeds', whenFull: 'The oldest is removed' },
  { name: 'sharing/saved-lists/publisher.ts #rest', holds: 'when each saved list can be made again', filledBy: 'officers', bound: 'one for each saved list', whenFull: 'Never' },
  { name: 'sharing/saved-lists/serving.ts #making', holds: 'saved lists that are being written', filledBy: 'officers', bound: 'one for each saved list and format', whenFull: 'Never' },
  { name: 'sharing/lists/kept-lists.ts #making', holds: 'lists that are being made', filledBy: 'accounts', bound: '100, and 50 MISP feeds', whenFull: 'Further lists are refused (503, TLN-X-503)' },
  { name: 'sharing/misp/collect.ts #own', holds: 'values of members that the reader of a MISP feed reports itself', filledBy: 'members', bound: '100,000', whenFull: 'Further values are judged as those of others' },
  { name: 'sharing/misp/memory.ts #read', holds: 'the event that is being compared with what a MISP feed said before', filledBy: 'the hub', bound: '1', whenFull: 'Never' },
  { name: 'sharing/misp/collect.ts #drafts', holds: 'events of a MISP feed that is being made', filledBy: 'members', bound: 'the attributes of the feed, at most 1,000,000', whenFull: 'The events of the oldest days are left out' },
  { name: 'sharing/misp/collect.ts #omitted', holds: 'counts of what a MISP feed leaves out', filledBy: 'members', bound: 'one for each reason', whenFull: 'Never' },
  { name: 'sharing/misp/collect.ts #owners', holds: 'members and feeds whose indicators a MISP feed contains', filledBy: 'members', bound: 'one for each member and feed', whenFull: 'Never' },
  { name: 'sharing/misp/collect.ts #decisions', holds: 'decisions of the policy for a MISP feed that is being made', filledBy: 'members', bound: '500', whenFull: 'Further decisions are made each time' },
  { name: 'sharing/misp/context.ts #reportsOf', holds: 'indicators of the reports of a MISP feed that is being made', filledBy: 'members', bound: '200,000 references', whenFull: 'Further references are ignored' },
  { name: 'sharing/misp/context.ts #identities', holds: 'names of producers for a MISP feed that is being made', filledBy: 'members', bound: '50,000 names, with those of malware, actors and vulnerabilities', whenFull: 'Further names are ignored' },
  { name: 'sharing/misp/context.ts #clusters', holds: 'names of malware and actors for a MISP feed that is being made', filledBy: 'members', bound: '50,000 names, with those of producers and vulnerabilities', whenFull: 'Further names are ignored' },
  { name: 'sharing/misp/context.ts #vulnerabilities', holds: 'names of vulnerabilities for a MISP feed that is being made', filledBy: 'members', bound: '50,000 names, with those of producers, malware and actors', whenFull: 'Further names are ignored' },
  { name: 'sharing/misp/context.ts #indicated', holds: 'what the indicators of a MISP feed indicate, while it is being made', filledBy: 'members', bound: '100,000 relationships', whenFull: 'Further relationships are ignored' },
  { name: 'sharing/lists/selection.ts #decisions', holds: 'decisions of the policy for a list that is being made', filledBy: 'members', bound: 'the different markings, levels and owners of a collection', whenFull: 'The list is complete' },
]; // prettier-ignore

/** Stores that are neither records nor tables nor maps. */
export const OTHER_STORES: readonly BoundedStore[] = [
  { name: 'metrics', holds: 'time series', filledBy: 'hub staff', bound: 'labels are routes, classes of status codes, fixed words and the feeds that ran since the start, never texts from a request', whenFull: 'Never' },
  { name: 'spool', holds: 'files that feeds fetch', filledBy: 'the hub', bound: '200 MiB on the wire and 1 GiB unpacked for each fetch, 16 fetches, 48 slow ones and 2 runs at once; removed after the run. Digests of the rows of each feed, 24 bytes for each finding, stay in a folder next to it until the next start', whenFull: 'The run fails' },
  { name: 'log', holds: 'log lines', filledBy: 'anybody', bound: 'the hub writes lines to its output and stores none; failed sign-ins and refused requests are summed up first (see audit and refusal)', whenFull: 'As the log service of the operator is set up' },
]; // prettier-ignore

/** Returns the list as a Markdown table, as in docs/reference/bounds.md. */
export function boundsTable(stores: readonly BoundedStore[]): string {
  return [
    '| Store | What it holds | Filled by | Bound | When full |',
    '| --- | --- | --- | --- | --- |',
    ...stores.map(
      (row) =>
        `| \`${row.name}\` | ${row.holds} | ${row.filledBy} | ${boundWords(row)} | ${fullWords(row)} |`,
    ),
  ].join('\n');
}

function boundWords({ bounds = [], bound, onePer }: BoundedStore): string {
  const counted = bounds.map(
    ({ most, of }) => `${most.toLocaleString('en')} ${of === 'hub' ? 'in total' : `for each ${of}`}`,
  );
  const one = onePer === undefined ? [] : [onePer === 'hub' ? 'one record' : `one record for each ${onePer}`];
  return [...counted, ...one, ...(bound === undefined ? [] : [bound])].join('; ');
}

function fullWords({ bounds = [], whenFull, code = FULL, onePer }: BoundedStore): string {
  if (onePer !== undefined) return whenFull ?? 'The record is replaced';
  if (whenFull !== undefined && bounds.every((bound) => bound.whenFull === 'refuse')) return whenFull;
  const counted = bounds.map((bound) => {
    if (bound.whenFull === 'refuse') return `One more is refused (409, ${code})`;
    if (bound.groupWords !== undefined)
      return `The oldest of the most frequent ${bound.groupWords} is removed`;
    return bound.isDone === undefined ? 'The oldest is removed' : 'The oldest completed one is removed';
  });
  return [...(whenFull === undefined ? [] : [whenFull]), ...new Set(counted)].join('. ');
}
