import { expect, test } from '@jest/globals';
import { urlOf } from '../../src/kernel/url.ts';

test.each([
  ['https://reef-bank.com/x?y', undefined, 'https://reef-bank.com/x?y'],
  ['../a', 'https://reef-bank.com/x/y', 'https://reef-bank.com/a'],
  ['reef-bank.com', undefined, undefined],
  ['http://[', undefined, undefined],
])('%s relative to %s is the URL %s', (text, base, href) => {
  expect(urlOf(text, base)?.href).toBe(href);
});

test('a URL with characters beyond ASCII stays a URL, also after the code was optimised', () => {
  let lost = 0;
  for (let i = 0; i < 60_000; i++)
    if (urlOf('http://bücher.example/')?.hostname !== 'xn--bcher-kva.example') lost++;
  expect(lost).toBe(0);
});
