// One function undoes defanging, for feeds, `talanoa publish`, the search and suggestions.
import { expect, test } from '@jest/globals';
import { fill } from '../../src/feeds/template.ts';
import { publishableValues, valueName } from '../../src/stix/values/indicator.ts';
import { refang } from '../../src/stix/values/refang.ts';

test.each([
  // Cases from the field.
  ['hxxps[://]a[.]reef-bank[.]com/x', 'https://a.reef-bank.com/x'],
  ['hxxp[:]//b[.]reef-bank[.]com/y[.]exe', 'http://b.reef-bank.com/y.exe'],
  ['hxxps://c[dot]reef-bank[dot]com/p[.]php', 'https://c.reef-bank.com/p.php'],
  ['45[.]153[.]0[.]0[/]24', '45.153.0.0/24'],
  ['d[.reef-bank.]com', 'd.reef-bank.com'],
  // Schemes and separators.
  ['hXXp://a[.]com', 'http://a.com'],
  ['h**ps://a.com', 'https://a.com'],
  ['htxp://a.com', 'http://a.com'],
  ['hxtps://a.com', 'https://a.com'],
  ['hxxp:\\\\a[.]com\\x', 'http://a.com\\x'],
  ['http[:]//a.com/b', 'http://a.com/b'],
  ['https[:][/][/]a[.]com[/]b', 'https://a.com/b'],
  ['http:[//]a.com', 'http://a.com'],
  ['fxp://a[.]com/b', 'ftp://a.com/b'],
  ['meow://a[.]com', 'http://a.com'],
  ['hxxp(:)//a(.)com', 'http://a.com'],
  // Dots.
  ['a(.)b{.}c<.>com', 'a.b.c.com'],
  ['a[DOT]b(dot)c{dot}com', 'a.b.c.com'],
  ['a [.] b [dot] com', 'a.b.com'],
  ['a[ . ]com', 'a.com'],
  ['a\\.b\\.com', 'a.b.com'],
  ['a[.com', 'a.com'],
  ['a.]com', 'a.com'],
  ['a[.com]', 'a.com'],
  ['[www.]a.com', 'www.a.com'],
  ['a。b．com', 'a.b.com'],
  // Paths and queries.
  ['hxxp://a[.]com/x[.]y[/]z(dot)php?q=b[.]c', 'http://a.com/x.y/z.php?q=b.c'],
  ['hxxp://a.com/d[dot]php', 'http://a.com/d.php'],
  ['a[.]com/x[.]php', 'a.com/x.php'],
  ['a[.]com[/]x', 'a.com/x'],
  ['a[.]com[:]8080/x', 'a.com:8080/x'],
  ['http://a.com/y[.]exe', 'http://a.com/y.exe'],
  ['http://a.com/y(.)exe?re=a[.]b', 'http://a.com/y(.)exe?re=a[.]b'],
  ['http://a.com/?list[]=1&map[a.b]=2', 'http://a.com/?list[]=1&map[a.b]=2'],
  // Addresses and email.
  ['8[.]8[.]8[.]8[:]443', '8.8.8.8:443'],
  ['[8.8.8.8]:443', '8.8.8.8:443'],
  ['2001[:]db8[::]1', '2001:db8::1'],
  ['http://[2001:db8::1]:80/x', 'http://[2001:db8::1]:80/x'],
  ['hxxp://[2001:db8::1]/x', 'http://[2001:db8::1]/x'],
  ['[2001:db8::1]:443', '[2001:db8::1]:443'],
  ['someone[@]a[.]com', 'someone@a.com'],
  ['someone(at)a(dot)com', 'someone@a.com'],
  ['someone [at] a [dot] com', 'someone@a.com'],
  // Not defanged.
  ['a.dot.com', 'a.dot.com'],
  ['dot at dot', 'dot at dot'],
  ['https://a.com/(x)', 'https://a.com/(x)'],
  ['x[0-9].com', 'x[0-9].com'],
])('%s is %s', (defanged, value) => {
  expect(refang(defanged)).toBe(value);
  expect(refang(value)).toBe(value);
});

test('publish reads the cases from practice', () => {
  const values = [
    'hxxps[://]a[.]reef-bank[.]com/x',
    'hxxp[:]//b[.]reef-bank[.]com/y[.]exe',
    'hxxps://c[dot]reef-bank[dot]com/p[.]php',
    '45[.]153[.]0[.]0[/]24',
    'd[.reef-bank.]com',
  ];
  expect(publishableValues(values).map(({ observable }) => valueName(observable))).toEqual([
    'https://a.reef-bank.com/x',
    'http://b.reef-bank.com/y.exe',
    'https://c.reef-bank.com/p.php',
    '45.153.0.0/24',
    'd.reef-bank.com',
  ]);
});

test('defanged values are found in a text, whole and without the punctuation around them', () => {
  const text =
    'See hxxps[://]a[.]reef-bank[.]com/x (and hxxp://b[.]com/y[.]exe), www.evil[.]com, http://c[.]com/p(1). ' +
    'Ask someone[@]d[.]com or 45[.]153[.]0[.]0[/]24; not https://news.com/x nor e.g. this.';
  expect(fill('{text|defanged}', { text })).toEqual([
    'hxxps[://]a[.]reef-bank[.]com/x',
    'hxxp://b[.]com/y[.]exe',
    'www.evil[.]com',
    'http://c[.]com/p(1)',
    'someone[@]d[.]com',
    '45[.]153[.]0[.]0[/]24',
  ]);
});
