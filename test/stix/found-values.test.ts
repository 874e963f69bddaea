import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findValues } from '../../src/stix/values/found-values.ts';

const found = (text: string): string[] =>
  findValues(text, 1_000).map(({ type, readable }) => `${type} ${readable}`);

test('finds the values of a report, defanged or not, once and in their order', () => {
  const report = `On 20 November, staff received emails about an unpaid fee (see https://pay-harbour[.]example/).
The link hxxps://pay-harbour[.]example/login, a copy of the sign-in page, is hosted on 203.0.113[.]45.
It offers invoice_2211.zip with SHA-256 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08.
The loader calls "update-berth [.] com" and 198.51.100[.]201:8443, again 203.0.113.45!
Sender: <accounts(at)pay-harbour[.]com>, network 198.51.100.0/24; [2001:db8::7] (IP:192.0.2.1).`;
  expect(found(report)).toEqual([
    'url https://pay-harbour.example/',
    'url https://pay-harbour.example/login',
    'ipv4 203.0.113.45',
    'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'domain update-berth.com',
    'ipv4 198.51.100.201',
    'email accounts@pay-harbour.com',
    'ipv4 198.51.100.0/24',
    'ipv6 2001:db8::7',
    'ipv4 192.0.2.1',
  ]);
});

test('finds no values in words that only look like them', () => {
  for (const text of [
    'We use e.g. Node.js, i.e. version 20.1.2, and run setup.sh, readme.md and invoice.zip.',
    'It began at 12:30 on 2026-11-20, ended at 13.45 and cost $1.200.',
    'The attack stopped.Then it began again. See section 4.2.1 and fig.3',
    'deadbeef, 0123456789abcdef and cafe are too short. C:\\Windows\\System32\\cmd.exe',
    'A very-long-line '.repeat(50),
    '',
  ])
    expect(found(text)).toEqual([]);
});

test('reads lists without blanks, labels, punctuation and brackets', () => {
  expect(found('203.0.113.1,203.0.113.2;203.0.113.3|203.0.113.4')).toHaveLength(4);
  expect(found('https://a.example/x,y;z?q=1,2')).toEqual(['url https://a.example/x,y;z?q=1,2']);
  expect(found('https://a.example/x,hxxp://b[.]example/y')).toEqual([
    'url https://a.example/x',
    'url http://b.example/y',
  ]);
  expect(found('md5=0cc175b9c0f1b6a831c399e269772661 C2:203.0.113.9')).toEqual([
    'md5 0cc175b9c0f1b6a831c399e269772661',
    'ipv4 203.0.113.9',
  ]);
  expect(found('(https://en.wiki.example/A_(b)), **evil.com**, *evil.org*')).toEqual([
    'url https://en.wiki.example/A_(b)',
    'domain evil.com',
    'domain evil.org',
  ]);
  expect(found('[1.2.3.4] and evil[.]zip and 1.2.3[.]4.')).toEqual(['ipv4 1.2.3.4', 'domain evil.zip']);
});

test('dashes, arrows and the punctuation of other scripts separate values', () => {
  expect(
    found('evil.com\u2014203.0.113.1\u2192198.51.100.2 evil.org\u2013evil.net 203.0.113.3->203.0.113.4'),
  ).toEqual([
    'domain evil.com',
    'ipv4 203.0.113.1',
    'ipv4 198.51.100.2',
    'domain evil.org',
    'domain evil.net',
    'ipv4 203.0.113.3',
    'ipv4 203.0.113.4',
  ]);
  expect(found('\u5730\u5740\uff1a203.0.113.1\uff0c\uff08evil.com\uff09\u3001\u2022198.51.100.2')).toEqual([
    'ipv4 203.0.113.1',
    'domain evil.com',
    'ipv4 198.51.100.2',
  ]);
  // A short dash can be in the address of a page.
  expect(found('https://wiki.example/1990\u20131991')).toEqual([
    'url https://wiki.example/1990%E2%80%931991',
  ]);
});

test('the host of a URL without a scheme is found', () => {
  expect(
    found('evil.com/login evil[.]org:8080/a/b 203.0.113.1/x.php?y=1 host: evil.net/a 198.51.100.0/24'),
  ).toEqual([
    'domain evil.com',
    'domain evil.org',
    'ipv4 203.0.113.1',
    'domain evil.net',
    'ipv4 198.51.100.0/24',
  ]);
  expect(found('and/or 1/2 src/main.py text/html C:/evil.exe /etc/passwd setup.sh/x')).toEqual([]);
});

test('an IPv6 address may be in brackets, with a port', () => {
  expect(found('[2001:db8::7]:443, C2=[2001:db8::8]:80 [2001:db8::9]')).toEqual([
    'ipv6 2001:db8::7',
    'ipv6 2001:db8::8',
    'ipv6 2001:db8::9',
  ]);
});

test('names with the endings of files are values only if nothing else is likely', () => {
  expect(found('evil.app www.evil.zip evil[.]sh')).toEqual([
    'domain evil.app',
    'domain www.evil.zip',
    'domain evil.sh',
  ]);
  expect(found('evil.zip run.sh readme.md')).toEqual([]);
});

test('the place of a value is the place of its text', () => {
  const text = 'Ünïcode 🏝 first: (hxxp://evil[.]com/a), then IP:203.0.113.9.';
  for (const { start, end, written } of findValues(text, 10)) expect(text.slice(start, end)).toBe(written);
  expect(findValues(text, 1)).toHaveLength(1);
});

test('any text is read in time that grows with its length, with places in their order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (noise) => {
      const text = `${noise} 203.0.113.9 ${noise} hxxp://evil[.]com/x ${noise}`;
      let last = 0;
      for (const { start, end, written } of findValues(text, 100)) {
        expect(text.slice(start, end)).toBe(written);
        expect(start).toBeGreaterThanOrEqual(last);
        last = start;
      }
    }),
  );
  for (const hard of [
    '[.'.repeat(50_000),
    '( . ) '.repeat(30_000),
    'a.'.repeat(100_000),
    'hxxp:'.repeat(40_000),
    ','.repeat(200_000),
  ])
    expect(findValues(hard, 100).length).toBeLessThan(100);
});
