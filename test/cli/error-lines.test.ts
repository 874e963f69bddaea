import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

/** The messages of commands about their input and their results. */

const here = folder();
const data = join(here.path, 'data');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function talanoa(...args: readonly string[]): Promise<Ended> {
  return talanoaWith({}, ...args);
}

async function talanoaWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> {
  const { io, out, err } = testIo({
    environment: { TALANOA_DATA: data, TZ: 'UTC', HOME: here.path, ...environment },
  });
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

/** Runs a command at a terminal, where a person types these lines and then ends the input. */
async function typed(lines: string, ...args: readonly string[]): Promise<Ended> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const { io, out, err } = testIo({ columns: 80, environment: { TALANOA_DATA: data, TZ: 'UTC' } });
  const ended = run(args, { ...io, stdin: stdin as unknown as NodeJS.ReadStream });
  stdin.end(lines);
  return { code: await ended, out: out(), err: err() };
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

beforeAll(async () => {
  expect((await talanoa('init')).code).toBe(0);
  await talanoa('member', 'create', 'tonga', '--domain', 'gov.to');
}, 60_000);
afterAll(here.remove);

test('every error about something that does not exist repeats what was typed, and leads on', async () => {
  for (const [words, told, next] of [
    [['list', 'show', 'gone'], 'List "gone" not found', 'talanoa list list'],
    [['member', 'approve', 'gone'], 'Request "gone" not found', 'talanoa member requests'],
    [['member', 'decide', 'gone', 'verified'], 'Claim "gone" not found', 'talanoa member claims'],
    [['suppression', 'show', 'gone'], 'Suppression "gone" not found', 'talanoa suppression list'],
    [['triage', 'dismiss', 'gone', '--note', 'why so'], 'has the id "gone"', 'talanoa triage list'],
    [['feedback', 'reject', 'gone', '--note', 'why so'], 'has the id "gone"', 'talanoa feedback cases'],
    [
      ['wide-network', 'revoke', 'gone', '--reason', 'why so'],
      'Approval "gone" not found',
      'wide-network list',
    ],
    [['red', 'show', 'gone'], 'with the id "gone"', 'talanoa red list'],
    [['share', 'answer', 'gone', 'granted'], 'Request for consent "gone" not found', 'talanoa share list'],
    [['saved-search', 'run', 'gone'], 'Saved search "gone" not found', 'talanoa saved-search list'],
    [['publish', '1.1.1.1', '--collection', 'gone'], 'Collection "gone" not found', 'Try: '],
    [
      ['connect', 'bind', '--collection', 'indicators', '--member', 'gone'],
      'Member "gone" not found',
      'talanoa member list',
    ],
    [
      [
        'list',
        'create',
        'gone-list',
        '--collections',
        'indicators',
        '--format',
        'edl-ip',
        '--member',
        'gone',
      ],
      'Member "gone" not found',
      'talanoa member list',
    ],
    [['member', 'create', 'tonga'], 'A member named "tonga" already exists', 'member update tonga'],
  ] as const) {
    const { code, err } = await talanoa(...words);
    expect([words, code, err]).toEqual([
      words,
      words[0] === 'member' && words[1] === 'create' ? 7 : 4,
      expect.stringContaining(told),
    ]);
    expect([words, err]).toEqual([words, expect.stringContaining(next)]);
  }
});

test('a key for a member that does not exist is about the member, not about the name of an account', async () => {
  expect((await talanoa('key', 'create', '--member', 'atlantis~')).err).toContain('Member "atlantis~" not found');
}); // prettier-ignore

test('an unknown filter of a search is reported with the filters that there are', async () => {
  const { code, err } = await talanoa('search', 'x', '--filters', 'colour=red');
  expect([code, err]).toEqual([2, expect.stringContaining('A search has no filter "colour"')]);
});

test('an error about a name repeats the name, and names the nearest one or the list', async () => {
  expect(await talanoa('member', 'show', 'tonqa')).toMatchObject({
    code: 4,
    err: expect.stringMatching(/Member "tonqa" not found[\s\S]*Did you mean "tonga"\?/),
  });
  for (const [words, told] of [
    [['account', 'update', 'nobody', '--disable'], 'Account "nobody" not found'],
    [['group', 'join', 'nobody', 'tonga'], 'Group "nobody" not found'],
    [['channel', 'show', 'nobody'], 'Channel "nobody" not found'],
    [['key', 'revoke', 'nobody'], 'Key "nobody" not found'],
    [['rule', 'delete', 'nobody'], 'Rule "nobody" not found'],
    [['secret', 'delete', 'nobody'], 'Secret "nobody" not found'],
    [['session', 'end', 'nobody'], 'Session "nobody" not found'],
    [['member', 'claims', 'nobody'], 'Member "nobody" not found'],
    [['key', 'list', '--account', 'nobody'], 'Account "nobody" not found'],
    [['delivery', 'lag', '--account', 'nobody'], 'matches "nobody"'],
  ] as const) {
    const { code, err } = await talanoa(...words);
    expect([words, code, err.includes(told)]).toEqual([words, 4, true]);
    expect(err).toContain('Try: ');
  }
}, 60_000);

test('an error about a value names the flag or argument that was typed, not the path of the API', async () => {
  const expires = await talanoa('key', 'create', '--account', 'wall', '--expires', '9999d');
  expect(expires).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^error: Invalid value {3}\[TLN-P-422\]\n {2}--expires: must be at most 731/),
  });
  const listed = await talanoa('key', 'create', '--account', 'wall', '--expires', '9999d', '--json');
  expect(JSON.parse(listed.err)).toMatchObject({ error: { code: 'TLN-P-422', title: 'Invalid value' } });
  const verdict = await talanoa('member', 'decide', '0', 'perhaps');
  expect(verdict.err).toContain('  verdict: must be one of "verified", "rejected"');
  const country = await talanoa('member', 'create', 'fiji', '--country', 'ZZZ');
  expect(country.err).toContain('  --country: "ZZZ" is not a country code');
}, 60_000);

test('all faults of a request, of a feed document and of a settings file are reported at once, with their places', async () => {
  expect(await talanoa('member', 'create', 'Bad Name', '--country', 'TO', '--country', 'X', '--as', '1')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^ {2}name: "Bad Name"[^\n]+\n {2}--country: "X" [^\n]+$/m),
  }); // prettier-ignore
  const document = join(here.path, 'partner.json');
  writeFileSync(
    document,
    '{\n"name": "Partner",\n"parser": { "kind": "cvs" },\n"map": [{ "type": "ipv4" }]\n}\n',
  );
  for (const words of [['create'], ['try']]) {
    const { code, err } = await talanoa('feed', ...words, document, '--collection', 'indicators');
    expect(code).toBe(2);
    for (const told of ['line 2, /name: ', 'line 3, /parser/kind: ', 'line 4, /map/0/type: ', 'line 4, /map/0/value: ', 'line 1, /transport: '])
      expect(err).toContain(told); // prettier-ignore
  }
  writeFileSync(document, '{}');
  // The name of the file becomes the name of the feed.
  expect((await talanoa('feed', 'create', document, '--collection', 'indicators')).err).not.toContain(
    '/name',
  );
  writeFileSync(document, '[1]');
  expect((await talanoa('feed', 'create', document, '--collection', 'indicators')).err).toContain(
    'TLN-F-425',
  );
  const settings = join(here.path, 'wrong.yaml');
  writeFileSync(
    settings,
    'hub: { titel: x, url: 5 }\nmembers:\n  - { name: tonga, title: T, countries: [TON] }\n',
  );
  const { err } = await talanoa('status', '--config', settings);
  expect(err).toMatch(/wrong\.yaml:1: hub\.titel: /);
  expect(err).toMatch(/wrong\.yaml:1: hub\.url: /);
  expect(err).toMatch(/wrong\.yaml:3: members\.0\.countries\.0: /);
  expect(err).toContain('Nothing of the file was applied.');
}, 60_000);

test('an operator learns which grant would let a search look further', async () => {
  const { code, err } = await talanoa('search', 'nothing.reef-bank.com');
  expect([code, err]).toEqual([4, expect.stringContaining('talanoa grant create COLLECTION role:administrator --read')]); // prettier-ignore
  const id = 'indicator--6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
  expect((await talanoa('show', id)).err).toContain('talanoa grant create COLLECTION RECEIVER --read');
});

test('an address without a scheme is an invalid address of a hub', async () => {
  expect(await talanoa('status', '--hub', 'localhost:6510')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/Invalid address: "localhost:6510"[\s\S]*https:\/\/hub\.example\.org/),
  });
});

test('the error about an unknown command refers to the list of commands', async () => {
  expect((await talanoa('frob')).err).toContain('To list the commands, run: talanoa --help');
  expect((await talanoa('feed', 'frob')).err).toMatch(/Commands of talanoa feed: list, catalogue, create/);
});

test('a command without its arguments asks for them before it asks for its flags', async () => {
  for (const [words, told] of [
    [['connect'], "missing required argument 'tool'"],
    [['connect', 'fortigatee'], 'Unknown tool: "fortigatee". Did you mean "fortigate"?'],
    [['connect', 'fortigatee', '--collection', 'indicators'], 'Did you mean "fortigate"?'],
    [['connect', 'fortigate'], "required option '--collection <name>' not specified"],
    [['feed', 'try'], "missing required argument 'source'"],
    [['feed', 'try', 'urlhaus'], "required option '--collection <name>' not specified"],
    [['feed', 'create'], "required option '--collection <name>' not specified"],
  ] as const) {
    const { code, err } = await talanoa(...words);
    expect([words, code, err.split('\n')[0]]).toEqual([words, 2, expect.stringContaining(told)]);
    expect(err).toContain('  Try: ');
  }
});

test('errors about typed values speak of what was typed', async () => {
  for (const [words, told] of [
    [['member', 'create', 'niue', '--as', 'many'], 'Invalid AS number: "many"'],
    [['member', 'create', 'niue', '--identity', 'x'], '--identity: "x" is not the STIX id of an identity'],
    [['list', 'update', 'none'], 'The command changes nothing'],
    [['connect', 'tonga', '--collection', 'indicators'], 'error: Unknown tool: "tonga"'],
    [['key', 'create', '--expires', 'soon'], 'error: Invalid value of --expires: "soon". Write it'],
  ] as const) {
    const { err } = await talanoa(...words);
    expect([words, err]).toEqual([words, expect.stringContaining(told)]);
  }
});

test('the help of every group of commands fits into 80 columns', async () => {
  for (const group of ['member', 'key', 'feed', 'channel', 'account', 'serve', 'poll']) {
    const { out } = await talanoa('help', group);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).not.toMatch(/(\(default: [^)]*\)) \1/);
  }
  expect((await talanoa('help', 'serve')).out).not.toMatch(/--hub/);
});

test('the result for a new person names the command that lets them in', async () => {
  const { err } = await talanoa(
    'account',
    'create',
    'sina',
    '--role',
    'officer',
    '--member',
    'tonga',
    '--person',
  );
  expect(err).toContain('Account sina created: officer of tonga.');
  expect(err).toContain('talanoa account invite sina');
}, 30_000);

test('a new key is shown with only the rights that its scopes allow', async () => {
  const { err } = await talanoa('key', 'create', '--account', 'sensor', '--collections', 'indicators', '--read', '--write', '--scopes', 'taxii:read'); // prettier-ignore
  expect(err).toContain('  Indicators: read\n');
  const metrics = await talanoa('key', 'create', '--account', 'sensor', '--scopes', 'metrics:read');
  expect(metrics.err).toContain('no access to a collection within its scopes');
}, 30_000);

test('the command line for a new key is one that its scopes allow', async () => {
  const made = async (...flags: string[]) =>
    (await talanoa('key', 'create', '--account', 'wall', '--collections', 'indicators', '--read', ...flags)).err; // prettier-ignore
  expect(await made()).toMatch(/Try it:[\s\S]*\/main\/collections\/[\w-]+\/objects\/\?limit=10/);
  const lists = await made('--scopes', 'lists:read', '--addresses', '203.0.113.0/24');
  expect(lists).toMatch(/Try it:[\s\S]*\/lists\/[\w-]+\/plain'/);
  expect(lists).not.toContain('/objects/');
  expect(lists).toContain('It works only from 203.0.113.0/24.');
  expect(await made('--scopes', 'taxii:write')).not.toContain('Try it');
  expect(await made('--write', '--scopes', 'lists:read,taxii:write')).toContain('/plain');
  // A rotated key has the limits of the earlier one.
  const { items: keys } = JSON.parse((await talanoa('key', 'list', '--account', 'wall', '--json')).out) as { items: { id: string; addresses?: string[] }[] }; // prettier-ignore
  const old = keys.find(({ addresses }) => addresses !== undefined);
  const { err } = await talanoa('key', 'rotate', old?.id ?? '');
  expect(err).toContain('/plain');
  expect(err).toMatch(/The old key \w+ stays valid until \d{4}-\d\d-\d\d/);
}, 60_000);

test('a removal asks a person at a terminal first, and lists what goes with it', async () => {
  const list = {
    name: 'gone', title: 'Gone', transport: { kind: 'upload' }, schedule: { cron: '0 * * * *' }, parser: { kind: 'csv', header: 'first' }, map: [{ value: '{ip}', type: 'ip' }], defaults: { tlp: 'amber', confidence: 50, valid_for: 'P30D' },
  }; // prettier-ignore
  const file = join(here.path, 'gone.json');
  writeFileSync(file, JSON.stringify(list));
  expect((await talanoa('feed', 'create', file, '--collection', 'indicators')).code).toBe(0);
  expect((await talanoa('key', 'create', '--account', 'gone')).code).toBe(0);
  for (const [words, question] of [
    [['feed', 'delete', 'gone'], 'Delete the feed gone with its document'],
    [['account', 'delete', 'gone'], 'Delete the account gone with 1 key, its grants and its sessions?'],
  ] as const) {
    const isThere = async () => (await talanoa(words[0], 'list', '--json')).out.includes('"name":"gone"');
    for (const answer of ['n\n', '']) {
      expect(await typed(answer, ...words)).toMatchObject({ code: 0, err: expect.stringMatching(`${escaped(question)}[^]*Nothing was deleted`) }); // prettier-ignore
      expect(await isThere()).toBe(true);
    }
    expect(await typed('y\n', ...words)).toMatchObject({ code: 0, err: expect.stringContaining('deleted, with') }); // prettier-ignore
    expect(await isThere()).toBe(false);
    // For a name that does not exist, the command asks nothing.
    expect(await typed('', ...words)).toMatchObject({ code: 4, err: expect.not.stringContaining('[y/N]') });
  }
}, 60_000);

test('a secret is read from a pipe that is empty at first, and its removal names the feeds that need it', async () => {
  const stdin = new PassThrough();
  const { io, err } = testIo({ environment: { TALANOA_DATA: data } });
  const ended = run(['secret', 'set', 'reef', '--host', 'feeds.example'], {
    ...io,
    stdin: stdin as unknown as NodeJS.ReadStream,
  });
  setImmediate(() => stdin.end('hunter2\n'));
  expect([await ended, err()]).toEqual([0, expect.stringContaining('secret:reef')]);
  const document = {
    name: 'reef', title: 'Reef', transport: { kind: 'https', url: 'https://feeds.example/x.csv', auth: { kind: 'bearer', secret: 'secret:reef' } }, schedule: { cron: '0 * * * *' }, parser: { kind: 'csv', header: 'first' }, map: [{ value: '{ip}', type: 'ip' }], defaults: { tlp: 'amber', confidence: 50, valid_for: 'P30D' },
  }; // prettier-ignore
  const file = join(here.path, 'reef.json');
  writeFileSync(file, JSON.stringify(document));
  expect(await talanoa('feed', 'create', file, '--collection', 'indicators', '--disabled')).toMatchObject({ code: 0 }); // prettier-ignore
  expect((await talanoa('secret', 'delete', 'reef')).err).toMatch(
    /Secret reef deleted\. These feeds use it: reef\./,
  );
}, 60_000);

test('a channel whose secret the hub does not have for its host is created with a warning', async () => {
  const made = (name: string, secret: string) =>
    talanoa('channel', 'create', name, '--member', 'tonga', '--kind', 'webhook', '--url', 'https://b.example/x', '--secret', `secret:${secret}`); // prettier-ignore
  expect(await made('c1', 'none')).toMatchObject({
    code: 0,
    err: expect.stringMatching(
      /The hub has no secret none yet[\s\S]*talanoa secret set none --host b\.example/,
    ),
  });
  // The service gets a token, so its host needs the secret, too.
  const tenant = await talanoa('channel', 'create', 'c2', '--member', 'tonga', '--kind', 'defender', '--url', 'https://b.example', '--token-url', 'https://login.example/token', '--username', 'app', '--secret', 'secret:none'); // prettier-ignore
  expect(tenant.err).toMatch(/talanoa secret set none --host login\.example b\.example/);
  for (const host of ['a.example', 'b.example']) {
    const { io } = testIo({ environment: { TALANOA_DATA: data } });
    const stdin = new PassThrough();
    stdin.end('hunter2');
    await run(['secret', 'set', 'hook', '--host', host], {
      ...io,
      stdin: stdin as unknown as NodeJS.ReadStream,
    });
    const { err } = await made(`on-${host.slice(0, 1)}`, 'hook');
    expect([host, err]).toEqual([
      host,
      host === 'a.example' ? expect.stringContaining('is stored for a.example, not for b.example') : '',
    ]);
  }
  // Lists know it as well, before the channel has anything to deliver.
  const { items } = JSON.parse((await talanoa('channel', 'list', '--json')).out) as { items: { name: string; problem?: string }[] }; // prettier-ignore
  const problems = Object.fromEntries(items.map(({ name, problem }) => [name, problem]));
  expect(problems['c1']).toContain('the hub has no secret secret:none for this destination');
  expect(problems['on-b']).toBeUndefined();
  expect((await talanoa('channel', 'show', 'c1')).out).toContain('secret:none');
}, 60_000);

test('a change that changes nothing is a usage error of every command', async () => {
  for (const words of [
    ['account', 'update', 'sina'],
    ['member', 'update', 'tonga'],
    ['feed', 'update', 'urlhaus'],
  ])
    expect([words, (await talanoa(...words)).code]).toEqual([words, 2]);
}, 30_000);

test('a tool that has never read anything is shown with its backlog', async () => {
  await talanoa('publish', 'evil.reef-bank.com', '--collection', 'indicators');
  const { out } = await talanoa('delivery', 'lag', '--account', 'sensor', '--json');
  expect(JSON.parse(out)).toMatchObject({ readers: [{ account: 'sensor', state: 'never', waiting: 1 }] });
}, 30_000);

test('poll --json prints one document, begins at the address of a hub, and sends TALANOA_KEY to that hub only', async () => {
  const seen: string[] = [];
  const id = '6f52283e-09db-4c3b-86f6-3d4e5f607187';
  const answers: Readonly<Record<string, object>> = {
    '/taxii2/': { title: 'Hub', default: '/main/', api_roots: ['/main/'] },
    '/main/': { title: 'Main', versions: ['application/taxii+json;version=2.1'], max_content_length: 9_999 },
    '/main/collections/': { collections: [{ id, title: 'Intel', can_read: true, can_write: false }] },
    [`/main/collections/${id}/objects/`]: {
      objects: [{ type: 'indicator', id: 'indicator--82649d0b-a463-442b-9f32-259354e491ba' }],
    },
  };
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    seen.push(`${path} ${request.headers.authorization ?? '-'}`);
    response.writeHead(answers[path] === undefined ? 404 : 200, {
      'Content-Type': 'application/taxii+json;version=2.1',
    });
    response.end(JSON.stringify(answers[path] ?? { title: 'nothing' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address() as { port: number };
    const hub = `http://127.0.0.1:${address.port}/`;
    const polled = await talanoaWith({ TALANOA_HUB: hub, TALANOA_KEY: 'tln_key' }, 'poll', '--json');
    expect(polled.code).toBe(0);
    expect(JSON.parse(polled.out)).toMatchObject({ title: 'Intel', items: [{ type: 'indicator' }] });
    expect(seen[0]).toBe('/taxii2/ Bearer tln_key');
    seen.length = 0;
    const other = await talanoaWith({ TALANOA_KEY: 'tln_key' }, 'poll', hub);
    expect(other.err).toMatch(/TALANOA_KEY is not sent to 127\.0\.0\.1:\d+[\s\S]*1 object from "Intel"/);
    expect(seen[0]).toBe('/taxii2/ -');
    expect(await talanoa('poll')).toMatchObject({ code: 2, err: expect.stringContaining('TLN-C-076') });
  } finally {
    server.close();
  }
}, 30_000);

test('the error about an unreachable server lists what to check', async () => {
  const closed = await talanoaWith({ TALANOA_KEY: 'tln_key' }, 'status', '--hub', 'http://127.0.0.1:1');
  expect(closed).toMatchObject({
    code: 6,
    err: expect.stringMatching(/ECONNREFUSED[\s\S]*Try: Nothing accepts/),
  });
});

test('a command that leaves work to a hub that is not running says so', async () => {
  const published = await talanoa(
    'publish',
    'https://portal.gov.to/waits',
    '--collection',
    'indicators',
    '--json',
  );
  expect(published).toMatchObject({ code: 0, err: '' });
  const { items } = JSON.parse(published.out) as { items: { id: string }[] };
  const id = items[0]?.id ?? '';
  expect((await talanoa('publish', 'https://portal.gov.to/waits-too', '--collection', 'indicators')).err).toContain('No hub runs with this data folder.'); // prettier-ignore
  expect((await talanoa('revoke', id)).err).toContain('No hub runs with this data folder.');
  // A later attempt does not help.
  const { out } = await talanoa('delivery', 'why', id, 'tonga');
  expect(out).toMatch(/\[routing-behind\]\n {2}Start the hub: talanoa serve/);
}, 60_000);

test('status begins with the feed that fails, and shows the reason', async () => {
  const document = {
    name: 'loop', title: 'Loop', transport: { kind: 'https', url: 'https://127.0.0.1/x.csv' }, schedule: { cron: '0 * * * *' }, parser: { kind: 'csv', header: 'first' }, map: [{ value: '{ip}', type: 'ip' }], defaults: { tlp: 'amber', confidence: 50, valid_for: 'P30D' },
  }; // prettier-ignore
  const file = join(here.path, 'loop.json');
  writeFileSync(file, JSON.stringify(document));
  expect((await talanoa('feed', 'create', file, '--collection', 'indicators')).code).toBe(0);
  expect((await talanoa('feed', 'run', 'loop')).code).not.toBe(0);
  expect((await talanoa('status')).out).toMatch(
    /not running[^\n]*\nFeed loop: [^\n]*127\.0\.0\.1[^\n]*[^.]\. See: talanoa feed show loop\n[\s\S]*Database/,
  );
}, 60_000);

test('a dry run and a preview list what they leave out, and why needs a member that it can ask about', async () => {
  const dry = await talanoa('publish', 'evil.reef-bank.com', '--collection', 'indicators', '--malware', 'Emotet', '--dry-run'); // prettier-ignore
  expect(dry.err).toMatch(
    /Nothing was published\. Only the hub checks warning lists[^\n]*--preview[^\n]*family Emotet/,
  );
  const preview = await talanoa(
    'publish',
    'www.gov.to',
    '--collection',
    'indicators',
    '--tlp',
    'green',
    '--preview',
  );
  expect(preview.out).toContain('www.gov.to: would be stored. It is in the networks or domains of tonga');
  expect(await talanoa('delivery', 'why', 'indicator--82649d0b-a463-442b-9f32-259354e491ba')).toMatchObject({
    code: 2,
    err: expect.stringContaining('TLN-C-079'),
  });
}, 60_000);

test('upgrade --json prints the bundle, the notes and what was refused in one document', async () => {
  const file = join(here.path, 'old.json');
  writeFileSync(
    file,
    JSON.stringify({
      type: 'bundle',
      id: 'bundle--2f5c8d3e-6a1b-4c7d-9e8f-0a1b2c3d4e5f',
      spec_version: '2.0',
      objects: [
        { type: 'indicator', id: 'indicator--82649d0b-a463-442b-9f32-259354e491ba', created: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z', labels: ['malicious-activity'], pattern: "[ipv4-addr:value = '203.0.114.9']", valid_from: '2020-01-01T00:00:00Z' },
        { type: 'indicator', id: 'no-id' },
      ],
    }), // prettier-ignore
  );
  const { code, out } = await talanoa('upgrade', file, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({
    bundle: { type: 'bundle', objects: [{ spec_version: '2.1' }] },
    refused: expect.arrayContaining([{ id: 'no-id', message: expect.stringContaining('S-010') }]),
  });
});

test('a table of feedback that cannot be read is refused with its reason', async () => {
  expect(await talanoa('feedback', 'import', join(here.path, 'none.csv'))).toMatchObject({
    code: 4,
    err: expect.stringMatching(/Cannot read the file[\s\S]*does not exist/),
  });
  const file = join(here.path, 'hits.csv');
  writeFileSync(file, 'value,count\n"203.0.113.7,3\n');
  expect(await talanoa('feedback', 'import', file)).toMatchObject({
    err: expect.stringContaining('TLN-C-490'),
  });
  // A table with a byte order mark and quoted values is read. The operator is not a member, so the hub refuses it.
  writeFileSync(file, '\ufeffvalue,count\n"203.0.113.7",3\n\n');
  expect(await talanoa('feedback', 'import', file)).toMatchObject({
    code: 5,
    err: expect.stringContaining('permission to send feedback'),
  });
});

test('an invalid number or time is an error of the command, before anything is sent', async () => {
  for (const [flag, value] of [['--count', 'many'], ['--count', '0'], ['--first-seen', 'yesterday'], ['--last-seen', '2026-13-01T00:00:00Z']] as const) {
    const { code, err } = await talanoa('feedback', 'send', '45.9.20.1', flag, value);
    expect([flag, code, err.includes(`Invalid value of ${flag}: "${value}"`)]).toEqual([flag, 2, true]);
  }
  // The largest budget that a list can have.
  const made = ['list', 'create', 'big', '--collections', 'none', '--format', 'plain', '--max-entries', '1000000'];
  expect((await talanoa(...made)).err).toContain('TLN-');
}); // prettier-ignore

test('flags that need a name cannot be combined with an anonymous attribution', async () => {
  const anonymous = ['publish', '1.2.3.4', '--collection', 'indicators', '--tlp', 'green', '--attribution'];
  for (const [flag, ...value] of [
    ['--accept-warnings'],
    ['--if-known', 'sighting'],
    ['--on-behalf-of', 'tonga'],
    ['--malware', 'Emotet'],
  ] as const)
    expect(await talanoa(...anonymous, 'anonymous-to-members', flag, ...value)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${flag} cannot be combined with --attribution anonymous-to-members`),
    });
});
