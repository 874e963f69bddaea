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
    const before = sliceWork.turns;
    const file = { name: 'list.txt', path, bytes: text.length, sha256: '' };
    const lists = new WarningLists(document, []);
    await stageRows([file], join(folder, 'findings'), document, lists, 0, staged, () => undefined);
    expect(staged.counts.records).toBe(4_000);
    expect(sliceWork.turns - before).toBe(40);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
