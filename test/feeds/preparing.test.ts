import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPreset } from '../../src/feeds/document.ts';
import { feedErrors } from '../../src/feeds/errors.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { draftsOf } from '../../src/feeds/objects.ts';
import type { PreparedBatch, PreparingPort, PreparingRequest } from '../../src/feeds/preparing.ts';
import { SpoolLines } from '../../src/feeds/spool.ts';
import { inThread } from '../../src/feeds/threads.ts';
import { feedIdentityId } from '../../src/access/model.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { gate, readObject } from '../../src/kernel/json-gate.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import type { Actor } from '../../src/sharing/intake/actor.ts';
import {
  checkObject,
  companyOf,
  judge,
  markedAsRefused,
  type CheckRules,
  type Checked,
} from '../../src/sharing/intake/judge.ts';
import { Admission } from '../../src/sharing/intake/admission.ts';
import { outlineOf } from '../../src/sharing/intake/outline.ts';
import type { Submission } from '../../src/sharing/intake/submission.ts';
import { namedObservables } from '../../src/stix/identifiers.ts';
import type { StixObject } from '../../src/stix/types.ts';
import { MAIN, SETTINGS, testHub, type TestHub } from '../support/hub.ts';

const NOW = Date.UTC(2026, 0, 15);
const RULES: CheckRules = { accept: ['2.1'], validation: 'tolerant' };
const { signal } = new AbortController();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-preparing-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All objects of the fixtures: valid ones, and those that break a rule. */
function corpus(): readonly string[] {
  return ['valid', 'invalid'].flatMap((kind) => {
    const at = join(import.meta.dirname, '../fixtures/stix', kind);
    return readdirSync(at).flatMap((name) => {
      const text = readFileSync(join(at, name), 'utf8');
      try {
        return [JSON.stringify(JSON.parse(text))];
      } catch {
        return [];
      }
    });
  });
}

async function staged(lines: readonly unknown[]): Promise<string> {
  const path = join(folder, `staging-${Math.random()}`);
  const out = new SpoolLines(path);
  for (const line of lines) await out.write(JSON.stringify(line));
  await out.close();
  return path;
}

/** Prepares in a thread. Returns the batches. */
async function preparedThere(
  request: PreparingRequest,
  port: Partial<PreparingPort> = {},
): Promise<readonly PreparedBatch[]> {
  const batches: PreparedBatch[] = [];
  await inThread({ kind: 'prepare', request }, signal, {
    port: { standing: () => Promise.resolve([]), store: (batch) => Promise.resolve(void batches.push(batch)), ...port },
  }); // prettier-ignore
  return batches;
}

/** Checks a text in this thread. */
function checkedHere(text: string): Checked {
  const document = gate(Buffer.from(`{"objects":[${text}]}`));
  const [span] = document.objects;
  if (span === undefined) throw new Error('nothing was read');
  return checkObject(readObject(document, span), RULES);
}

const outlined = (checked: Checked): Checked =>
  checked.object === undefined ? checked : { ...checked, object: outlineOf(checked.object) };

describe('a thread that prepares what a run stores', () => {
  test('checks objects like the main thread, with the same result for each', async () => {
    const texts = corpus();
    expect(texts.length).toBeGreaterThan(100);
    const document = { ...loadPreset('plain-list'), parser: { kind: 'stix' as const } };
    const staging = await staged(texts);
    const batches = await preparedThere({ document, staging, now: NOW, held: undefined, rules: RULES });
    const there = batches.flatMap(({ objects }) => objects.map(({ checked }) => checked));
    const kinds = there.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'valid').length).toBeGreaterThan(30);
    expect(kinds.filter((kind) => kind === 'refused').length).toBeGreaterThan(30);
    expect(there.map((checked) => ({ ...checked, digest: undefined }))).toEqual(
      texts.map((text) => ({ ...outlined(checkedHere(text)), digest: undefined })),
    );
    expect(batches.map(({ isLast }) => isLast)).toEqual(batches.map((_batch, i) => i === batches.length - 1));
  });

  test('makes the same objects from findings as the main thread, and compares them with what is stored', async () => {
    const document = { ...loadPreset('plain-list'), name: 'list' };
    const make = new FindingMaker(document, NOW);
    const findings = Array.from({ length: 300 }, (_, i) => make.indicators(`n${i}.reef-bank.com`, 'auto', { labels: [] }))
      .flatMap((mapped) => mapped.findings); // prettier-ignore
    const staging = await staged(findings);
    const request = { document, staging, now: NOW, held: undefined, rules: RULES };
    const first = await preparedThere(request);
    const texts = first.flatMap(({ objects }) =>
      objects.flatMap(({ checked }) => (checked.kind === 'valid' ? [checked.text] : [])),
    );
    const expected = findings.flatMap((finding) =>
      draftsOf(document, finding, NOW).map((draft) => JSON.stringify(draft.against(undefined))),
    );
    expect(texts.slice(-expected.length)).toEqual(expected);
    expect(first.flatMap(({ listed }) => listed)).toEqual(findings.map(({ id }) => id));

    const stored = new Map(texts.map((text) => [String((JSON.parse(text) as StixObject)['id']), text]));
    const again = await preparedThere(request, {
      standing: (ids) => Promise.resolve(ids.flatMap((id) => stored.get(id) ?? [])),
    });
    expect(again.flatMap(({ objects }) => objects)).toEqual([]);
    expect(again.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(findings.length);
  });

  test('ends with the original failure of the database, and stores nothing after it', async () => {
    const document = { ...loadPreset('plain-list'), parser: { kind: 'stix' as const } };
    const texts = corpus().slice(0, 50);
    const staging = await staged(Array.from({ length: 2_000 }, (_, i) => texts[i % 50]));
    const failure = feedErrors.runStopped();
    let calls = 0;
    const store = (): Promise<void> => {
      calls++;
      return Promise.reject(failure);
    };
    await expect(
      preparedThere({ document, staging, now: NOW, held: undefined, rules: RULES }, { store }),
    ).rejects.toBe(failure);
    // The thread prepares two batches at the same time.
    expect(calls).toBeLessThanOrEqual(2);
  });
});

describe('intake', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(SETTINGS);
  });
  afterAll(() => t.stop());

  const feed: Actor = { kind: 'feed', name: 'list', identity: feedIdentityId('list'), defaultTlp: 'amber' };

  test('decides on the outline of an object as on the object itself', async () => {
    const directory = await t.hub.directory.current();
    const collection = directory.collections.get(MAIN);
    if (collection === undefined) throw new Error('the collection is missing');
    const TONGA = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
    const marking = 'marking-definition--11111111-1111-4111-8111-111111111111';
    const changes: readonly Record<string, unknown>[] = [
      {},
      { created_by_ref: TONGA },
      { object_marking_refs: [marking] },
      { granular_markings: [{ marking_ref: marking, selectors: ['type'] }] },
      { labels: ['tlp:red'] },
      { revoked: true },
      { created_by_ref: feedIdentityId('other') },
    ];
    for (const text of corpus()) {
      const checked = checkedHere(text);
      if (checked.kind !== 'valid') {
        const { object } = checked;
        if (object !== undefined)
          expect(markedAsRefused(outlineOf(object), feed, directory)).toEqual(markedAsRefused(object, feed, directory));
        continue;
      } // prettier-ignore
      for (const change of changes) {
        const whole = { ...checked, object: { ...checked.object, ...change } };
        const short = { ...whole, object: outlineOf(whole.object) };
        const of = (one: typeof whole): unknown => {
          const company = companyOf([one], 'feed:list', directory);
          const judged = judge(one, feed, collection, directory, company, NOW);
          return [
            company,
            { ...judged, object: undefined, checked: undefined },
            namedObservables(one.object),
          ];
        };
        expect(of(short)).toEqual(of(whole));
      }
    }
  });

  test('pauses three times as often for a feed, for which nobody waits, as for an account', async () => {
    const directory = await t.hub.directory.current();
    const collection = directory.collections.get(MAIN);
    if (collection === undefined) throw new Error('the collection is missing');
    // Each look at the clock takes a millisecond.
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now++ };
    const admission = new Admission(t.hub.store, clock, 'tolerant');
    const value = { type: 'indicator', spec_version: '2.1' };
    const turns = async (actor: Actor): Promise<number> => {
      const before = sliceWork.turns;
      const item = () => ({ text: '{}', value });
      await admission.judged({ actor, collection, count: 1_000, item }, directory);
      return sliceWork.turns - before;
    };
    const account: Actor = {
      kind: 'account', principal: { kind: 'public' }, defaultTlp: undefined, mayRead: true,
    }; // prettier-ignore
    const [background, foreground] = [await turns(feed), await turns(account)];
    expect(foreground).toBeGreaterThan(10);
    expect(background / foreground).toBeGreaterThan(2);
  });

  test('checks objects again if they were checked by other rules', async () => {
    const directory = await t.hub.directory.current();
    const collection = directory.collections.get(MAIN);
    if (collection === undefined) throw new Error('the collection is missing');
    const value = {
      type: 'indicator',
      spec_version: '2.1',
      id: 'indicator--1a2b3c4d-0000-4000-8000-000000000001',
    };
    const text = JSON.stringify(value);
    const checked: Checked = {
      kind: 'valid',
      text,
      object: value,
      id: value.id,
      version: '2026-01-01T00:00:00.000Z',
      findings: [],
    };
    const submission = (rules: CheckRules): Submission => ({
      actor: feed, collection, count: 1, item: () => ({ text, value }), ahead: { rules, object: () => checked },
    }); // prettier-ignore
    const [other] = await t.hub.intake.foresee(submission({ accept: ['2.0'], validation: 'tolerant' }));
    expect(other?.kind).toBe('refused');
    const [same] = await t.hub.intake.foresee(submission(t.hub.intake.rulesOf(collection)));
    expect(same?.kind).toBe('candidate');
  });
});
