// What a hub does without consent when its settings file is missing, empty or that of another hub.
import { describe, expect, test } from '@jest/globals';
import {
  demandRemovals,
  demandSettingsFile,
  removalsOf,
  type Removals,
} from '../../src/config/declare/missing-file.ts';
import type { Documents } from '../../src/config/declared-records.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { removal, type RecordChange } from '../../src/store/store.ts';
import { present, wanted, type Given } from '../support/declared.ts';

const collection = (over: Partial<Documents['collection']> = {}): Documents['collection'] => ({
  api_root: 'main',
  title: 'X',
  managed: 'file',
  ...over,
});
const grant = (over: Partial<Documents['grant']> = {}): Documents['grant'] => ({
  collection: 'c',
  to: 'member:tonga',
  read: true,
  write: true,
  managed: 'file',
  ...over,
});
const member = { name: 'tonga', managed: 'file' } as Documents['member'];
const count = <T>(n: number, one: (i: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`x${i}`, one(i)]));

/** The code and text of a refusal, and undefined without one. */
function refusal(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return `${error.code} ${error.title} ${error.description ?? ''}`;
    throw error;
  }
}

describe('without a settings file', () => {
  const demand = (before: Given, hadFile = false, options = {}) =>
    refusal(() =>
      demandSettingsFile({ file: undefined, sources: {}, ...options }, wanted({}), present(before), hadFile),
    );

  test('a hub that declares records refuses, and names them', () => {
    expect(demand({ member: { m: member } })).toMatch(/^TLN-C-084 .*member tonga/);
    expect(demand({ collection: { c1: collection({ alias: 'reef' }) } })).toContain('collection reef');
    expect(demand({ collection: { c1: collection() } })).toContain('collection c1');
    expect(demand({ member: count(7, () => member) })).toContain('and 2 more');
  });

  test('a hub that had a file refuses also without records, and others go on', () => {
    expect(demand({}, true)).toMatch(/^TLN-C-084 .*its settings/);
    expect(demand({})).toBeUndefined();
    expect(demand({ member: { m: { ...member, managed: 'hub' } as Documents['member'] } })).toBeUndefined();
    expect(demand({ member: { m: member } }, true, { file: '/hub/talanoa.yaml' })).toBeUndefined();
    expect(demand({ member: { m: member } }, true, { sources: { members: 'demo' } })).toBeUndefined();
  });
});

test('commands remove nothing, starts a few records, and any with consent', () => {
  expect(removalsOf({ isOffline: true, acceptsRemovals: true })).toBe('none');
  expect(removalsOf({ acceptsRemovals: true })).toBe('any');
  expect(removalsOf({})).toBe('few');
});

describe('a settings file that removes', () => {
  const changesOf = (before: Given, after: Given): readonly RecordChange[] => {
    const next = wanted(after);
    return Object.entries(present(before)).flatMap(([kind, records]) =>
      [...records.values()].flatMap((record) => {
        const document = next[kind as keyof typeof next].get(record.id);
        return document === undefined
          ? [removal({ kind, id: record.id, revision: 1 })]
          : [{ kind, id: record.id, document, index: {}, expected: 1 } as unknown as RecordChange];
      }),
    );
  };
  const demand = (before: Given, after: Given, removals: Removals) =>
    refusal(() =>
      demandRemovals(
        { file: '/hub/talanoa.yaml' },
        { changes: changesOf(before, after), wanted: wanted(after), present: present(before) },
        removals,
      ),
    );
  const members = (n: number) => ({ member: count(n, () => member) });

  test.each<[string, Given, Given, Removals, string | undefined]>([
    ['nothing', members(3), members(3), 'none', undefined],
    ['one member of three', members(3), members(2), 'few', undefined],
    ['one member of three, by a command', members(3), members(2), 'none', 'TLN-C-085'],
    ['two members of three', members(3), members(1), 'few', undefined],
    ['three members of five', members(5), members(2), 'few', 'TLN-C-086'],
    ['three members of five, with consent', members(5), members(2), 'any', undefined],
    ['all of two members', members(2), {}, 'few', 'TLN-C-086'],
    ['the only member', members(1), {}, 'few', undefined],
    ['most collections but no member', { ...members(2), collection: count(4, () => collection()) }, { ...members(2), collection: count(1, () => collection()) }, 'few', undefined],
  ])('%s', (_, before, after, removals, code) => {
    expect(demand(before, after, removals)?.slice(0, 9)).toBe(code);
  }); // prettier-ignore

  test.each<[string, Partial<Documents['grant']> | undefined, string | undefined]>([
    ['a grant', undefined, 'grant to member:tonga'],
    ['the read access of a grant', { read: false }, 'read access of member:tonga'],
    ['the write access of a grant', { write: false }, 'write access of member:tonga'],
    ['nothing of a grant', {}, undefined],
  ])('%s: only with a start', (_, over, named) => {
    const before = { grant: { g: grant() } };
    const after = over === undefined ? {} : { grant: { g: grant(over) } };
    const refused = demand(before, after, 'none');
    if (named === undefined) expect(refused).toBeUndefined();
    else expect(refused).toMatch(new RegExp(`^TLN-C-085 .*${named}`));
    expect(demand(before, after, 'few')).toBeUndefined();
  }); // prettier-ignore

  test('a grant that a command made is not one of the file', () => {
    expect(demand({ grant: { g: grant({ managed: 'hub' }) } }, {}, 'none')).toBeUndefined();
  });

  test.each<[string, number, number, Partial<Documents['collection']>, Removals, string | undefined]>([
    ['one maximum of three', 3, 1, {}, 'few', undefined],
    ['one maximum of three, by a command', 3, 1, {}, 'none', 'TLN-C-085'],
    ['two maxima of three', 3, 2, {}, 'few', 'TLN-C-086'],
    ['both maxima of two', 2, 2, {}, 'few', 'TLN-C-086'],
    ['two maxima of members of three', 3, 2, { own_of: 'tonga' }, 'few', 'TLN-C-086'],
    ['the maxima of clients', 3, 3, { clients_of: 'tonga' }, 'few', undefined],
  ])('the objects above a lower maximum: %s', (_, all, lower, over, removals, code) => {
    const made = (lowered: number) => ({ collection: count(all, (i) => collection({ ...over, max_tlp: i < lowered ? 'clear' : 'amber' })) });
    expect(demand(made(0), made(lower), removals)?.slice(0, 9)).toBe(code);
  }); // prettier-ignore
});
