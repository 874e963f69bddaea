// The changes that a hub makes without consent when its settings file is missing, empty or that of another hub.
import { describe, expect, test } from '@jest/globals';
import { demandRemovals, demandSettingsFile, type Removals } from '../../src/config/declare/missing-file.ts';
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
      demandSettingsFile(
        { file: undefined, sources: {}, data: '/hub/data', ...options },
        wanted({}),
        present(before),
        hadFile,
      ),
    );

  test('a hub that declares records refuses, and names them', () => {
    expect(demand({ member: { m: member } })).toMatch(/^TLN-C-084 .*member tonga/);
    expect(demand({ collection: { c1: collection({ alias: 'reef' }) } })).toContain('collection reef');
    expect(demand({ collection: { c1: collection() } })).toContain('collection c1');
    expect(demand({ member: count(7, () => member) })).toContain('and 2 more');
  });

  test('the data folder of the demo refuses with the way to the demo', () => {
    const account = { role: 'administrator', managed: 'file' } as Documents['account'];
    expect(demand({ account: { 'demo-admin': account } })).toMatch(/^TLN-C-089 .*\/hub\/data/);
    expect(demand({ account: { 'demo-admin': account } }, true)).toMatch(/^TLN-C-084/);
  });

  test('a hub that had a file refuses also without records, and others go on', () => {
    expect(demand({}, true)).toMatch(/^TLN-C-084 .*its settings/);
    expect(demand({})).toBeUndefined();
    expect(demand({ member: { m: { ...member, managed: 'hub' } } })).toBeUndefined();
    expect(demand({ member: { m: member } }, true, { file: '/hub/talanoa.yaml' })).toBeUndefined();
    expect(demand({ member: { m: member } }, true, { sources: { members: 'demo' } })).toBeUndefined();
  });
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
    ['nothing', members(3), members(3), 'few', undefined],
    ['one member of three', members(3), members(2), 'few', undefined],
    ['two members of three', members(3), members(1), 'few', undefined],
    ['three members of five', members(5), members(2), 'few', 'TLN-C-086'],
    ['three members of five, with consent', members(5), members(2), 'any', undefined],
    ['all of two members', members(2), {}, 'few', 'TLN-C-086'],
    ['the only member', members(1), {}, 'few', undefined],
    ['most collections but no member', { ...members(2), collection: count(4, () => collection()) }, { ...members(2), collection: count(1, () => collection()) }, 'few', undefined],
  ])('%s', (_, before, after, removals, code) => {
    expect(demand(before, after, removals)?.slice(0, 9)).toBe(code);
  }); // prettier-ignore

  test.each<[string, number, number, Partial<Documents['collection']>, Removals, string | undefined]>([
    ['one maximum of three', 3, 1, {}, 'few', undefined],
    ['two maxima of three', 3, 2, {}, 'few', 'TLN-C-086'],
    ['both maxima of two', 2, 2, {}, 'few', 'TLN-C-086'],
    ['two maxima of members of three', 3, 2, { own_of: 'tonga' }, 'few', 'TLN-C-086'],
    ['the maxima of clients', 3, 3, { clients_of: 'tonga' }, 'few', undefined],
  ])('the objects above a lower maximum: %s', (_, all, lower, over, removals, code) => {
    const made = (lowered: number) => ({ collection: count(all, (i) => collection({ ...over, max_tlp: i < lowered ? 'clear' : 'amber' })) });
    expect(demand(made(0), made(lower), removals)?.slice(0, 9)).toBe(code);
  }); // prettier-ignore
});
