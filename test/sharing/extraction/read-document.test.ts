import { expect, test } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { readDocument as readFor, type ReadDocument } from '../../../src/sharing/extraction/read-document.ts';
import { docx, pdf, pdfOf, zipFile } from '../../support/documents.ts';

const readDocument = (bytes: Buffer): Promise<ReadDocument> =>
  readFor(bytes, { caller: 'tonga', isText: false, signal: new AbortController().signal });

const values = async (bytes: Buffer | string): Promise<string[]> =>
  (await readDocument(Buffer.from(bytes))).found.map(({ readable }) => readable);

test('a PDF file gives the text of all pages, and the targets of its links', async () => {
  const bytes = pdf(['The loader calls evil[.]com', 'and 203.0.113[.]45'], 'https://hidden.example/login');
  const { format, pages, text, found } = await readDocument(bytes);
  expect({ format, pages }).toEqual({ format: 'pdf', pages: 2 });
  expect(found.map(({ readable }) => readable)).toEqual([
    'evil.com',
    'https://hidden.example/login',
    '203.0.113.45',
  ]);
  for (const { start, end, written } of found) expect(text.slice(start, end)).toBe(written);
});

test('a Word document gives its paragraphs, and the targets of its links', async () => {
  const bytes = docx(
    ['The loader calls evil[.]com', 'a &amp; b 203.0.113.45'],
    ['https://hidden.example/login', 'mailto:x@evil.org'],
  );
  const { format, text } = await readDocument(bytes);
  expect(format).toBe('docx');
  expect(text).toContain('a & b 203.0.113.45');
  expect(await values(bytes)).toEqual([
    'evil.com',
    '203.0.113.45',
    'https://hidden.example/login',
    'x@evil.org',
  ]);
});

test('a web page gives what people see, and where its links lead', async () => {
  const page = `<!doctype html><html><head><title>t</title><style>a{} .evil.org{}</style><script>"script-evil.com"</script></head>
<body><p>Go to <a href="https://real.example/x?a=1&amp;b=2">https://bank.example</a></p><table><tr><td>evil.com</td><td>192.0.2.1</td></tr></table></body>`;
  expect(await values(page)).toEqual([
    'https://bank.example/',
    'https://real.example/x?a=1&b=2',
    'evil.com',
    '192.0.2.1',
  ]);
});

test('an email message gives its senders and hosts, its text, its links and the hashes of its attachments', async () => {
  const message = `Received: from mail.evil.org ([198.51.100.7]) by mx.example\r\nFrom: Bank <pay@evil.com>\r\nSubject: Unpaid\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nPay at pay-now.com\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>Pay at <a href="https://other-now.com/a">pay-now.com</a></p>\r\n--c--\r\n--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nabc\r\n--b--\r\n`;
  const found = await values(message);
  expect(found).toEqual(
    expect.arrayContaining([
      'mail.evil.org',
      '198.51.100.7',
      'pay@evil.com',
      'pay-now.com',
      'https://other-now.com/a',
    ]),
  );
  expect(found.filter((value) => /^[0-9a-f]{64}$/.test(value))).toHaveLength(1);
  expect((await readDocument(Buffer.from(message))).format).toBe('email');
});

test('a text is read in the usual encodings, without characters that nobody sees', async () => {
  expect(await values(Buffer.from('\ufeffSee evil.com', 'utf16le'))).toEqual(['evil.com']);
  expect((await readDocument(Buffer.from('caf\u00e9 evil.com', 'latin1'))).text).toBe('café evil.com');
  expect(await values('ev\u200bil\u00ad.com and \u202emoc.live\u202c')).toContain('evil.com');
});

test.each([
  ['no content', Buffer.from('  \n'), 'TLN-B-433'],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), 'TLN-B-431'],
  ['a PDF file without text', pdf(['']), 'TLN-B-433'],
  ['a damaged PDF file', Buffer.from('%PDF-1.7 and nothing else'), 'TLN-B-434'],
  ['a ZIP file that is no Word document', zipFile({ 'a.txt': 'evil.com' }), 'TLN-B-434'],
  ['a damaged ZIP file', Buffer.from('PK\u0003\u0004 and nothing else'), 'TLN-B-434'],
  [
    'a Word document with a document type',
    zipFile({
      'word/document.xml': '<!DOCTYPE x [<!ENTITY a "b">]><w:document xmlns:w="w">&a;</w:document>',
    }),
    'TLN-B-434',
  ],
  [
    'a Word document that unpacks to 100 MiB',
    zipFile({ 'word/document.xml': Buffer.alloc(100 * 1_048_576, 0x20) }),
    'TLN-B-434',
  ],
])('%s is refused with a reason', async (_title, bytes, code) => {
  await expect(readDocument(bytes)).rejects.toMatchObject({ code });
});

test('a PDF file that unpacks to gigabytes is refused, and the next document is read', async () => {
  // Twice packed: 5 MB become 5 GB.
  const stream = deflateSync(deflateSync(Buffer.alloc(256 * 1_048_576)));
  const bomb = pdfOf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> /Contents [4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R 4 0 R] >>',
    Buffer.concat([Buffer.from(`<< /Length ${stream.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n`), stream, Buffer.from('\nendstream')]),
  ]); // prettier-ignore
  await expect(readDocument(bomb)).rejects.toMatchObject({ code: expect.stringMatching(/^TLN-B-43[345]$/) });
  expect(await values('evil.com')).toEqual(['evil.com']);
});

test('the process that reads has none of the secrets in the environment', async () => {
  const before = process.env['NODE_OPTIONS'];
  // A process with this variable would not start.
  process.env['NODE_OPTIONS'] = '--require=/nothing/there.js';
  try {
    expect(await values('one evil.com')).toEqual(['evil.com']);
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
});

test('a long text is cut, and more than 1,000 values are counted', async () => {
  const long = await readDocument(Buffer.from('word '.repeat(300_000)));
  expect({ isCut: long.isCut, length: long.text.length }).toEqual({ isCut: true, length: 1_000_000 });
  const many = Array.from({ length: 1_200 }, (_, i) => `10.0.${Math.floor(i / 250)}.${i % 250}`).join('\n');
  const { found, hasMore } = await readDocument(Buffer.from(many));
  expect({ found: found.length, hasMore }).toEqual({ found: 1_000, hasMore: true });
});
