import { OrderedMap } from '../kernel/ordered-map.ts';
import type { HubRecord } from '../store/store.ts';

/** Kinds of hub records that determine access. */
export const ACCESS_KINDS = [
  'api-root',
  'collection',
  'grant',
  'group',
  'member',
  'account',
  'key',
  'marking',
  'feed',
  'claim',
  'rule',
  'delegation',
] as const;

export type AccessKind = (typeof ACCESS_KINDS)[number];

/** The records from which a snapshot is made, as they are stored, by kind and id. */
export type AccessRecords = Readonly<Record<AccessKind, OrderedMap<HubRecord>>>;

const NONE = OrderedMap.of<HubRecord>();

/** Returns records by kind and id. A kind without records can be left out. */
export function accessRecords(
  recordsOf: (kind: AccessKind) => OrderedMap<HubRecord> | undefined,
): AccessRecords {
  const all = ACCESS_KINDS.map((kind) => [kind, recordsOf(kind) ?? NONE] as const);
  // The names of the object are exactly the kinds, which the type of `fromEntries` does not express.
  return Object.fromEntries(all) as AccessRecords;
}
