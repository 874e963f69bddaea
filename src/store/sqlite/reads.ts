import type { Store } from '../store.ts';
import type { Reader } from './reader.ts';
import type { WholeReads } from './whole-reads.ts';

/** Returns the name of a store in this file, for people. */
export function nameOf(file: string): string {
  return `embedded (${file})`;
}

/** The reads of the embedded store. They run on the thread of the caller. */
export function readsOf(reader: Reader, lists: WholeReads) {
  return {
    texts: (query) => reader.objects.texts(query),
    entries: (query, withText) => reader.objects.entries(query, withText),
    stands: (collection, id) => Promise.resolve(reader.objects.stands(collection, id)),
    standing: (collection, ids) => Promise.resolve(reader.objects.standing(collection, ids)),
    levels: (ids, collections) => reader.objects.levels(ids, collections),
    removals: (query) => Promise.resolve(reader.objects.removals(query)),
    names: (query) => Promise.resolve(reader.objects.names(query)),
    listings: (query) => Promise.resolve(reader.listings(query)),
    unitsOf: (feed, object, limit) => Promise.resolve(reader.unitsOf(feed, object, limit)),
    firstFinds: (query) => Promise.resolve(reader.firstFinds(query)),
    placed: (places) => Promise.resolve(reader.objects.placed(places)),
    occupied: (places) => Promise.resolve(reader.objects.occupied(places)),
    sizes: () => Promise.resolve(reader.objects.sizes()),
    held: (query) => Promise.resolve(reader.held(query)),
    heldObject: (id) => Promise.resolve(reader.heldObject(id)),
    heldUsage: (owner) => Promise.resolve(reader.heldUsage(owner)),
    receipt: (id) => Promise.resolve(reader.receipt(id)),
    envelopeHead: (id) => Promise.resolve(reader.envelopeHead(id)),
    envelopeHeads: (limit) => Promise.resolve(reader.envelopeHeads(limit)),
    envelopeUsage: () => Promise.resolve(reader.envelopeUsage()),
    receiptUsage: () => Promise.resolve(reader.receiptUsage()),
    auditStart: () => Promise.resolve(reader.audit.start()),
    envelopeBody: (id) => Promise.resolve(reader.envelopeBody(id)),
    record: (kind, id) => Promise.resolve(reader.records.get(kind, id)),
    wasRemoved: (kind, id) => Promise.resolve(reader.records.wasRemoved(kind, id)),
    records: (kind, query) => lists.records(kind, query),
    countRecords: (kind, index) => Promise.resolve(reader.records.count(kind, index)),
    recordUsage: (kind, index) => Promise.resolve(reader.records.usage(kind, index)),
    view: (kinds, known) => lists.view(kinds, known),
    audit: (from, limit, order = 'oldest') => Promise.resolve(reader.audit.list(from, limit, order)),
    auditBy: (keys, from, limit, order = 'oldest') =>
      Promise.resolve(reader.audit.listBy(keys, from, limit, order)),
    auditHead: () => Promise.resolve(reader.audit.head()),
    readers: () => lists.readers(),
    keyUses: (accounts) => lists.keyUses(accounts),
    refusals: (limit) => Promise.resolve(reader.refusals(limit)),
  } satisfies Partial<Store>;
}
