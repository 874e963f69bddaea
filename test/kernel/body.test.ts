import { describe, expect, test } from '@jest/globals';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { BodyBudget, type BodyRoom } from '../../src/kernel/body-budget.ts';
import { namesUtf8, readBody, releaseAfter, type Body } from '../../src/kernel/body.ts';
import { fieldsOf } from '../../src/web/shared/form.ts';

/** A request whose body the test sends in pieces. */
function sender(headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request._read = () => undefined;
  Object.assign(request.headers, headers);
  request.complete = true;
  return request;
}

const refusal = (body: Promise<Body>): Promise<unknown> =>
  body.then(
    () => 'read',
    (error: unknown) => error,
  );

const rules = { caller: 'account a', limit: 100_000 } as const;

describe('the bodies of a process', () => {
  test('a caller can use a quarter of the budget, and all callers together the whole', () => {
    const budget = new BodyBudget(1_000, 10);
    const room = (caller: string): BodyRoom => budget.enter(caller);
    const [a, b, c, d] = [room('a'), room('b'), room('c'), room('d')];
    expect([a, b, c].map((one) => one.grow(250))).toEqual([undefined, undefined, undefined]);
    // The last quarter is for callers with small bodies.
    expect([d.grow(11), d.grow(10)]).toEqual(['total', undefined]);
    expect([room('a').grow(1), budget.held]).toEqual(['share', 760]);
    for (let i = 0; i < 24; i++) expect(room(`small ${i}`).grow(10)).toBeUndefined();
    expect([budget.held, room('one more').grow(1)]).toEqual([1_000, 'total']);
    a.release();
    a.release();
    expect([budget.held, a.grow(1), room('one more').grow(1)]).toEqual([750, 'total', undefined]);
  });

  test('one body at a time can be larger than a share, and it leaves the budget to the others', () => {
    const budget = new BodyBudget(1_000, 10);
    const [large, second, other] = [budget.enter('a'), budget.enter('b'), budget.enter('a')];
    for (const bytes of [200, 200, 5_000]) expect(large.grow(bytes)).toBeUndefined();
    // The place of the large body is taken by another caller, which is not the fault of this one.
    expect([second.grow(250), second.grow(1), second.grow(5_000)]).toEqual([undefined, 'total', 'total']);
    const own = budget.enter('a');
    expect(own.grow(251)).toBe('share');
    expect([other.grow(250), budget.enter('c').grow(250)]).toEqual([undefined, undefined]);
    large.release();
    expect([second.grow(5_000), budget.held]).toEqual([undefined, 5_750]);
    for (const one of [second, other]) one.release();
    expect([budget.held, budget.callers]).toEqual([250, 1]);
  });

  test('several bodies of one caller share its room, and never take the room for one large body', () => {
    const budget = new BodyBudget(1_000, 10);
    const rooms = Array.from({ length: 5 }, () => budget.enter('a'));
    expect(rooms.map((one) => one.grow(60))).toEqual([undefined, undefined, undefined, undefined, 'share']);
  });

  test('a body without room is refused while it arrives, other bodies are read, and the room is free again', async () => {
    const budget = new BodyBudget(1_000, 10);
    const [mine, again, other] = [sender(), sender(), sender()];
    const bodies = [mine, again].map((request) => readBody(request, { ...rules, budget }));
    const body = readBody(other, { ...rules, budget, caller: 'account b' });
    mine.push(Buffer.alloc(200));
    other.push(Buffer.alloc(200));
    await new Promise((done) => setImmediate(done));
    again.push(Buffer.alloc(200));
    expect(await refusal(bodies[1] as Promise<Body>)).toMatchObject({
      kind: 'rate-limited',
      headers: { 'Retry-After': '5', Connection: 'close' },
    });
    expect(budget.held).toBe(400);
    for (const request of [mine, other]) request.push(null);
    const read = await Promise.all([bodies[0] as Promise<Body>, body]);
    expect(read.map(({ bytes }) => bytes.length)).toEqual([200, 200]);
    const full = budget.enter('account c');
    full.grow(250);
    const last = sender();
    const late = readBody(last, { ...rules, budget, caller: 'account d' });
    last.push(Buffer.alloc(200));
    expect(await refusal(late)).toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': '5' } });
    for (const { release } of [...read, full]) release();
    expect([budget.held, budget.callers]).toEqual([0, 0]);
  });

  test('a client that went away before its body was read leaves nothing behind', async () => {
    const budget = new BodyBudget();
    const gone = sender();
    gone.destroy();
    expect(await refusal(readBody(gone, { ...rules, budget }))).toMatchObject({ code: 'TLN-N-400' });
    const early = new ServerResponse(sender());
    early.destroy();
    let released = 0;
    releaseAfter(early, () => released++);
    expect([released, budget.callers]).toEqual([1, 0]);
  });

  test('a body that ends early frees its room', async () => {
    const budget = new BodyBudget();
    const gzip = { 'content-encoding': 'gzip' };
    const cases: readonly (readonly [IncomingMessage, readonly Buffer[], string])[] = [
      [sender(), [Buffer.alloc(60_000), Buffer.alloc(60_000)], 'TLN-N-413'],
      [sender(gzip), [gzipSync(Buffer.alloc(90_000))], 'TLN-N-413'],
      [sender(gzip), [gzipSync('a'.repeat(1_000)).subarray(0, 12)], 'TLN-N-401'],
      [sender(gzip), [gzipSync(gzipSync('{}')).fill(7, 12)], 'TLN-N-401'],
    ];
    for (const [request, parts, code] of cases) {
      const body = refusal(readBody(request, { ...rules, budget }));
      for (const part of parts) request.push(part);
      request.push(null);
      expect(await body).toMatchObject({ code });
    }
    const gone = sender();
    const body = refusal(readBody(gone, { ...rules, budget }));
    gone.push(Buffer.alloc(500));
    gone.emit('aborted');
    expect(await body).toMatchObject({ code: 'TLN-N-400' });
    expect(budget.held).toBe(0);
  });

  test('a length or content coding that is not accepted is refused before a byte is read', () => {
    const small = { ...rules, limit: 100 };
    expect(() => readBody(sender({ 'content-length': '101' }), small)).toThrow(expect.objectContaining({ code: 'TLN-N-413' })); // prettier-ignore
    for (const coding of ['br', 'deflate', 'gzip, gzip', 'gzip,identity', 'x', ''])
      expect(() => readBody(sender({ 'content-encoding': coding }), small)).toThrow(expect.objectContaining({ code: 'TLN-N-415' })); // prettier-ignore
  });
});

test('only UTF-8 is accepted as a charset, however the Content-Type writes it', () => {
  for (const type of [undefined, 'a/b', 'a/b;charset=utf-8', 'a/b; Charset="UTF-8"', 'a/b;charset=utf8'])
    expect([type, namesUtf8(type)]).toEqual([type, true]);
  for (const charset of [
    'utf-7',
    'utf-16',
    'utf-16le',
    '"utf-32"',
    'latin1',
    'us-ascii',
    '',
    '""',
    '"utf-7',
    'utf-8; charset=utf-7',
    'utf-8 utf-7',
  ])
    // prettier-ignore
    expect([charset, namesUtf8(`a/b; charset=${charset}`)]).toEqual([charset, false]);
});

test('a form is read in one way or not at all', () => {
  expect(fieldsOf(Buffer.from('account=tonga+cert&password=%C4%81+%26&x&&'))).toEqual({ account: 'tonga cert', password: 'ā &', x: '' }); // prettier-ignore
  for (const form of ['a=%ff', 'a=%c0%af', 'a=%', 'a=%zz', 'a=%ed%a0%80', 'a=1&a=2', 'a=1&%61=2', 'a=%00', 'a=\0', 'a=%1b', 'a%00=1', 'a&b&c&d&e&f', '&&&&&&'])
    expect(() => fieldsOf(Buffer.from(form))).toThrow(expect.objectContaining({ kind: 'invalid-request' })); // prettier-ignore
  expect(() => fieldsOf(Buffer.from([0x61, 0x3d, 0xff]))).toThrow(expect.objectContaining({ kind: 'invalid-request' })); // prettier-ignore
  expect(Object.hasOwn(fieldsOf(Buffer.from('__proto__=x')), '__proto__')).toBe(true);
});
