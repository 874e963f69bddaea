import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deriveFlags,
  formerOwner,
  isRevokedText,
  newestOf,
  ownersById,
  revocationOutcome,
  sameContent,
  sameVersionOutcome,
  versionMatches,
  yields,
} from '../../src/store/port/placing.ts';
import { ALL_VERSIONS, LAST_VERSION } from '../../src/store/store.ts';
import { aCandidate, anIndicator, instant } from '../support/builders.ts';

/** The rules by which both databases decide the outcome of an object. */

const V1 = '2026-01-01T00:00:00.000Z';
const V2 = '2026-01-02T00:00:00.000Z';
const V3 = '2026-01-03T00:00:00.000Z';

describe('a version that is stored already', () => {
  const object = anIndicator({ confidence: 50 });
  const candidate = aCandidate(object);
  const outcome = (text: string, unversioned = false) =>
    sameVersionOutcome(
      { ...candidate, unversioned },
      {
        digest: aCandidate(JSON.parse(text) as typeof object).digest,
        sameContent: () => sameContent(text, candidate.text),
      },
    );

  test('is a duplicate if its text is the same, which needs no comparison of the content', () => {
    const never = (): boolean => {
      throw new Error('the texts were compared');
    };
    expect(sameVersionOutcome(candidate, { digest: candidate.digest, sameContent: never })).toEqual({
      kind: 'known',
      other: false,
    });
  });

  test.each<[string, (text: string) => string]>([
    ['the order of its properties', (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).toReversed()))],
    ['another spelling of its times', (text) => text.replaceAll('00.000Z', '00Z')],
    ['a property that has its default', (text) => text.replace('{', '{"revoked":false,')],
    ['another spelling of a number', (text) => text.replace('"confidence":50', '"confidence":5e1')],
  ])('is a duplicate if the texts differ only in %s', (_what, change) => {
    expect(outcome(change(candidate.text))).toEqual({ kind: 'known', other: false });
  }); // prettier-ignore

  test('is a conflict if it means something else, and a duplicate with another text if it has no version', () => {
    const other = JSON.stringify({ ...object, name: 'Another name' });
    expect(outcome(other)).toEqual({ kind: 'conflict' });
    expect(outcome(other, true)).toEqual({ kind: 'known', other: true });
  });
});

describe('a revocation', () => {
  const at = (version: string, revoked: boolean) => ({
    version,
    instant: instant(version),
    spec: '2.1' as const,
    revoked,
  });

  test.each([
    ['a version after it', at(V3, false), at(V2, true), { kind: 'revoked', version: V2, late: false }],
    [
      'another revocation after it',
      at(V3, true),
      at(V2, true),
      { kind: 'revoked', version: V2, late: false },
    ],
    [
      'a later version when it arrives',
      at(V1, true),
      at(V2, false),
      { kind: 'revoked', version: V2, late: true },
    ],
    ['a version before it', at(V1, false), at(V2, true), undefined],
    ['the version before it', at(V2, true), at(V1, false), undefined],
  ])('with %s is final, and nothing else is affected', (_what, candidate, newest, outcome) => {
    expect(revocationOutcome(candidate, newest)).toEqual(outcome);
  });

  test('is read from the text itself', () => {
    expect(isRevokedText('{"revoked": true}')).toBe(true);
    expect(isRevokedText('{"revoked": false}')).toBe(false);
    expect(isRevokedText('{"name": "\\"revoked\\": true"}')).toBe(false);
    expect(isRevokedText('{"labels": ["revoked"], "extensions": {"x": {"revoked": true}}}')).toBe(false);
  });

  test('counts within its specification version', () => {
    const stored = [
      at(V1, false),
      at(V3, true),
      { ...at('2026-02-01T00:00:00.000Z', false), spec: '2.0' as const },
    ];
    expect(newestOf(stored, { spec: '2.1' })?.version).toBe(V3);
    expect(newestOf(stored, { spec: '2.0' })?.version).toBe('2026-02-01T00:00:00.000Z');
    expect(newestOf([], { spec: '2.1' })).toBeUndefined();
  });
});

describe('the owner of an id', () => {
  const tonga = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';

  test('replaces what others submitted in the name of its identity, and nothing else', () => {
    const relayed = { owner: 'fiji', creator: tonga };
    expect(yields(relayed, { owner: 'tonga', claims: tonga })).toBe(true);
    expect(yields(relayed, { owner: 'tonga' })).toBe(false);
    expect(yields(relayed, { owner: 'samoa', claims: 'identity--other' })).toBe(false);
    expect(yields({ owner: 'fiji', creator: null }, { owner: 'tonga', claims: tonga })).toBe(false);
    // Entries of the same owner are versions of the object, which replace nothing.
    expect(yields({ owner: 'tonga', creator: tonga }, { owner: 'tonga', claims: tonga })).toBe(false);
  });

  test('stays the owner after all versions are removed', () => {
    const gone = [{ owner: 'fiji', creator: tonga }, { owner: 'samoa', creator: null }, { owner: 'niue' }];
    // The first submitter in its own name, not the first submitter of all.
    expect(formerOwner(gone, { owner: 'palau' })).toBe('samoa');
    expect(formerOwner(gone.slice(0, 1), { owner: 'palau' })).toBe('fiji');
    expect(formerOwner(gone.slice(0, 1), { owner: 'tonga', claims: tonga })).toBeUndefined();
    expect(formerOwner([], { owner: 'palau' })).toBeUndefined();
  });

  test('is listed once for each id', () => {
    const owners = ownersById([
      { id: 'a', owner: 'fiji' },
      { id: 'a', owner: 'tonga' },
      { id: 'b', owner: 'fiji' },
      { id: 'a', owner: 'fiji' },
    ]);
    expect([...owners].map(([id, set]) => [id, [...set]])).toEqual([
      ['a', ['fiji', 'tonga']],
      ['b', ['fiji']],
    ]);
  });
});

describe('flags of the versions of an object', () => {
  const entries = fc.uniqueArray(
    fc.record({
      instant: fc.constantFrom(V1, V2, V3, '2026-01-04T00:00:00.000Z').map(instant),
      spec: fc.constantFrom('2.0' as const, '2.1' as const),
    }),
    { selector: ({ instant: at, spec }) => `${spec} ${at}`, minLength: 1 },
  );

  test('name one newest and one oldest version within each specification version', () => {
    fc.assert(
      fc.property(entries, (stored) => {
        const flags = deriveFlags(stored);
        for (const spec of ['2.0', '2.1'] as const) {
          const of = stored.flatMap((entry, i) => (entry.spec === spec ? [{ ...entry, ...flags[i] }] : []));
          if (of.length === 0) continue;
          const times = of.map((entry) => entry.instant).toSorted();
          expect(of.filter(({ newest }) => newest === true).map((entry) => entry.instant)).toEqual([
            times.at(-1),
          ]);
          expect(of.filter(({ oldest }) => oldest === true).map((entry) => entry.instant)).toEqual([
            times[0],
          ]);
          const isLater = spec === '2.0' && stored.some((entry) => entry.spec === '2.1');
          expect(new Set(of.map(({ oldSpec }) => oldSpec))).toEqual(new Set([isLater]));
        }
      }),
    );
  });

  test('do not depend on the order in which the versions arrived', () => {
    fc.assert(
      fc.property(entries, (stored) => {
        const forward = deriveFlags(stored);
        const backward = deriveFlags(stored.toReversed()).toReversed();
        expect(backward).toEqual(forward);
      }),
    );
  });

  test('select the versions that a filter names', () => {
    const [old, new_] = deriveFlags([V1, V2].map((at) => ({ instant: instant(at), spec: '2.1' as const })));
    const none = { all: false, last: false, first: false, exact: [] };
    const matches = (filter: Parameters<typeof versionMatches>[0]): readonly boolean[] => [
      versionMatches(filter, old ?? (none as never), instant(V1)),
      versionMatches(filter, new_ ?? (none as never), instant(V2)),
    ];
    expect(matches(ALL_VERSIONS)).toEqual([true, true]);
    expect(matches(LAST_VERSION)).toEqual([false, true]);
    expect(matches({ ...none, first: true })).toEqual([true, false]);
    expect(matches({ ...none, exact: [instant(V1)] })).toEqual([true, false]);
    expect(matches({ ...none, first: true, last: true })).toEqual([true, true]);
    expect(matches(none)).toEqual([false, false]);
  });
});
