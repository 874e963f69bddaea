import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventEmitter } from 'node:events';
import { Problem } from '../../src/kernel/problem.ts';
import { fieldsOf, readForm } from '../../src/web/shared/form.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Returns the code and the description of the refusal of a form. */
function refusalOf(read: () => unknown): { readonly code: string; readonly text: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, text: error.description ?? '' };
    throw error;
  }
  throw new Error('the form was read');
}

describe('fields of a form', () => {
  test.each([
    ['nothing', '', {}],
    [
      'plus signs and percent escapes',
      'title=Harbour+fee%2C+due&x=%C3%A9',
      { title: 'Harbour fee, due', x: 'é' },
    ],
    ['a name without a value, and empty pairs', '&do&&account=lani&', { do: '', account: 'lani' }],
    ['tabs and line ends', 'values=a%0D%0Ab%09c', { values: 'a\r\nb\tc' }],
    ['a second equals sign', 'token=a=b', { token: 'a=b' }],
  ])('reads %s', (_title, text, fields) => {
    expect(fieldsOf(Buffer.from(text), 10)).toEqual(fields);
  });

  test.each([
    ['bytes that are not UTF-8', Buffer.from([0x61, 0x3d, 0xff]), 'It is not UTF-8.'],
    [
      'escapes that are not UTF-8',
      Buffer.from('password=%ff'),
      'It contains a percent escape that is not UTF-8.',
    ],
    ['a broken escape', Buffer.from('password=%4'), 'It contains a percent escape that is not UTF-8.'],
    ['a NUL', Buffer.from('password=abc%00'), 'It contains a control character.'],
    ['a control character in a name', Buffer.from('pass%07word=abc'), 'It contains a control character.'],
    ['a field twice, once escaped', Buffer.from('do=preview&d%6f=publish'), 'A field occurs twice.'],
    ['more fields than the form has', Buffer.from('a&b&c'), 'It has more than 2 fields.'],
  ])('refuses %s', (_title, bytes, text) => {
    expect(refusalOf(() => fieldsOf(bytes, 2))).toEqual({ code: 'TLN-W-400', text });
  });
});

describe('reading a form', () => {
  type Read = IncomingMessage & { body?: unknown };
  const request = (headers: Readonly<Record<string, string>>, text: string): Read =>
    Object.assign(Readable.from([Buffer.from(text)]), { headers, method: 'POST' }) as unknown as Read;
  const read = async (sent: Read): Promise<{ readonly body: unknown; readonly nexts: number }> => {
    let nexts = 0;
    const response = new EventEmitter() as unknown as ServerResponse;
    const reader = readForm(64, () => ({ address: '192.0.2.1', network: '192.0.2.1' }) as never);
    await reader(sent, response, () => (nexts += 1));
    return { body: sent.body, nexts };
  };

  test('leaves requests without a form alone', async () => {
    expect(await read(request({}, ''))).toEqual({ body: undefined, nexts: 1 });
    const json = { 'content-type': 'application/json', 'content-length': '2' };
    expect(await read(request(json, '{}'))).toEqual({ body: undefined, nexts: 1 });
  });

  test('takes UTF-8 only, and no more bytes than the page allows', async () => {
    const sent = (type: string, text: string): Read =>
      request({ 'content-type': type, 'content-length': String(text.length) }, text);
    expect(await read(sent(`${FORM}; charset=utf-8`, 'a=1'))).toEqual({ body: { a: '1' }, nexts: 1 });
    await expect(read(sent(`${FORM}; charset=utf-7`, 'a=1'))).rejects.toThrow(Problem);
    await expect(read(sent(FORM, `a=${'1'.repeat(100)}`))).rejects.toThrow(Problem);
  });
});
