import { expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPreset } from '../../src/feeds/document.ts';
import type { RunProgress } from '../../src/feeds/report.ts';
import { SpoolLines } from '../../src/feeds/spool.ts';
import { linesIn } from '../../src/feeds/spool.ts';
import { nothingStaged, stageRows, type Staged } from '../../src/feeds/stage.ts';
import { readFiles, stageFiles } from '../../src/feeds/staging.ts';
import type { StagingRequest } from '../../src/feeds/staging-request.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { WarningLists } from '../../src/feeds/warning-lists.ts';

test('reading the rows of a file lets other requests have their turn after every hundred rows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-stage-'));
  try {
    const path = join(folder, 'list.txt');
    const text = Array.from({ length: 4_000 }, (_, i) => `198.51.${i >> 8}.${i & 255}\n`).join('');
    writeFileSync(path, text);
    const document = loadPreset('plain-list');
    if (document === undefined) throw new Error('there is no preset plain-list');
    const staged = nothingStaged();
    const file = { name: 'list.txt', path, bytes: text.length, sha256: '' };
    const lists = await WarningLists.load(document, []);
    const before = sliceWork.turns;
    await stageRows([file], join(folder, 'findings'), document, lists, 0, staged, () => undefined);
    expect(staged.counts.records).toBe(4_000);
    expect(sliceWork.turns - before).toBe(40);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('preparing a warning list lets other requests have their turn after every 500 entries', async () => {
  // The lists that ship with the hub are prepared once.
  await WarningLists.load({}, []);
  const list = Array.from({ length: 4_000 }, (_, i) => `198.51.${i >> 8}.${i & 255}/32`);
  const kept = new Map([['own', { type: 'cidr', list, action: 'flag' } as const]]);
  const before = sliceWork.turns;
  const lists = await WarningLists.load({}, [], kept);
  expect(sliceWork.turns - before).toBe(8);
  expect(lists.hits({ type: 'ipv4-addr', value: '198.51.15.1' })).toEqual([{ list: 'own', action: 'flag' }]);
});

/** Reads a text as a spool file, in this thread or in one of its own, and returns the result and the findings. */
async function staged(
  read: (
    request: StagingRequest,
    staged: Staged,
    progress: RunProgress,
    signal: AbortSignal,
  ) => Promise<void>,
  text: string,
  { preset = 'plain-list', signal = new AbortController().signal } = {},
): Promise<{ result: Staged; lines: string[]; failure: unknown }> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-stage-'));
  try {
    const path = join(folder, 'list.txt');
    const out = new SpoolLines(path);
    await out.write(text);
    await out.close();
    const document = loadPreset(preset);
    if (document === undefined) throw new Error(`there is no preset ${preset}`);
    const staging = join(folder, 'findings');
    const result = nothingStaged();
    const files = [{ name: 'list.txt', path, bytes: 1_000_000, sha256: '' }];
    const request = { files, staging, document, members: [], kept: new Map(), now: 0 };
    const failure = await read(request, result, () => undefined, signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    const lines: string[] = [];
    if (existsSync(staging)) for await (const line of linesIn(staging)) lines.push(line);
    return { result, lines, failure };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a thread reads a large file with the result that this thread would have', async () => {
  const text = Array.from({ length: 2_000 }, (_, i) => `9.9.${i >> 8}.${i & 255}\nnot a value ${i % 7}`).join(
    '\n',
  );
  const here = await staged(readFiles, text);
  const there = await staged(stageFiles, text);
  expect(here.lines.length).toBeGreaterThan(1_000);
  expect(there.lines).toEqual(here.lines);
  expect({ ...there.result, ids: there.result.ids.parts() }).toEqual({
    ...here.result,
    ids: here.result.ids.parts(),
  });
});

test('a failure in a thread keeps its code and what was counted', async () => {
  const text = '{"a": 1';
  const here = await staged(readFiles, text, { preset: 'misp-events' });
  const there = await staged(stageFiles, text, { preset: 'misp-events' });
  expect(here.failure).toBeInstanceOf(Problem);
  expect(there.failure).toEqual(here.failure);
  expect(there.result.counts).toEqual(here.result.counts);
});

test('a run that is stopped ends its thread', async () => {
  const stop = new AbortController();
  const running = staged(stageFiles, '9.9.9.9\n'.repeat(200_000), { signal: stop.signal });
  stop.abort();
  expect((await running).failure).toMatchObject({ code: 'TLN-F-014' });
});
