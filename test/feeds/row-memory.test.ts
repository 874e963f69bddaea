import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedDocument } from '../../src/config/settings.ts';
import { wordsOf } from '../../src/feeds/digest-set.ts';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { FEED_STATES, type RememberedRows } from '../../src/feeds/model.ts';
import { RowMemory, RowMemoryWriter, rowDigests } from '../../src/feeds/row-memory.ts';
import { linesIn } from '../../src/feeds/spool.ts';
import { nothingStaged } from '../../src/feeds/stage.ts';
import { readFiles } from '../../src/feeds/staging.ts';
import type { RowMemoryFiles } from '../../src/feeds/staging-request.ts';
import type { RunReport } from '../../src/feeds/report.ts';
import { ALL_VERSIONS, LAST_VERSION, type Batch, type Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TOKEN = 'ab'.repeat(16);
const idOf = (i: number): string => `indicator--${i.toString(16).padStart(8, '0')}-0000-5000-8000-0000${(i * 7 + 1).toString(16).padStart(8, '0')}`; // prettier-ignore

describe('a row memory', () => {
  const digest = rowDigests('context');
  const file = () => ({ path: join(folder, 'rows'), token: TOKEN });
  const known = (i: number) => ({ id: wordsOf(idOf(i)), time: 1_700_000_000_000 + i });

  /** Writes 5,000 rows, of which every third has two findings. */
  async function written(): Promise<void> {
    const out = new RowMemoryWriter(file());
    for (let i = 0; i < 5_000; i++)
      await out.add(digest({ ip: `${i}` }), i % 3 === 0 ? [known(i), known(i + 10_000)] : [known(i)]);
    await out.close();
  }

  test('returns the findings of each row, and nothing for any other row', async () => {
    await written();
    const memory = await RowMemory.load(file());
    for (let i = 0; i < 5_000; i += 13) {
      expect(memory?.find(digest({ ip: `${i}` }))).toEqual(
        i % 3 === 0 ? [known(i), known(i + 10_000)] : [known(i)],
      );
      expect(memory?.find(digest({ ip: `${i}`, more: 'x' }))).toBeUndefined();
    }
    expect(memory?.find(rowDigests('another context')({ ip: '1' }))).toBeUndefined();
  });

  test('does not contain a row if one of its findings was not stored', async () => {
    await written();
    const out = new RowMemoryWriter(file(), 'a');
    await out.forget(known(10_003).id);
    await out.forget(known(4).id);
    await out.close();
    const memory = await RowMemory.load(file());
    expect([2, 3, 4, 5].map((i) => memory?.find(digest({ ip: `${i}` })) !== undefined)).toEqual([true, false, false, true]); // prettier-ignore
  });

  test('is not used if its file is missing, incomplete, or of another run', async () => {
    expect(await RowMemory.load(file())).toBeUndefined();
    await written();
    expect(await RowMemory.load({ ...file(), token: 'cd'.repeat(16) })).toBeUndefined();
    const { path } = file();
    writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size - 3));
    expect(await RowMemory.load(file())).toBeUndefined();
    writeFileSync(path, '');
    expect(await RowMemory.load(file())).toBeUndefined();
  });
});

describe('reading a file again', () => {
  const preset = loadPreset('plain-list');
  if (preset === undefined) throw new Error('there is no preset plain-list');
  const plain: FeedDocument = preset;

  async function read(lines: readonly string[], rows: RowMemoryFiles, document = plain) {
    const path = join(folder, 'list.txt');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const staged = nothingStaged();
    const staging = join(folder, 'findings');
    const files = [{ name: 'list.txt', path, bytes: 1, sha256: '' }];
    const request = { files, staging, document, members: [], kept: new Map(), now: 0, rows };
    await readFiles(request, staged, () => undefined);
    const mapped: string[] = [];
    for await (const line of linesIn(staging)) if (line !== '') mapped.push(line);
    return { staged, mapped };
  }
  const memories = (before: string | undefined, next: string, salt = 'salt'): RowMemoryFiles => ({
    salt,
    before: before === undefined ? undefined : { path: join(folder, before), token: TOKEN },
    next: { path: join(folder, next), token: TOKEN },
  });

  test('maps only the new row, and counts like a first run', async () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `9.9.${i >> 8}.${i & 255}`);
    const first = await read([...lines, '9.9.0.1', 'no value'], memories(undefined, 'one'));
    expect(first.mapped).toHaveLength(1_000);
    expect(first.staged).toMatchObject({ known: 0, counts: { accepted: 1_000, duplicates: 1, quarantined: 1 } });
    const again = await read(['9.8.7.6', ...lines, '9.9.0.1', 'no value'], memories('one', 'two'));
    expect(again.mapped).toHaveLength(1);
    expect(again.staged).toMatchObject({ known: 1_000, counts: { accepted: 1_001, duplicates: 1, quarantined: 1 } });
    const third = await read(['9.8.7.6', ...lines], memories('two', 'three'));
    expect(third.mapped).toEqual([]);
    for (const i of [0, 1, 500, 999]) expect(third.staged.ids.has(idIn(first.mapped[i]))).toBe(true);
  }); // prettier-ignore

  test('maps all rows when the document, the warning lists or the salt has changed', async () => {
    const lines = ['9.9.9.1', '9.9.9.2'];
    await read(lines, memories(undefined, 'one'));
    expect((await read(lines, memories('one', 'two'))).mapped).toHaveLength(0);
    expect((await read(lines, memories('one', 'two', 'another'))).mapped).toHaveLength(2);
    const document = { ...plain, warninglists: [{ list: 'public-dns-v4', action: 'ignore' as const }] };
    expect((await read(lines, memories('one', 'two'), document)).mapped).toHaveLength(2);
  });
});

function idIn(line: string | undefined): string {
  return (JSON.parse(line ?? '{}') as { id: string }).id;
}

describe('runs with a row memory', () => {
  let server: Server;
  let t: TestHub;
  let text: string;
  /** Called before each commit of the hub. */
  let onCommit: (batch: Batch) => void;
  const clock = new TestClock('2026-01-15T12:00:00.000Z');

  beforeEach(async () => {
    onCommit = () => undefined;
    server = createServer((_request, response) => response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const inner = await openSqliteStore({ folder: join(folder, 'store'), clock });
    const store = new Proxy(inner, {
      get: (target, name: keyof Store) =>
        name === 'commit'
          ? async (batch: Batch) => {
              onCommit(batch);
              return target.commit(batch);
            }
          : (target[name] as unknown),
    });
    t = await testHub(
      `${SETTINGS}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\negress: { allow: ["127.0.0.1:${port}"] }\n`,
      { clock, store },
    );
    for (const name of ['kept', 'whole']) await add(name, port);
  });
  afterEach(async () => {
    await t.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const add = (name: string, port: number) =>
    t.hub.feeds.registry.create(
      checkDocument(
        {
          name, title: 'List', owner: 'Reef', mode: 'snapshot', values: special,
          transport: { kind: 'https', url: `http://127.0.0.1:${port}/` },
          schedule: { cron: '0 3 1 1 *', min_interval_s: 60 },
          parser: { kind: 'csv', header: 'first' },
          map: [
            { value: '{ip}', type: 'ip', labels: ['{tag}'], malware: '{family}', valid_from: '{seen}', tlp: '{tlp}' },
            { value: '{host}', type: 'domain', optional: true },
          ],
          defaults: { tlp: 'green', confidence: 80, valid_for: 'P30D', redistribute: 'yes' },
          guards: { max_shrink: 1 },
        },
        name,
      ),
      'indicators',
      [],
    ); // prettier-ignore

  const rowsFile = (name: string): string => join(t.folder, 'data', 'spool-rows', name);
  const state = async (name: string) => (await FEED_STATES.in(t.hub.store).get(name))?.document;

  /** Returns what a run did, without what differs between two feeds. */
  const run = async (name: string): Promise<Partial<RunReport>> => {
    const { feed: _feed, took: _took, started: _started, ended: _ended, ...report } = await t.hub.feeds.runner.run(name, undefined, { confirmed: true }); // prettier-ignore
    return report;
  };

  /** Returns the latest versions of the indicators of a feed, without what differs between two feeds. */
  const indicators = async (name: string): Promise<readonly unknown[]> => {
    const creator = `${name}|`;
    const { entries } = await t.hub.store.entries({ collection: MAIN, after: 0, limit: 5_000, types: ['indicator'], versions: LAST_VERSION }, true); // prettier-ignore
    const [own] = (await t.hub.directory.current()).feeds.filter((feed) => `${feed.name}|` === creator);
    return entries
      .map((entry) => JSON.parse(entry.text ?? '{}') as Record<string, unknown>)
      .filter((object) => object['created_by_ref'] === own?.identity)
      .map(({ pattern, labels, valid_from: from, valid_until: until, object_marking_refs: refs, name: title }) => [pattern, labels, from, until, refs, title])
      .map((fields) => JSON.stringify(fields))
      .toSorted();
  }; // prettier-ignore

  const table = (rows: readonly string[]): string => ['ip,tag,family,seen,tlp,host', ...rows].join('\n');

  test('give the same results and reports as runs without one', async () => {
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    const rowOf = (): string => {
      const i = random(60);
      // The marking of a value stays, because a stricter one removes earlier versions, and all rows are compared then.
      const tlp = ['', '', 'amber', 'red', 'purple'][i % 5] ?? '';
      const host = random(3) === 0 ? `h${random(20)}.reef.example` : '';
      return `${random(9) === 0 ? 'nothing' : `198.51.100.${i}`},t${random(3)},${random(4) === 0 ? 'mirai' : ''},${random(2) === 0 ? '' : '2026-01-10T00:00:00Z'},${tlp},${host}`;
    };
    let rows = Array.from({ length: 60 }, rowOf);
    const kept: RememberedRows[] = [];
    for (let i = 0; i < 14; i++) {
      text = table(rows);
      rmSync(rowsFile('whole'), { force: true });
      const [one, other] = [await run('kept'), await run('whole')];
      expect(one).toEqual(other);
      expect(await indicators('kept')).toEqual(await indicators('whole'));
      const memory = (await state('kept'))?.rows;
      if (memory !== undefined) kept.push(memory);
      rows = rows.filter(() => random(20) > 0).map((row) => (random(20) === 0 ? rowOf() : row));
      if (random(2) === 0) rows.push(...Array.from({ length: random(5) }, rowOf));
      if (random(3) === 0) rows.reverse();
      clock.advance(8 * 3_600_000);
    }
    expect(kept).toHaveLength(14);
    // After a part of the validity period, all rows are mapped again.
    expect(new Set(kept.map(({ full_at }) => full_at)).size).toBe(2);
  }, 120_000); // prettier-ignore

  test('do not let an entry expire that its source keeps listing', async () => {
    for (let day = 0; day < 50; day++) {
      text = table(['198.51.100.1,a,,,,', `198.51.100.2,day ${day},,,,`]);
      await run('kept');
      const [object] = (await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=indicator`)).body.objects.filter(({ name }: { name: string }) => name === '198.51.100.1'); // prettier-ignore
      expect(Date.parse(object.valid_until)).toBeGreaterThan(clock.now());
      clock.advance(86_400_000);
    }
  }, 120_000);

  test('compare all rows again after a removal from the collection', async () => {
    text = table(['198.51.100.1,a,,,,', '198.51.100.2,b,,,,']);
    await run('kept');
    const { entries } = await t.hub.store.entries({ collection: MAIN, after: 0, limit: 10, types: ['indicator'], versions: LAST_VERSION }, false); // prettier-ignore
    const id = entries[0]?.id ?? '';
    await t.hub.store.remove({ collection: MAIN, id, versions: ALL_VERSIONS });
    clock.advance(3_600_000);
    text = table(['198.51.100.1,a,,,,', '198.51.100.2,b,,,,', '198.51.100.3,c,,,,']);
    expect(await run('kept')).toMatchObject({ created: 2, unchanged: 1 });
  });

  test('do not undo what hub staff has decided: a revocation stays, and a correction is refused', async () => {
    text = table(['198.51.100.1,a,,,,']);
    await run('kept');
    const { entries } = await t.hub.store.entries({ collection: MAIN, after: 0, limit: 10, types: ['indicator'], versions: LAST_VERSION }, false); // prettier-ignore
    const path = `/objects/${entries[0]?.id ?? ''}`;
    const { status, body } = await t.api('boss', 'POST', `${path}/versions`, { valid_days: 0 });
    expect([status, body['code']]).toEqual([409, 'TLN-O-425']);
    expect((await t.api('boss', 'POST', `${path}/revocation`)).status).toBe(200);
    clock.advance(10 * 86_400_000);
    text = table(['198.51.100.1,b,,,,']);
    expect(await run('kept')).toMatchObject({ status: 'ok', unchanged: 1, updated: 0 });
  });

  test('start from the stored objects after a run that ended in the middle', async () => {
    text = table(['198.51.100.1,first,,,,']);
    await run('kept');
    expect((await state('kept'))?.rows).toBeDefined();
    clock.advance(3_600_000);
    text = table(['198.51.100.1,second,,,,']);
    // The objects are stored, and the run ends before its checkpoint.
    onCommit = ({ records = [] }) => {
      if (records.some(({ kind, document }) => kind === 'feed-state' && (document as { rows?: unknown }).rows !== undefined)) throw new Error('the hub was ended'); // prettier-ignore
    };
    expect(await run('kept')).toMatchObject({ status: 'failed' });
    onCommit = () => undefined;
    expect(await indicators('kept')).toEqual([expect.stringContaining('second')]);
    clock.advance(3_600_000);
    text = table(['198.51.100.1,first,,,,']);
    expect(await run('kept')).toMatchObject({ updated: 1 });
    expect(await indicators('kept')).toEqual([expect.stringContaining('first')]);
  });
});
