import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPreset } from '../../src/feeds/document.ts';
import { nothingStaged, stageRows } from '../../src/feeds/stage.ts';
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
