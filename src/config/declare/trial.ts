import { isDeclared } from '../../access/managed.ts';
import { COLLECTIONS, GRANTS } from '../../access/model.ts';
import { FEEDS } from '../../feeds/model.ts';
import type { Log } from '../../kernel/log.ts';
import { withoutFields } from '../../store/records.ts';
import type { RecordChange } from '../../store/store.ts';
import { FIRST_COLLECTION, type Config } from '../config.ts';
import type { Present, Wanted } from '../declared-records.ts';

/** Records that the settings no longer own, and the changes that record this. */
export interface HandedOver {
  readonly present: Present;
  readonly changes: readonly RecordChange[];
}

/**
 * Keeps what a hub had before it got its first settings file: its collection with its grants, and its feeds if the file
 * declares none. They become records of the hub, which commands can change. Otherwise a first settings file with only a
 * title would remove the collection that people have already filled and read.
 */
export function handOverTrial(config: Config, wanted: Wanted, present: Present, log: Log): HandedOver {
  const collection = present.collection.get(FIRST_COLLECTION);
  const isKept = config.file !== undefined && collection !== undefined && isDeclared(collection);
  if (!isKept || wanted.collection.has(FIRST_COLLECTION)) return { present, changes: [] };
  const grants = [...present.grant.values()].filter(
    (grant) => grant.document.collection === FIRST_COLLECTION && isDeclared(grant),
  );
  const feeds = [...present.feed.values()].filter((feed) => wanted.feed.size === 0 && isDeclared(feed));
  const [firstRoot = ''] = wanted['api-root'].keys();
  const { api_root: root = firstRoot, alias } = collection.document;
  const apiRoot = wanted['api-root'].has(root) ? root : firstRoot;
  const isTaken = [...wanted.collection.values()].some(
    (other) => other.api_root === apiRoot && other.alias === alias,
  );
  const document = isTaken ? withoutFields(collection.document, ['alias']) : collection.document;
  log.warn('settings.kept', {
    collection: isTaken ? FIRST_COLLECTION : (alias ?? FIRST_COLLECTION),
    feeds: feeds.map(({ id }) => id).join(' '),
    reason:
      'The settings file does not declare what the hub had before. It was kept, and commands can change it now.',
  });
  return {
    present: {
      ...present,
      collection: without(present.collection, [collection]),
      grant: without(present.grant, grants),
      feed: without(present.feed, feeds),
    },
    changes: [
      COLLECTIONS.change(collection, { ...document, api_root: apiRoot, managed: 'hub' }),
      ...grants.map((grant) => GRANTS.change(grant, { ...grant.document, managed: 'hub' })),
      ...feeds.map((feed) => FEEDS.change(feed, { ...feed.document, managed: 'hub' })),
    ],
  };
}

/**
 * A hub that runs without a settings file again takes its collection back. If another collection has got the alias in
 * the meantime, the first one has none, because an alias means one collection.
 */
export function keepAliasesApart(config: Config, wanted: Wanted, present: Present): void {
  const first = wanted.collection.get(FIRST_COLLECTION);
  if (config.file !== undefined || first === undefined) return;
  const isTaken = [...present.collection.values()].some(
    (other) =>
      other.id !== FIRST_COLLECTION &&
      !isDeclared(other) &&
      other.document.api_root === first.api_root &&
      other.document.alias === first.alias,
  );
  if (isTaken) wanted.collection.set(FIRST_COLLECTION, withoutFields(first, ['alias']));
}

function without<V extends { readonly id: string }>(
  records: ReadonlyMap<string, V>,
  gone: readonly V[],
): ReadonlyMap<string, V> {
  const ids = new Set(gone.map(({ id }) => id));
  return new Map([...records].filter(([id]) => !ids.has(id)));
}
