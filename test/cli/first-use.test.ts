import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { FetchProblem } from '../../src/feeds/transports/transport.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

const here = folder();
const data = join(here.path, 'data');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function talanoa(...args: readonly string[]): Promise<Ended> {
  const { io, out, err } = testIo({ environment: { TALANOA_DATA: data, TZ: 'UTC' } });
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

interface Entries {
  readonly items: readonly { readonly seq: number; readonly fact: { action: string; resource: string } }[];
}

async function entries(...flags: readonly string[]): Promise<Entries['items']> {
  const { code, out } = await talanoa('audit', 'list', '--json', ...flags);
  expect(code).toBe(0);
  return (JSON.parse(out) as Entries).items;
}

beforeAll(async () => {
  expect((await talanoa('init')).code).toBe(0);
  for (const name of ['tonga', 'samoa', 'fiji']) await talanoa('member', 'create', name, '--no-collection');
  await talanoa('group', 'create', 'pacson');
  await talanoa('group', 'join', 'pacson', 'tonga');
}, 60_000);
afterAll(here.remove);

test('audit list shows the last entries, the newest first, and filters them by account, action, resource and time', async () => {
  const all = await entries('--after', '0');
  const last = all.slice(-2).map(({ seq }) => seq);
  expect((await entries('--last', '2')).map(({ seq }) => seq)).toEqual(last.toReversed());
  expect((await entries('--last', '2', '--order', 'oldest')).map(({ seq }) => seq)).toEqual(last);
  expect((await entries('--after', '0', '--order', 'newest', '--limit', '2')).map(({ seq }) => seq)).toEqual(
    last.toReversed(),
  );
  const added = await entries('--what', 'member.create', '--who', 'operator');
  expect(added.map(({ fact }) => fact.resource)).toEqual(['member/fiji', 'member/samoa', 'member/tonga']);
  expect(await entries('--what', 'member/sam')).toHaveLength(1);
  expect(await entries('--who', 'nobody')).toEqual([]);
  expect(await entries('--since', '1h', '--what', 'member.create', '--last', '1')).toMatchObject([
    { fact: { resource: 'member/fiji' } },
  ]);
  expect(await entries('--until', '2020-01-01')).toEqual([]);
  expect(await entries('--since', '2999-01-01')).toEqual([]);
  const shown = await talanoa('audit', 'list', '--last', '1');
  expect((await talanoa('audit', 'list', '--what', 'member.create', '--last', '1')).err).toContain(
    'There are older entries.',
  );
  // The place that it prints leads to the next older entry.
  const [, more = ''] = /More: --after (\S+)/.exec(shown.err) ?? [];
  expect((await entries('--after', more, '--limit', '1')).map(({ seq }) => seq)).toEqual([last[0]]);
  expect(await talanoa('audit', 'list', '--after', '')).toMatchObject({ code: 2 });
  for (const text of ['yesterday', '2026-11-29T08:00', '2026-11-29 08:00Z', '2026-13-01'])
    expect([text, await talanoa('audit', 'list', '--since', text)]).toMatchObject([text, { code: 2, err: expect.stringContaining('TLN-C-074') }]); // prettier-ignore
  // The member that has joined is in no other column.
  expect((await talanoa('audit', 'list', '--what', 'group.join')).out).toContain('member: tonga');
}, 60_000);

test('a change of a member and a registration are requested with commands and wait for approval', async () => {
  expect(await talanoa('member', 'request', 'tonga', '--title', 'CERT Tonga')).toMatchObject({
    code: 0,
    out: expect.stringContaining('waits for an administrator'),
  });
  expect(await talanoa('member', 'request', 'tonga')).toMatchObject({ code: 2 });
  const registered = await talanoa('member', 'register', 'niue', '--title', 'CERT Niue', '--contact', 'Moana, +683 4000', '--country', 'NU'); // prettier-ignore
  expect(registered.code).toBe(0);
  const { out } = await talanoa('member', 'requests');
  expect(out).toMatch(/change +tonga +pending/);
  expect(out).toMatch(/registration +niue +pending/);
  const wrong = await talanoa('member', 'register', 'nauru', '--title', 'CERT Nauru', '--contact', 'Moana', '--country', 'NRU'); // prettier-ignore
  expect(wrong.err).toContain('is not a country code of two capital letters, such as TO');
}, 60_000);

test('a value that is given twice gets no advice about values that were known before', async () => {
  const twice = await talanoa(
    'publish',
    'evil.reef-bank.com',
    'evil[.]reef-bank.com',
    '--collection',
    'indicators',
  );
  expect(twice).toMatchObject({ code: 0, out: expect.stringContaining('is the same value') });
  expect(twice.err).not.toContain('--if-known');
  const again = await talanoa('publish', 'evil.reef-bank.com', '--collection', 'indicators');
  expect(again.err).toContain('--if-known');
}, 60_000);

test('a preview on a hub without members reports it', async () => {
  const { io, out } = testIo({ environment: { TALANOA_DATA: join(here.path, 'empty') } });
  expect(await run(['init', '--quiet'], io)).toBe(0);
  expect(await run(['publish', 'evil.reef-bank.com', '--collection', 'indicators', '--preview'], io)).toBe(0);
  expect(out()).toContain('The hub has no members yet');
  expect(out()).not.toContain('MEMBER');
}, 60_000);

test('every class of a failed fetch has a code that talanoa help explains, whatever the status of the response', async () => {
  for (const failure of ['needs-key', 'gone', 'source', 'limits', 'content', 'setting'] as const) {
    const { code } = new FetchProblem('The source answers with 404', { failure, httpStatus: 404 });
    expect(code).toMatch(/^TLN-F-50\d$/);
    const help = await talanoa('help', code);
    expect(help).toMatchObject({ code: 0, out: expect.stringMatching(/source|feed/) });
  }
});

test('a push of a file without objects is an error', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/taxii+json;version=2.1');
    response.end(JSON.stringify({ id: '6f52283e-09db-4c3b-86f6-3d4e5f607187', title: 'Intel', can_read: true, can_write: true })); // prettier-ignore
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address() as { port: number };
    const file = join(here.path, 'empty.json');
    writeFileSync(file, '{"type":"bundle","id":"bundle--2f5c8d3e-6a1b-4c7d-9e8f-0a1b2c3d4e5f"}');
    const url = `http://127.0.0.1:${address.port}/main/collections/6f52283e-09db-4c3b-86f6-3d4e5f607187/`;
    expect(await talanoa('push', url, file)).toMatchObject({
      code: 3,
      err: expect.stringContaining('TLN-C-073'),
    });
  } finally {
    server.close();
  }
});

test('tables for people name collections, not their ids', async () => {
  await talanoa('key', 'create', '--account', 'wall', '--collections', 'indicators', '--only', 'indicators');
  const keys = await talanoa('key', 'list');
  expect(keys.out).toContain('indicators');
  const audit = await talanoa('audit', 'list');
  expect(audit.out).toContain('collection/indicators');
  expect((await talanoa('member', 'create', 'niue')).out).toMatch(/Collection +member-niue/);
  for (const { out } of [keys, audit]) expect(out).not.toContain('5d2f7f0e-6a8b-4a86-9a0f-0d1c2b3a4f5e');
  // Programs get the entries as they are, because their hashes prove them.
  expect((await talanoa('audit', 'list', '--json')).out).toContain('5d2f7f0e-6a8b-4a86-9a0f-0d1c2b3a4f5e');
}, 60_000);

test('an error about a parameter repeats what was typed', async () => {
  const { code, err } = await talanoa('delivery', 'why', 'evil.example', 'tonga');
  expect([code, err]).toEqual([2, expect.stringContaining('"evil.example" is not valid')]);
});

test.each([
  [['show', 'x'], 'Object "x" not found'],
  [['delivery', 'log', 'x'], 'Object "x" not found'],
  [['held', 'show', 'x'], 'No object on hold has the id "x"'],
])('the error of %j names the object that was not found', async (args, said) => {
  const { code, err } = await talanoa(...args);
  expect([code, err]).toEqual([4, expect.stringContaining(said)]);
});

test('a list on the disk is recognised, and the error explains what can be done with it', async () => {
  const file = join(here.path, 'list.txt');
  writeFileSync(file, '203.0.113.5\nevil.reef-bank.com\n');
  const { code, err } = await talanoa('feed', 'try', file, '--collection', 'indicators');
  expect([code, err]).toEqual([
    3,
    expect.stringContaining(`talanoa publish --file ${file} --collection indicators --preview`),
  ]);
  writeFileSync(file, '{ "name": ');
  expect((await talanoa('feed', 'try', file, '--collection', 'indicators')).err).toContain('TLN-F-422');
});

test.each([
  ['an empty file', '', 'is empty   [TLN-F-426]'],
  ['a file with blank lines', '\uFEFF \n\n', 'is empty   [TLN-F-426]'],
  ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), 'is not a text file   [TLN-F-427]'],
  ['a file that is not UTF-8', Buffer.from('caf\u00e9', 'latin1'), 'is not a text file   [TLN-F-427]'],
])('%s is not a list', async (_what, content, said) => {
  const file = join(here.path, 'other');
  writeFileSync(file, content);
  const { code, err } = await talanoa('feed', 'create', file, '--collection', 'indicators');
  expect([code, err]).toEqual([3, expect.stringContaining(`error: ${file} ${said}\n`)]);
  expect(err).toContain('  Try: ');
}); // prettier-ignore

test('a feed that was created from a template with a URL does not ask for one', async () => {
  const made = ['feed', 'create', 'plain-list', '--collection', 'indicators', '--disabled'];
  expect((await talanoa(...made, '--name', 'empty')).code).toBe(0);
  expect((await talanoa(...made, '--name', 'given', '--url', 'https://lists.reef-bank.com/a')).code).toBe(0);
  expect((await talanoa('feed', 'show', 'empty')).out).toContain('A template: give it a url');
  expect((await talanoa('feed', 'show', 'given')).out).not.toContain('A template');
}, 60_000);

test('a feed shows when it runs next, or why it does not', async () => {
  expect((await talanoa('feed', 'show', 'urlhaus')).out).toMatch(
    /Next run +when the hub runs: talanoa serve/,
  );
  await talanoa('feed', 'pause', 'urlhaus', '--reason', 'The source moves');
  expect((await talanoa('feed', 'show', 'urlhaus')).out).toMatch(/Next run +none while it is paused/);
}, 60_000);

test('the settings of a tool name its URL once', async () => {
  for (const tool of ['fortigate', 'nftables']) {
    const { out } = await talanoa('connect', tool, '--collection', 'indicators');
    const fields = out.slice(out.indexOf('FIELD'), out.indexOf('Limits'));
    expect([tool, fields.split('\n').filter((line) => /^\S.*https?:\/\//.test(line)).length]).toEqual([
      tool,
      1,
    ]);
  }
}, 60_000);

test('a value on a warning list is explained once, when it is published and in the preview', async () => {
  for (const more of [['--preview'], []]) {
    const { out } = await talanoa(
      'publish',
      '8.8.8.8',
      '--collection',
      'indicators',
      '--tlp',
      'green',
      ...more,
    );
    expect([more, out.match(/on the warning list/g)?.length]).toEqual([more, 1]);
  }
}, 60_000);
