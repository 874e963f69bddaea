import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIndex, readPage } from '../../src/feeds/transports/documents.ts';
import { indexContent, type IndexFormat } from '../../src/feeds/transports/index-content.ts';
import type { FeedFile } from '../../src/feeds/transports/transport.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-documents-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const ended = AbortSignal.abort();
const LARGE = 5_000;
const list = <T>(count: number, item: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => item(i));
const uuid = (i: number): string => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

function file(name: string, text: string): FeedFile {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { name, path, bytes: statSync(path).size, sha256: '' };
}

describe('a page of a JSON API', () => {
  const page = (items: number): string =>
    JSON.stringify({
      data: { items: list(items, (i) => ({ value: `name-${i}.reef-bank.com`, note: 'x'.repeat(60) })) },
      meta: { next: '/page?after=7', total: items },
    });
  const question = { texts: ['meta.next', 'meta.total', 'meta.none'], lists: ['data.items', 'none'] };

  test('is parsed in a thread when it is large, with the same answers', async () => {
    for (const items of [3, LARGE])
      expect(await readPage(file('page', page(items)), question, signal)).toEqual({
        texts: ['/page?after=7', String(items), undefined],
        lengths: [items, 0],
      });
    // Only a thread can be stopped.
    await expect(readPage(file('page', page(LARGE)), question, ended)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await expect(readPage(file('page', page(3)), question, ended)).resolves.toBeDefined();
  });

  test('is refused when it is not JSON or too large, whatever its size is', async () => {
    for (const text of ['{"a":', `{"a":${'1,'.repeat(200_000)}`])
      await expect(readPage(file('bad', text), question, signal)).rejects.toMatchObject({
        failure: 'content',
        title: 'A page of the source is not valid JSON',
      });
    await expect(
      readPage({ ...file('bad', '{}'), bytes: 65 * 1_048_576 }, question, signal),
    ).rejects.toMatchObject({ failure: 'limits' });
  });
});

describe('an index', () => {
  const indexes: readonly (readonly [IndexFormat, (entries: number) => string])[] = [
    [
      { kind: 'manifest', base: 'https://misp.reef-bank.com/' },
      (entries) =>
        JSON.stringify(Object.fromEntries(list(entries, (i) => [uuid(i), { timestamp: String(1_700_000_000 + i), info: 'x' }]))),
    ],
    [
      { kind: 'csaf', url: 'https://csaf.reef-bank.com/changes.csv', isNamed: true },
      (entries) => list(entries, (i) => `"2026/${'folder/'.repeat(4)}advisory-${i}.json","2026-01-01T00:00:00Z"\n`).join(''),
    ],
    [
      { kind: 'csaf', url: 'https://csaf.reef-bank.com/rolie.json', isNamed: true },
      (entries) =>
        JSON.stringify({ feed: { entry: list(entries, (i) => ({ updated: '2026-01-01T00:00:00Z', content: { src: `https://csaf.reef-bank.com/${i}.json` } })) } }),
    ],
    [
      { kind: 'shadowserver', base: 'https://reports.reef-bank.com/', since: 1_700_000_000_000, until: 1_800_000_000_000 },
      (entries) => JSON.stringify(list(entries, (i) => ({ id: `id-${i}`, file: `2026-01-01-scan_http-${i}.csv`, timestamp: '2026-01-01' }))),
    ],
  ]; // prettier-ignore

  test('is read in a thread when it is large, with the same entries in the same order', async () => {
    for (const [form, text] of indexes) {
      const large = text(LARGE);
      const { items, lists } = await readIndex(file('index', large), form, signal);
      expect(items).toHaveLength(LARGE);
      expect({ items, lists }).toEqual(await indexContent(large, form));
      await expect(readIndex(file('index', large), form, ended)).rejects.toMatchObject({
        kind: 'unavailable',
      });
      expect((await readIndex(file('index', text(3)), form, ended)).items).toHaveLength(3);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('-entries'))).toEqual([]);
  });

  test('that is a web page is refused with the reason, whatever its size is', async () => {
    const form: IndexFormat = { kind: 'manifest', base: 'https://misp.reef-bank.com/' };
    for (const size of [10, 300_000])
      await expect(readIndex(file('index', `<html>${'x'.repeat(size)}`), form, signal)).rejects.toMatchObject(
        {
          failure: 'content',
          hint: 'The source returned a web page. Check the address.',
        },
      );
  });
});
