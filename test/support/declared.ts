import type { Documents, Kind, Present, Wanted } from '../../src/config/declared-records.ts';

const KINDS = [
  'api-root',
  'collection',
  'grant',
  'group',
  'member',
  'account',
  'key',
  'feed',
  'channel',
  'rule',
] as const;
/** Documents by kind and id. */
export type Given = { readonly [K in Kind]?: Readonly<Record<string, Documents[K]>> };

/** The documents that a settings file declares. */
export const wanted = (given: Given): Wanted =>
  Object.fromEntries(
    KINDS.map((kind) => [kind, new Map(Object.entries(given[kind] ?? {}))]),
  ) as unknown as Wanted;
/** The same documents as records in the store. */
export const present = (given: Given): Present =>
  Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      new Map(
        Object.entries(given[kind] ?? {}).map(([id, document]) => [
          id,
          { kind, id, revision: 1, index: {}, document },
        ]),
      ),
    ]),
  ) as unknown as Present;
