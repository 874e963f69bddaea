import { describe, expect, test } from '@jest/globals';
import { Framing, MOST_FIELDS } from '../../src/server/framing.ts';

/** Where requests begin and end, for the bytes of one connection. The listener passes on only what fits. */

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: hub.example\r\n\r\n';
const SIZED = 'POST /sized HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-End: 1\r\n\r\n';
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Feeds parts, and returns how many bytes may be passed on in total. Stops at the first part that is cut. */
function passed(framing: Framing, parts: readonly string[]): number {
  let good = 0;
  for (const part of parts) {
    const taken = framing.take(bytes(part));
    good += taken;
    if (taken < part.length) break;
  }
  return good;
}

/** Requests that are right, with their targets. */
const RIGHT: Readonly<Record<string, readonly [text: string, target: string]>> = {
  'a request without a body': [GET, '/a?b=c'],
  'a body with its length': [SIZED, '/sized'],
  'a body of no bytes': [SIZED.replace('5', '0').replace('hello', ''), '/sized'],
  'a body in chunks, with an extension and a trailer': [CHUNKED, '/chunked'],
  'HTTP/1.0 without Host': ['GET /old HTTP/1.0\r\n\r\n', '/old'],
  'a header with white space around its value': ['GET /w HTTP/1.1\r\nHost: \t x\t \r\n\r\n', '/w'],
  'a length with white space around it': [
    'POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: \t3 \r\n\r\nabc',
    '/l',
  ],
  'an empty header': ['GET /e HTTP/1.1\r\nHost: x\r\nX-Empty:\r\n\r\n', '/e'],
  'bytes beyond ASCII in a header': ['GET /h HTTP/1.1\r\nHost: x\r\nX: caf\xe9\r\n\r\n', '/h'],
  'names of headers in any case': [
    'POST /n HTTP/1.1\r\nhOST: x\r\ncontent-LENGTH: 1\r\n\r\na',
    '/n',
  ],
  'the name of a coding in any case': [
    'POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n',
    '/c',
  ],
  'as many headers as are allowed': [
    `GET /m HTTP/1.1\r\nHost: x\r\n${'X: a\r\n'.repeat(MOST_FIELDS - 1)}\r\n`,
    '/m',
  ],
  'a body that looks like a request': [
    `POST /inside HTTP/1.1\r\nHost: x\r\nContent-Length: ${GET.length}\r\n\r\n${GET}`,
    '/inside',
  ],
}; // prettier-ignore

describe.each(Object.entries(RIGHT))('%s', (_name, [text, target]) => {
  test('is passed on whole, and ends where it should', () => {
    const framing = new Framing();
    expect(framing.take(bytes(text))).toBe(text.length);
    expect([framing.heads, framing.target, framing.isInHead, framing.isInBody]).toEqual([
      1,
      target,
      false,
      false,
    ]);
  });

  test('has the same end however its bytes arrive', () => {
    for (let cut = 1; cut < text.length; cut++) {
      const framing = new Framing();
      expect([cut, passed(framing, [text.slice(0, cut), text.slice(cut)])]).toEqual([cut, text.length]);
      expect([cut, framing.heads, framing.isInHead, framing.isInBody]).toEqual([cut, 1, false, false]);
    }
    const single = new Framing();
    expect(passed(single, text.split(''))).toBe(text.length);
    expect([single.heads, single.isInBody]).toEqual([1, false]);
  });

  test('is followed by the next request, in the same part or another', () => {
    for (const parts of [[text + GET], [text, GET], [text.slice(0, -1), text.slice(-1) + GET]]) {
      const framing = new Framing();
      expect(passed(framing, parts)).toBe(text.length + GET.length);
      expect([framing.heads, framing.target]).toEqual([2, '/a?b=c']);
    }
  });
});

describe('the part that may be passed on', () => {
  test.each([
    ['a second Host', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['one header too many', `GET / HTTP/1.1\r\nHost: x\r\n${'X: a\r\n'.repeat(MOST_FIELDS)}\r\n`],
    ['a length with sixteen digits', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0000000000000005\r\n\r\nhello'],
    ['a length with a no-break space', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\xa0\r\n\r\nhello'],
    ['a coding behind a comma', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n'],
    ['no target', 'GET  HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['two spaces in the request line', 'GET  / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that is not a token', 'G(T / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a lower-case protocol', 'GET / http/1.1\r\nHost: x\r\n\r\n'],
    ['a trailer without a colon', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n'],
    ['an empty chunk size', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
  ])('ends before a request with %s, and contains the one before it', (_what, faulty) => {
    // All at once, and the faulty one in a part of its own.
    expect(new Framing().take(bytes(SIZED + faulty + GET))).toBe(SIZED.length);
    const framing = new Framing();
    expect(framing.take(bytes(SIZED))).toBe(SIZED.length);
    expect(framing.take(bytes(faulty + GET))).toBe(0);
  }); // prettier-ignore

  test('has at most two empty lines before each request', () => {
    for (const [lines, isRight] of [[1, true], [2, true], [3, false]] as const) {
      const framing = new Framing();
      const text = '\r\n'.repeat(lines) + GET;
      expect([lines, framing.take(bytes(text))]).toEqual([lines, isRight ? text.length : (lines - 1) * 2]);
      if (!isRight) continue;
      // The count begins again with each request.
      expect(framing.take(bytes(text))).toBe(text.length);
      expect(framing.heads).toBe(2);
    }
  }); // prettier-ignore

  test('has lines of at most 65,536 bytes, however slowly they arrive', () => {
    const framing = new Framing();
    const start = 'GET /';
    expect(framing.take(bytes(start))).toBe(start.length);
    let taken = 0;
    for (let i = 0; i < 80; i++) {
      const step = framing.take(bytes('a'.repeat(1_000)));
      if (step === 0) break;
      taken += step;
    }
    expect(taken).toBe(65_000);
    expect(framing.heads).toBe(0);
  });

  test('ends with a request that asks for another protocol', () => {
    const upgrade = 'GET /up HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
    const framing = new Framing();
    expect(framing.take(bytes(upgrade + GET))).toBe(upgrade.length);
    // Later bytes are a request of their own.
    expect(framing.take(bytes(GET))).toBe(GET.length);
    expect(framing.heads).toBe(2);
    const withBody = upgrade.replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\nab');
    expect(new Framing().take(bytes(withBody + GET))).toBe(withBody.length);
  });
});

describe('a request that has not ended', () => {
  test('is known by its part and the number of bytes of its body', () => {
    const framing = new Framing();
    const step = (text: string): readonly [boolean, boolean, number] => {
      expect(framing.take(bytes(text))).toBe(text.length);
      return [framing.isInHead, framing.isInBody, framing.bodyBytes];
    };
    expect(step('P')).toEqual([true, false, 0]);
    expect(step('OST /slow HTTP/1.1\r\n')).toEqual([true, false, 0]);
    expect(framing.target).toBe('/slow');
    expect(step('Host: x\r\nTransfer-Encoding: chunked\r\n\r\n')).toEqual([false, true, 0]);
    // Framing counts, so that a client cannot be slow by sending chunk sizes only.
    expect(step('3\r\n')).toEqual([false, true, 3]);
    expect(step('ab')).toEqual([false, true, 5]);
    expect(step('c\r\n0\r\n')).toEqual([false, true, 11]);
    expect(step('\r\n')).toEqual([false, false, 13]);
    expect(framing.heads).toBe(1);
    // The next body is counted from its own beginning.
    expect(step('POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc')).toEqual([false, true, 3]);
  });

  test.each([
    ['a faulty request line', 'GET /console/x HTTP/9.9\r\n', '/console/x'],
    ['a method alone', 'GET\r\n', ''],
    ['nothing yet', 'GET /half', ''],
  ])('has a target, which decides the format of an error: %s', (_what, text, target) => {
    const framing = new Framing();
    framing.take(bytes(text));
    expect(framing.target).toBe(target);
  });
});
