/** Parties who can make a store grow. */
export type Filler = 'anybody' | 'accounts' | 'members' | 'officers' | 'hub staff' | 'the hub';

/** One store of the hub, and the limit that keeps it from growing without bound. */
export interface BoundedStore {
  /** The kind of a record, or the name of a table of the embedded store. */
  readonly name: string;
  readonly holds: string;
  readonly filledBy: Filler;
  /** The limit, in words. */
  readonly bound: string;
  readonly whenFull: string;
}

const LIVES = 'Entries expire';
const STAFF = 'Hub staff delete unneeded entries';

/** Every kind of record. A test compares this list with the code, so that no kind is missing. */
export const RECORD_STORES: readonly BoundedStore[] = [
  { name: 'account', holds: 'accounts', filledBy: 'officers', bound: 'by rate; hub staff see and delete them', whenFull: STAFF },
  { name: 'answer', holds: 'acknowledgements of deliveries', filledBy: 'members', bound: 'one for each object and member', whenFull: 'A later acknowledgement replaces the earlier one' },
  { name: 'answer-demand', holds: 'requests for an acknowledgement', filledBy: 'hub staff', bound: '1,000 tracked', whenFull: 'Later requests are not tracked' },
  { name: 'channel', holds: 'channels of members', filledBy: 'officers', bound: 'by rate', whenFull: STAFF },
  { name: 'channel-state', holds: 'the cursor of a channel and its dead letters', filledBy: 'the hub', bound: 'one for each channel, 100 dead letters', whenFull: 'The oldest dead letter is dropped and counted' },
  { name: 'claim', holds: 'networks, domains, … of members', filledBy: 'officers', bound: '500 for each member; 1,000 in one request', whenFull: 'The request is refused' },
  { name: 'collection', holds: 'collections', filledBy: 'hub staff', bound: 'created by hand', whenFull: STAFF },
  { name: 'delegation', holds: 'delegations of registries', filledBy: 'hub staff', bound: '65,536 numbers in one file', whenFull: 'The file is refused' },
  { name: 'email-link', holds: 'links sent by email', filledBy: 'anybody', bound: '3 open for each account; they expire after 24 hours', whenFull: 'No further link is sent' },
  { name: 'factor', holds: 'second factors', filledBy: 'accounts', bound: 'one record for each account', whenFull: 'The record is replaced' },
  { name: 'feed', holds: 'feed documents', filledBy: 'hub staff', bound: 'created by hand', whenFull: STAFF },
  { name: 'feed-quarantine', holds: 'rows that could not be parsed', filledBy: 'the hub', bound: '100,000 rows in one run', whenFull: 'Further rows are only counted' },
  { name: 'feed-run', holds: 'runs of feeds', filledBy: 'the hub', bound: 'a number of runs for each feed', whenFull: 'The oldest run is dropped' },
  { name: 'feed-state', holds: 'the state of a feed', filledBy: 'the hub', bound: 'one record for each feed', whenFull: 'The record is replaced' },
  { name: 'found', holds: 'usefulness of feeds', filledBy: 'the hub', bound: 'one record for each feed', whenFull: 'The record is replaced' },
  { name: 'grant', holds: 'grants', filledBy: 'hub staff', bound: 'one for each collection and receiver', whenFull: STAFF },
  { name: 'group', holds: 'groups', filledBy: 'hub staff', bound: 'created by hand', whenFull: STAFF },
  { name: 'idempotency', holds: 'responses to requests with an Idempotency-Key', filledBy: 'accounts', bound: '24 hours, by rate', whenFull: LIVES },
  { name: 'invitation', holds: 'first-time sign-in links', filledBy: 'officers', bound: '24 hours', whenFull: LIVES },
  { name: 'key', holds: 'API keys', filledBy: 'officers', bound: '100 for each account', whenFull: 'The key is refused (409, TLN-K-409) until one is revoked' },
  { name: 'marking', holds: 'marking definitions', filledBy: 'members', bound: 'limits.objects_per_day for each member', whenFull: 'The envelope is refused until midnight UTC' },
  { name: 'member', holds: 'members', filledBy: 'hub staff', bound: 'created by hand', whenFull: STAFF },
  { name: 'member-request', holds: 'registrations and change requests', filledBy: 'anybody', bound: '100 registrations in total; 5 from one address (IPv6 /64), 20 from one /24 or /48; 5 requests for each member', whenFull: 'The registration is refused (429, TLN-Q-429)' },
  { name: 'name-index', holds: 'cursors of the search index', filledBy: 'the hub', bound: 'one record for each collection', whenFull: 'The record is replaced' },
  { name: 'notification', holds: 'notifications of accounts', filledBy: 'the hub', bound: '100 for each account', whenFull: 'The oldest is dropped' },
  { name: 'opened', holds: 'acknowledgement links that were opened', filledBy: 'members', bound: '10,000 tracked; links expire', whenFull: LIVES },
  { name: 'place', holds: 'networks from which an account has signed in', filledBy: 'accounts', bound: '32 for each account', whenFull: 'The oldest is dropped' },
  { name: 'red', holds: 'TLP:RED that was given to persons, sealed', filledBy: 'accounts', bound: '1,000 given by each account and not withdrawn', whenFull: 'Giving is refused (409, TLN-R-409)' },
  { name: 'routing', holds: 'cursors of routing', filledBy: 'the hub', bound: 'one record for each collection', whenFull: 'The record is replaced' },
  { name: 'rule', holds: 'forwarding rules', filledBy: 'hub staff', bound: 'created by hand', whenFull: STAFF },
  { name: 'sealed-secret', holds: 'secrets of feeds and channels', filledBy: 'officers', bound: 'by rate', whenFull: STAFF },
  { name: 'secret', holds: 'keys of the hub', filledBy: 'the hub', bound: 'a fixed number', whenFull: 'Never' },
  { name: 'session', holds: 'sessions of the console', filledBy: 'accounts', bound: '30 minutes idle, 12 hours in total; sign-ins are throttled', whenFull: LIVES },
  { name: 'settings', holds: 'the effective settings', filledBy: 'hub staff', bound: 'one record', whenFull: 'The record is replaced' },
  { name: 'share', holds: 'shares by hand', filledBy: 'members', bound: '100 members in one share; by rate', whenFull: STAFF },
  { name: 'sign-ins', holds: 'sign-in history', filledBy: 'accounts', bound: '50 for each account', whenFull: 'The oldest is dropped' },
  { name: 'sign-on', holds: 'single sign-ons in progress', filledBy: 'anybody', bound: 'minutes', whenFull: LIVES },
  { name: 'tally', holds: 'counts for throttling and quotas', filledBy: 'anybody', bound: '10,000 records, 50,000 names in memory', whenFull: 'Each process counts by itself; the oldest name is dropped' },
  { name: 'triage', holds: 'objects without recipients', filledBy: 'members', bound: '1,000 open', whenFull: 'Further objects are only logged' },
]; // prettier-ignore

/** Every table of the embedded store. MongoDB has collections with the same content. */
export const TABLE_STORES: readonly BoundedStore[] = [
  { name: 'object', holds: 'texts of objects', filledBy: 'members', bound: 'limits.objects_per_day for each member; bytes by the maximum size of an envelope', whenFull: 'The envelope is refused until midnight UTC' },
  { name: 'collection', holds: 'numbers of collections', filledBy: 'hub staff', bound: 'one for each collection', whenFull: STAFF },
  { name: 'entry', holds: 'versions in collections', filledBy: 'members', bound: 'as for object', whenFull: 'As for object' },
  { name: 'tombstone', holds: 'removals', filledBy: 'members', bound: 'one for each entry that was removed', whenFull: 'As for object' },
  { name: 'held', holds: 'the review queue', filledBy: 'members', bound: '2,000 objects and 64 MiB for each member or feed', whenFull: 'The object is refused: review-queue-full' },
  { name: 'held_wait', holds: 'markings that objects on hold wait for', filledBy: 'members', bound: '200 for each object on hold', whenFull: 'The object is refused: L-009' },
  { name: 'receipt', holds: 'status resources', filledBy: 'members', bound: '24 hours, by rate', whenFull: LIVES },
  { name: 'record', holds: 'records of all kinds above', filledBy: 'anybody', bound: 'as for its kind', whenFull: 'As for its kind' },
  { name: 'record_key', holds: 'index keys of records', filledBy: 'anybody', bound: 'as for its kind', whenFull: 'As for its kind' },
  { name: 'envelope', holds: 'envelopes without an outcome yet', filledBy: 'members', bound: 'by rate and the maximum size of an envelope; processed immediately', whenFull: 'The client waits' },
  { name: 'reader', holds: 'reading positions of readers', filledBy: 'accounts', bound: '100 readers for each account and collection', whenFull: 'Further readers are counted as one' },
  { name: 'refusal', holds: 'refused requests', filledBy: 'anybody', bound: 'one for each account, collection and code; 30 days', whenFull: 'Repeated refusals are counted' },
  { name: 'audit', holds: 'the audit log', filledBy: 'accounts', bound: '20 refusals a minute for each account, 300 characters of a path; changes by rate; never rotated', whenFull: 'Further refusals are counted in one entry' },
  { name: 'name', holds: 'searchable values of objects', filledBy: 'members', bound: 'as for object', whenFull: 'As for object' },
]; // prettier-ignore

/** Returns the list as a Markdown table, as in docs/bounds.md. */
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
