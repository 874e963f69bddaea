import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { BODIES, MOST_BODY_BYTES, type BodyRoom } from '../../src/kernel/body-budget.ts';
import { anIndicator } from '../support/builders.ts';
import { MEDIA, keyOf, testHub, type TestHub } from '../support/hub.ts';

const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const OBJECTS = `/main/collections/${ID}/objects/`;
let t: TestHub;
const held: BodyRoom[] = [];

beforeAll(async () => {
  t = await testHub(`
api_roots: [{ path: main, title: Main }]
collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [{ to: "account:peer", read: true, write: true }, { to: "account:other", read: true, write: true }] }]
members: [{ name: tonga }]
accounts: [{ name: peer, role: machine, key_env: KEY_PEER }, { name: other, role: machine, key_env: KEY_OTHER }, { name: boss, role: administrator, key_env: KEY_BOSS }]
`);
});
afterAll(() => t.stop());
afterEach(() => {
  for (const room of held.splice(0)) room.release();
});

interface Door {
  readonly name: string;
  readonly path: string;
  readonly who: string | undefined;
  readonly type: string;
  /** The text of a body, with a place for other text. */
  readonly text: (inside: string) => string;
  readonly answers: RegExp;
}

/** One path for each kind of body that the hub reads. */
const DOORS: readonly Door[] = [
  { name: 'TAXII', path: OBJECTS, who: 'peer', type: MEDIA, text: (inside) => `{"objects":[{"type":"${inside}"}]}`, answers: /^application\/taxii\+json;version=2\.1/ },
  { name: 'the admin API', path: '/api/v1/groups', who: 'boss', type: 'application/json', text: (inside) => `{"name":"${inside}"}`, answers: /^application\/problem\+json/ },
  { name: 'a form', path: '/first/no-such-token', who: undefined, type: 'application/x-www-form-urlencoded', text: (inside) => `password=${inside}`, answers: /^text\/plain/ },
]; // prettier-ignore

function send(door: Door, type: string, body: Buffer, headers: Record<string, string> = {}): supertest.Test {
  const test = supertest(t.hub.app).post(door.path).set('Content-Type', type).set('Accept', MEDIA);
  if (door.who !== undefined) void test.set('Authorization', `Bearer ${keyOf(door.who)}`);
  for (const [name, value] of Object.entries(headers)) void test.set(name, value);
  return test.serialize((raw: unknown) => raw as string).send(body);
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
/** UTF-32LE of ASCII text. */
const utf32le = (text: string): Buffer => {
  const narrow = Buffer.from(text);
  const wide = Buffer.alloc(narrow.length * 4);
  for (const [i, byte] of narrow.entries()) wide[i * 4] = byte;
  return wide;
};

describe.each(DOORS)('$name', (door) => {
  test('a charset other than UTF-8 is refused, whatever the bytes are', async () => {
    // "+AFs-" is an opening bracket in UTF-7, so decoded text can nest deeper than its bytes.
    const body = Buffer.from(door.text('+AFs-'.repeat(100)));
    for (const charset of [
      'utf-7',
      'UTF-7',
      '"utf-7"',
      'unicode-1-1-utf-7',
      'utf-16',
      'utf-16le',
      'utf-16be',
      'ucs-2',
      'utf-32',
      'latin1',
      'iso-8859-1',
      'us-ascii',
      'cp1252',
      'ebcdic-cp-us',
      'utf-8; charset=utf-7',
      '',
      'x'.repeat(5000),
    ]) /* prettier-ignore */ {
      const { status, headers } = await send(door, `${door.type};charset=${charset}`, body);
      expect([charset, status, headers['content-type']]).toEqual([charset, 415, expect.stringMatching(door.answers)]); // prettier-ignore
    }
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"'])
      expect((await send(door, `${door.type}; charset=${charset}`, Buffer.from(door.text('x')))).status).not.toBe(415); // prettier-ignore
  });

  test('bytes that are not UTF-8 are refused', async () => {
    const with_ = (...bytes: number[]): Buffer => {
      const [before = '', after = ''] = door.text('\n').split('\n');
      return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    };
    const text = door.text('x');
    const cases: Readonly<Record<string, Buffer>> = {
      'a lone continuation byte': with_(0x80),
      'a byte that never occurs': with_(0xff),
      'a sequence that is cut off': with_(0xe2, 0x82),
      'an overlong slash': with_(0xc0, 0xaf),
      'an overlong bracket of three bytes': with_(0xe0, 0x81, 0x9b),
      'an overlong NUL of four bytes': with_(0xf0, 0x80, 0x80, 0x80),
      'half of a surrogate pair': with_(0xed, 0xa0, 0x80),
      'a surrogate pair as CESU-8': with_(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
      'a code point beyond U+10FFFF': with_(0xf4, 0x90, 0x80, 0x80),
      'UTF-16LE with its BOM': Buffer.from(`\ufeff${text}`, 'utf16le'),
      'UTF-16BE with its BOM': utf16be(`\ufeff${text}`),
      'UTF-32LE with its BOM': Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), utf32le(text)]),
      'an EBCDIC brace': Buffer.from([0xc0, 0x7f, 0xd0]),
    };
    for (const [name, body] of Object.entries(cases)) {
      for (const [bytes, headers] of [
        [body, {}],
        [gzipSync(body), { 'Content-Encoding': 'gzip' }],
      ] as const) /* prettier-ignore */ {
        const answer = await send(door, door.type, bytes, headers);
        expect([name, [400, 415].includes(answer.status) ? 'refused' : answer.status]).toEqual([name, 'refused']);
        expect(answer.headers['content-type']).toMatch(door.answers);
      }
    }
    // Without a BOM, UTF-16 is valid UTF-8 with NUL characters. JSON and forms contain none.
    for (const body of [Buffer.from(text, 'utf16le'), utf16be(text), utf32le(text)])
      expect((await send(door, door.type, body)).status).toBe(400);
  });

  test('no other coding than gzip is unpacked, and a body that grows too much is refused', async () => {
    for (const coding of ['br', 'deflate', 'compress', 'zstd', 'x-gzip, x-gzip', 'gzip, gzip', 'gzip,identity', 'utf-7'])
      expect([coding, (await send(door, door.type, Buffer.from(door.text('x')), { 'Content-Encoding': coding })).status]).toEqual([coding, 415]); // prettier-ignore
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
    expect((await send(door, door.type, bomb, { 'Content-Encoding': 'gzip' })).status).toBe(413);
    const named = gzipSync(door.text('x'));
    const answers = ['gzip', 'x-gzip'].map(
      async (coding) => (await send(door, door.type, named, { 'Content-Encoding': coding })).status,
    );
    const [gzip, same] = await Promise.all(answers);
    expect(same).toBe(gzip);
    for (const broken of [gzipSync(door.text('x')).subarray(0, 12), Buffer.from('no gzip')])
      expect((await send(door, door.type, broken, { 'Content-Encoding': 'gzip' })).status).toBe(400);
    expect([BODIES.held, BODIES.callers]).toEqual([0, 0]);
  });

  test('a body without room in memory is refused with 503, and the next one is read', async () => {
    for (let i = 0; BODIES.held < MOST_BODY_BYTES; i++) {
      const room = BODIES.enter(`filler ${i}`);
      held.push(room);
      for (const bytes of [16_777_216, 1_048_576]) room.grow(bytes);
    }
    const full = await send(door, door.type, Buffer.from(door.text('x')));
    expect([full.status, full.headers['retry-after'], full.headers['connection']]).toEqual([
      503,
      '5',
      'close',
    ]);
    expect(full.headers['content-type']).toMatch(door.answers);
    held[0]?.release();
    expect((await send(door, door.type, Buffer.from(door.text('x')))).status).not.toBe(503);
  });
});

test('an account that has used up its share is refused with 429, and other accounts are served', async () => {
  const { accounts } = await t.hub.directory.refresh();
  const peer = [...accounts].find(([, { name }]) => name === 'peer')?.[0] ?? '';
  const room = BODIES.enter(`account ${peer}`);
  held.push(room);
  expect(room.grow(MOST_BODY_BYTES / 4)).toBeUndefined();
  const refused = await t.as('peer').post(OBJECTS, { objects: [anIndicator()] });
  expect([refused.status, refused.headers['retry-after'], refused.headers['content-type']]).toEqual([429, '5', MEDIA]); // prettier-ignore
  const served = await t.as('other').post(OBJECTS, { objects: [anIndicator()] });
  expect([served.status, served.body]).toEqual([202, expect.objectContaining({ success_count: 1 })]);
  room.release();
  const again = await t.as('peer').post(OBJECTS, { objects: [anIndicator()] });
  expect([again.status, BODIES.held]).toEqual([202, 0]);
});

test('a timestamp of more than nine fraction digits is refused in a request', async () => {
  const stamp = (digits: number): string => `2026-01-01T00:00:00.${'1'.repeat(digits)}Z`;
  for (const name of ['added_after', 'match[version]'])
    for (const [digits, status] of [[9, 200], [10, 400], [5_000, 400]] as const) /* prettier-ignore */
      expect([name, digits, (await t.as('peer').get(`${OBJECTS}?${name}=${stamp(digits)}`)).status]).toEqual([name, digits, status]); // prettier-ignore
  const { body } = await t
    .as('peer')
    .post(OBJECTS, { objects: [anIndicator({ modified: stamp(1_000_000) })] });
  expect(body).toMatchObject({ success_count: 0, failure_count: 1 });
});
