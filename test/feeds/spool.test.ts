import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withAttachments } from '../../src/feeds/transports/mail.ts';
import type { FeedFile } from '../../src/feeds/transports/transport.ts';
import {
  SpoolLines,
  SpoolReader,
  inSpool,
  spoolBytes,
  spoolStreamOf,
  spoolWriter,
} from '../../src/feeds/spool.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CHUNK = 65_536;
/** Returns bytes in which each position differs from its neighbours. */
const plainOf = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff)); // prettier-ignore
const written = async (plain: Buffer, step = 10_007): Promise<string> => {
  const path = join(folder, `file-${plain.length}`);
  const parts = Array.from({ length: Math.ceil(plain.length / step) }, (_, i) => plain.subarray(i * step, (i + 1) * step)); // prettier-ignore
  await pipeline(Readable.from(parts, { objectMode: false }), spoolWriter(path));
  return path;
};

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])(
  'a spool file of %d bytes is encrypted, and read as a whole, as a stream and at any place',
  async (size) => {
    const plain = plainOf(size);
    const path = await written(plain);
    const onDisk = readFileSync(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    if (size > 100) expect(onDisk.includes(plain.subarray(0, 40))).toBe(false);
    expect((await spoolBytes(path)).equals(plain)).toBe(true);
    expect((await spoolBytes(path, 10)).equals(plain.subarray(0, 10))).toBe(true);
    const parts: Buffer[] = [];
    for await (const part of spoolStreamOf(path)) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(plain)).toBe(true);
    const reader = await SpoolReader.open(path);
    expect(reader.size).toBe(size);
    for (const at of [0, 1, CHUNK - 2, CHUNK, 2 * CHUNK + 5, size - 3].filter((place) => place >= 0))
      expect((await reader.read(at, 20)).equals(plain.subarray(at, at + 20))).toBe(true);
    await reader.close();
  },
);

test('lines are read back, whatever their length', async () => {
  const path = join(folder, 'lines');
  const out = new SpoolLines(path);
  const lines = ['', 'one', 'é'.repeat(CHUNK), 'x'.repeat(3 * CHUNK), 'end'];
  for (const line of lines) await out.write(line);
  await out.close();
  expect((await spoolBytes(path)).toString().split('\n')).toEqual([...lines, '']);
  const none = new SpoolLines(join(folder, 'none'));
  await none.close();
  expect(await spoolBytes(join(folder, 'none'))).toHaveLength(0);
});

test('a spool file that was cut or changed is not read', async () => {
  const path = await written(plainOf(2 * CHUNK + 100));
  const whole = readFileSync(path);
  // At the end of a chunk, so that every remaining chunk is complete.
  truncateSync(path, 32 + 2 * (CHUNK + 16));
  await expect(spoolBytes(path)).rejects.toThrow();
  const changed = Buffer.from(whole);
  changed[40] = (changed[40] ?? 0) ^ 1;
  writeFileSync(path, changed);
  await expect(spoolBytes(path)).rejects.toThrow();
});

test('a folder of the spool goes with its files, also after a failure', async () => {
  const work = inSpool(folder, 'list', async (own) => {
    writeFileSync(join(own, 'left'), 'x');
    expect(statSync(own).mode & 0o777).toBe(0o700);
    return Promise.reject(new Error('it failed'));
  });
  await expect(work).rejects.toThrow('it failed');
  expect(readdirSync(folder)).toEqual([]);
});

test('no other module of the feeds writes a file or reads one of the spool', () => {
  const feeds = join(import.meta.dirname, '../../src/feeds');
  const using = readdirSync(feeds, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) =>
      /import \{[^}]*\b(?:create\w+Stream|writeFile|appendFile|readFile|open)(?:Sync)?\b[^}]*\} from 'node:fs/.test(
        readFileSync(join(feeds, name), 'utf8'),
      ),
    )
    .toSorted();
  // The hub's own documents and lists, a folder of another program, and digests of rows are not spool files.
  expect(using).toEqual([
    'document.ts',
    'row-memory.ts',
    'spool.ts',
    'transports/folder.ts',
    'warning-lists.ts',
  ]);
});

const mailWith = (name: string): string =>
  `From: a@impact.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=${name}\r\n\r\n${'y'.repeat(500)}\r\n--b--\r\n`;

test('the attachments of emails share the space of the files that were fetched', async () => {
  const run = async (runBytes: number): Promise<readonly FeedFile[]> => {
    const files: FeedFile[] = [];
    for (const [name, text] of [
      ['list.csv', 'x'.repeat(1_000)],
      ['first.eml', mailWith('a.csv')],
      ['second.eml', mailWith('b.csv')],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, text);
      files.push({ name, path, sha256: '', bytes: text.length });
    }
    const given = { status: undefined, files, cursor: {}, unchanged: false, oddities: [] };
    const options = { spool: folder, name: 'mail', signal: new AbortController().signal };
    return (await withAttachments(given, { kind: 'upload' }, options, runBytes)).files;
  };
  const whole = 1_000 + 2 * mailWith('a.csv').length;
  expect((await run(whole + 600)).map(({ name }) => name)).toEqual([
    'list.csv',
    'a.csv',
    // The first email was removed by then, and its space is free again.
    'b.csv',
  ]);
  await expect(run(whole + 400)).rejects.toThrow('larger than 2 GiB');
});
