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

test('a web page gives places to which forms and frames lead, and no text that nobody sees', async () => {
  const page = `<!doctype html><body><form action="https://form.example/a"><p hidden>hidden-one.com</p>ev<span style="color:red;display: none">x</span>il.com
<div style="visibility:hidden"><a href="https://hidden-two.com">x</a></div><iframe src="//frame.example/b"></iframe><a href="hxxps://defanged[.]example/c">x</a>
<img src="https://picture.example/d.png"><a href="/own">own</a></form></body>`;
  expect(await values(page)).toEqual([
    'evil.com',
    'https://frame.example/b',
    'https://defanged.example/c',
    'https://form.example/a',
  ]);
});

const mail = (...fields: readonly string[]): string => ['MIME-Version: 1.0', ...fields].join('\r\n');

test('an email message gives the sources of its pictures, and the page if it says more than the text', async () => {
  const page = '<p>Pay at pay-now.com</p><img src="https://track.example/p.gif">';
  const parts = (html: string): string =>
    mail('Content-Type: multipart/alternative; boundary=c', '', '--c', 'Content-Type: text/plain', '', 'Your program shows no pages.', '--c', 'Content-Type: text/html', '', html, '--c--', ''); // prettier-ignore
  expect(await values(parts(page))).toEqual(['pay-now.com', 'https://track.example/p.gif']);
  const { text } = await readDocument(Buffer.from(parts('<p>Your program <b>shows</b> no pages.</p>')));
  expect(text.split('Your program')).toHaveLength(2);
});

test('a trace field gives its sender, and not the hosts of the receivers', async () => {
  const received = 'Received: from bad.evil.org (bad.evil.org [198.51.100.7])\r\n\tby mx.receiver.com with ESMTPS id 1 for <me@receiver.com>; Tue, 1 Dec 2026 00:00:00 +0000'; // prettier-ignore
  expect(await values(`${received}\r\n${mail('', 'x', '')}`)).toEqual(['bad.evil.org', '198.51.100.7']);
});

test.each([
  ['lines like header fields', 'From: CERT Tonga\nDate: 1 December\nC2: evil.com\n\nSee 203.0.113.1', 'text'],
  ['the sign of a PDF file', 'The file begins with %PDF-1.7 and calls evil.com, 203.0.113.1', 'text'],
  ['a page of which nothing shows', '<html><script>fetch("https://evil.com/");</script><!-- 203.0.113.1 --></html>', 'text'],
])('a text with %s is read as text', async (_title, written, format) => {
  const { format: read, found } = await readDocument(Buffer.from(written));
  expect({ read, found: found.map(({ readable }) => readable.replace(/^https:\/\/(.*)\/$/, '$1')) }).toEqual({
    read: format,
    found: ['evil.com', '203.0.113.1'],
  });
}); // prettier-ignore

test('a Word document gives links of notes and of field codes, and no hidden text', async () => {
  const run = (text: string, properties = ''): string => `<w:r>${properties}<w:t>${text}</w:t></w:r>`;
  const bytes = zipFile({
    'word/document.xml': `<w:document xmlns:w="urn:w"><w:p>${run('evil')}<w:r><w:noBreakHyphen/></w:r>${run('one.com')} ${run('hidden.com', '<w:rPr><w:vanish/></w:rPr>')}${run(' ')}${run('shown.com', '<w:rPr><w:vanish w:val="false"/></w:rPr>')}<w:r><w:instrText> HYPER</w:instrText><w:instrText>LINK "https://field.example/a" </w:instrText></w:r></w:p></w:document>`,
    'word/_rels/footnotes.xml.rels': `<Relationships xmlns="urn:r"><Relationship Id="r" Type="x/hyperlink" Target="https://note.example/b"/></Relationships>`,
  });
  expect(await values(bytes)).toEqual([
    'evil-one.com',
    'shown.com',
    'https://field.example/a',
    'https://note.example/b',
  ]);
});

test('line ends and hyphens of word processors are read as the usual ones', async () => {
  expect(await values('evil\u2011one.com\u2028evil\u2010two.com\u0085evil.org\u000cevil.net')).toEqual([
    'evil-one.com',
    'evil-two.com',
    'evil.org',
    'evil.net',
  ]);
});

test('more pages than are read are counted', async () => {
  const { pages, isCut } = await readDocument(pdf(Array.from({ length: 501 }, (_, i) => `Page ${i}`)));
  expect({ pages, isCut }).toEqual({ pages: 500, isCut: true });
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
  ['a ZIP file that is no Word document', zipFile({ 'a.txt': 'evil.com' }), 'TLN-B-431'],
  ['an Office document of the older format', Buffer.from('d0cf11e0a1b11ae1000000000000', 'hex'), 'TLN-B-431'],
  [
    'a Word document with a password',
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae10000', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]),
    'TLN-B-432',
  ],
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
