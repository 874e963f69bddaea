// Documents are read one after the other, and no caller keeps the others from it.
import { expect, test } from '@jest/globals';
import { readDocument, type ReadDocument } from '../../../src/sharing/extraction/read-document.ts';
import { pdf } from '../../support/documents.ts';

const never = new AbortController().signal;
const read = (caller: string, signal = never): Promise<ReadDocument> =>
  readDocument(Buffer.from('evil.com'), { caller, isText: true, signal });

test('nine documents are read or wait, two of a caller, and others are refused', async () => {
  const callers = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'e'];
  const done = await Promise.allSettled(callers.map((caller) => read(caller)));
  expect(done.map(({ status }) => status)).toEqual(
    callers.map((_caller, i) => (i === 2 || i === 10 ? 'rejected' : 'fulfilled')),
  );
  expect([done[2], done[10]]).toMatchObject([
    { reason: { code: 'TLN-B-437', kind: 'rate-limited' } },
    { reason: { code: 'TLN-B-436', kind: 'unavailable' } },
  ]);
  // Places are free again.
  expect((await read('a')).found).toHaveLength(1);
});

test('a document whose client has gone is not read, and ends when it is being read', async () => {
  const ends = new AbortController();
  const first = read('a', ends.signal);
  const second = read('b', ends.signal);
  ends.abort();
  expect(await Promise.allSettled([first, second])).toMatchObject([
    { status: 'rejected' },
    { status: 'rejected', reason: { code: 'TLN-N-400' } },
  ]);
  expect((await read('b')).found).toHaveLength(1);
});

test('a document that is sent as text is read as text', async () => {
  const read = (isText: boolean): Promise<ReadDocument> =>
    readDocument(pdf(['evil.com']), { caller: 'a', isText, signal: never });
  expect((await read(false)).format).toBe('pdf');
  expect((await read(true)).format).toBe('text');
});
