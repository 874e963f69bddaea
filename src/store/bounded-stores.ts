/** Who can make a store grow. */
export type Filler = 'anybody' | 'accounts' | 'members' | 'officers' | 'hub staff' | 'the hub';

/** One place in which the hub keeps something, and what keeps it from growing without end. */
export interface BoundedStore {
  /** Kind of a record, or name of a table of the embedded store. */
  readonly name: string;
  readonly holds: string;
  readonly filledBy: Filler;
  /** The limit, in words. */
  readonly bound: string;
  readonly whenFull: string;
}

const LIVES = 'Entries end by themselves';
const STAFF = 'Hub staff delete what is not needed';

/** Every kind of record. A test compares the list with the code, so that no kind is without an entry. */
export const RECORD_STORES: readonly BoundedStore[] = [
  { name: 'account', holds: 'accounts', filledBy: 'officers', bound: 'by rate; staff see and delete them', whenFull: STAFF },
  { name: 'answer', holds: 'answers to deliveries', filledBy: 'members', bound: 'one for each object and member', whenFull: 'A later answer replaces the earlier one' },
  { name: 'answer-demand', holds: 'requests for an answer', filledBy: 'hub staff', bound: '1,000 looked at', whenFull: 'Later ones are not followed' },
  { name: 'channel', holds: 'channels of members', filledBy: 'officers', bound: 'by rate', whenFull: STAFF },
  { name: 'channel-state', holds: 'the cursor of a channel and its dead letters', filledBy: 'the hub', bound: 'one for each channel, 100 dead letters', whenFull: 'The oldest dead letter is dropped and counted' },
  { name: 'claim', holds: 'networks, domains, … of members', filledBy: 'officers', bound: '500 for each member; 1,000 in one request', whenFull: 'The request is refused' },
  { name: 'collection', holds: 'collections', filledBy: 'hub staff', bound: 'by hand', whenFull: STAFF },
  { name: 'delegation', holds: 'delegations of registries', filledBy: 'hub staff', bound: '65,536 numbers in one file', whenFull: 'The file is refused' },
  { name: 'email-link', holds: 'links sent by email', filledBy: 'anybody', bound: '3 open for each account; they end after 24 hours', whenFull: 'No further link is sent' },
  { name: 'factor', holds: 'second factors', filledBy: 'accounts', bound: 'one record for each account', whenFull: 'The record is replaced' },
  { name: 'feed', holds: 'feed documents', filledBy: 'hub staff', bound: 'by hand', whenFull: STAFF },
  { name: 'feed-quarantine', holds: 'rows that could not be read', filledBy: 'the hub', bound: '100,000 rows in one run', whenFull: 'Further rows are counted only' },
  { name: 'feed-run', holds: 'runs of feeds', filledBy: 'the hub', bound: 'a number of runs for each feed', whenFull: 'The oldest run is dropped' },
  { name: 'feed-state', holds: 'what a feed remembers', filledBy: 'the hub', bound: 'one record for each feed', whenFull: 'The record is replaced' },
  { name: 'found', holds: 'usefulness of feeds', filledBy: 'the hub', bound: 'one record for each feed', whenFull: 'The record is replaced' },
  { name: 'grant', holds: 'grants', filledBy: 'hub staff', bound: 'one for each collection and receiver', whenFull: STAFF },
  { name: 'group', holds: 'groups', filledBy: 'hub staff', bound: 'by hand', whenFull: STAFF },
  { name: 'idempotency', holds: 'answers to requests with an Idempotency-Key', filledBy: 'accounts', bound: '24 hours, by rate', whenFull: LIVES },
  { name: 'invitation', holds: 'first-time sign-in links', filledBy: 'officers', bound: '24 hours', whenFull: LIVES },
  { name: 'key', holds: 'API keys', filledBy: 'officers', bound: '100 for each account', whenFull: 'The key is refused (409, TLN-K-409) until one is revoked' },
  { name: 'marking', holds: 'marking definitions', filledBy: 'members', bound: 'the member’s objects a day (limits.objects_per_day)', whenFull: 'The envelope is refused until midnight UTC' },
  { name: 'member', holds: 'members', filledBy: 'hub staff', bound: 'by hand', whenFull: STAFF },
  { name: 'member-request', holds: 'registrations and requests for change', filledBy: 'anybody', bound: '100 registrations wait; 5 of one address (IPv6 /64), 20 of one /24 or /48; 5 requests of one member', whenFull: 'The registration is refused (429, TLN-Q-429)' },
  { name: 'name-index', holds: 'how far search has read', filledBy: 'the hub', bound: 'one record for each collection', whenFull: 'The record is replaced' },
  { name: 'notification', holds: 'notifications of accounts', filledBy: 'the hub', bound: '100 for each account', whenFull: 'The oldest is dropped' },
  { name: 'opened', holds: 'answer links that were opened', filledBy: 'members', bound: '10,000 looked at; links end', whenFull: LIVES },
  { name: 'place', holds: 'networks that an account has signed in from', filledBy: 'accounts', bound: '32 for each account', whenFull: 'The oldest is dropped' },
  { name: 'red', holds: 'TLP:RED that was given, sealed', filledBy: 'accounts', bound: '1,000 given by one account and not withdrawn', whenFull: 'Giving is refused (409, TLN-R-409)' },
  { name: 'routing', holds: 'cursors of routing', filledBy: 'the hub', bound: 'one record for each collection', whenFull: 'The record is replaced' },
  { name: 'rule', holds: 'forwarding rules', filledBy: 'hub staff', bound: 'by hand', whenFull: STAFF },
  { name: 'sealed-secret', holds: 'secrets of feeds and channels', filledBy: 'officers', bound: 'by rate', whenFull: STAFF },
  { name: 'secret', holds: 'keys of the hub', filledBy: 'the hub', bound: 'a fixed number', whenFull: 'It never is' },
  { name: 'session', holds: 'sessions of the console', filledBy: 'accounts', bound: '30 minutes idle, 12 hours in all; sign-ins are throttled', whenFull: LIVES },
  { name: 'settings', holds: 'the settings in force', filledBy: 'hub staff', bound: 'one record', whenFull: 'The record is replaced' },
  { name: 'share', holds: 'objects shared by hand', filledBy: 'members', bound: '100 members in one; by rate', whenFull: STAFF },
  { name: 'sign-ins', holds: 'sign-in history', filledBy: 'accounts', bound: '50 for each account', whenFull: 'The oldest is dropped' },
  { name: 'sign-on', holds: 'single sign-ons on their way', filledBy: 'anybody', bound: 'minutes', whenFull: LIVES },
  { name: 'tally', holds: 'counts for throttling and quotas', filledBy: 'anybody', bound: '10,000 records, 50,000 names in memory', whenFull: 'Each process counts by itself; the oldest name makes room' },
  { name: 'triage', holds: 'objects that nobody has', filledBy: 'members', bound: '1,000 open', whenFull: 'Further ones are written to the log only' },
]; // prettier-ignore

/** Every table of the embedded store. The collections of MongoDB hold the same. */
export const TABLE_STORES: readonly BoundedStore[] = [
  { name: 'object', holds: 'texts of objects', filledBy: 'members', bound: 'limits.objects_per_day for each member; bytes by the size of an envelope', whenFull: 'The envelope is refused until midnight UTC' },
  { name: 'collection', holds: 'numbers of collections', filledBy: 'hub staff', bound: 'one for each collection', whenFull: STAFF },
  { name: 'entry', holds: 'places of versions', filledBy: 'members', bound: 'as object', whenFull: 'As object' },
  { name: 'tombstone', holds: 'removals', filledBy: 'members', bound: 'one for each entry that was removed', whenFull: 'As object' },
  { name: 'held', holds: 'the review queue', filledBy: 'members', bound: '2,000 objects and 64 MiB for each member or feed', whenFull: 'The object is refused: review-queue-full' },
  { name: 'held_wait', holds: 'markings that held objects wait for', filledBy: 'members', bound: '200 for each held object', whenFull: 'The object is refused: L-009' },
  { name: 'receipt', holds: 'statuses', filledBy: 'members', bound: '24 hours, by rate', whenFull: LIVES },
  { name: 'record', holds: 'records of every kind above', filledBy: 'anybody', bound: 'as the kind', whenFull: 'As the kind' },
  { name: 'record_key', holds: 'index keys of records', filledBy: 'anybody', bound: 'as the kind', whenFull: 'As the kind' },
  { name: 'envelope', holds: 'envelopes without an outcome yet', filledBy: 'members', bound: 'by rate and the size of an envelope; worked off at once', whenFull: 'The poster waits' },
  { name: 'reader', holds: 'how far readers have read', filledBy: 'accounts', bound: '100 ways of reading for each account and collection', whenFull: 'Further ways are counted as one' },
  { name: 'refusal', holds: 'refused requests', filledBy: 'anybody', bound: 'one for each account, collection and code; 30 days', whenFull: 'Repeated refusals are counted' },
  { name: 'audit', holds: 'the audit log', filledBy: 'accounts', bound: '20 refusals a minute for each account, 300 characters of a path; changes by rate; never rotated', whenFull: 'Further refusals are counted in one entry' },
  { name: 'name', holds: 'values that objects are found by', filledBy: 'members', bound: 'as object', whenFull: 'As object' },
]; // prettier-ignore

/** The list as a table of Markdown, as it stands in docs/bounds.md. */
export function boundsTable(stores: readonly BoundedStore[]): string {
  return [
    '| Store | What it holds | Filled by | Bound | When full |',
    '| --- | --- | --- | --- | --- |',
    ...stores.map(
      ({ name, holds, filledBy, bound, whenFull }) =>
        `| \`${name}\` | ${holds} | ${filledBy} | ${bound} | ${whenFull} |`,
    ),
  ].join('\n');
}
