// URLs by the grammar of RFC 3986 (rule S-093): what is refused, what is meant instead, and what browsers read.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { patternAdvice } from '../../src/stix/pattern/advice.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { urlFault } from '../../src/stix/urls.ts';
import { validateObject } from '../../src/stix/validation/validate.ts';

describe('URLs', () => {
  test.each([
    'http://c2.example.org/x?a[]=1&b[c]=2#f',
    'https://user:word@example.org:8443/a;b=c/%7C',
    'http://[2001:db8::1]:8080/',
    'http://xn--bcher-kva.example/',
    'http://192.0.2.1:0',
    'http://_dmarc.example.org/',
    'HTTPS://EXAMPLE.ORG',
    'ftp://files.example.org/x.exe',
    'file:///etc/passwd',
    'mailto:who@example.org',
    'urn:isbn:0451450523',
    'tcp://192.0.2.1:4444',
    'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a',
  ])('%s is a URL', (value) => {
    expect(urlFault(value)).toBeUndefined();
  });

  test('a URL in its usual form is judged like the same URL with a percent sign, which is checked in full', () => {
    const label = fc.stringMatching(/^(?:xn--)?[A-Za-z0-9-]{1,8}$/);
    const after = fc.stringMatching(/^[a-z0-9._~/?#@!$&'*+,;=:()[\]-]{0,12}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'https', 'HTTP', 'ftp', 'hxxp', 'ws'),
        fc.array(label, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', ':80', ':', ':99999', '@'),
        fc.constantFrom('/', '?', '#'),
        after,
        (scheme, labels, port, sign, rest) => {
          const url = `${scheme}://${labels.join('.')}${port}${sign}${rest}`;
          const isUrl = (text: string) => urlFault(text) === undefined;
          expect([url, isUrl(url)]).toEqual([url, isUrl(`${url}%41`)]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['hxxp://c2[.]example[.]org/x', 'http://c2.example.org/x'],
    ['hxxps://c2.example.org/', 'https://c2.example.org/'],
    ['hxp://c2.example.org/', 'http://c2.example.org/'],
    ['htp://c2.example.org/', 'http://c2.example.org/'],
    ['hxtps://c2.example.org/', 'https://c2.example.org/'],
    ['ttps://c2.example.org/', 'https://c2.example.org/'],
    ['sfxp://c2.example.org/', 'sftp://c2.example.org/'],
    ['http://c2[.]example.org/', 'http://c2.example.org/'],
    ['http://c2(dot)example.org/', 'http://c2.example.org/'],
    ['http://c2.example.org[/]x', 'http://c2.example.org/x'],
    ['http://c2.example.org/gate[.]php', 'http://c2.example.org/gate.php'],
    ['http://c2.example.org[:]8080/', 'http://c2.example.org:8080/'],
    ['http://example.org:99999/', 'http://example.org/'],
    ['http://example.org:80:90/', 'http://example.org/'],
    ['http:/example.org/x', 'http://example.org/x'],
    ['http:example.org', 'http://example.org'],
    ['c:/windows/x.exe', 'file:///c:/windows/x.exe'],
    ['c:\\windows\\x.exe', 'file:///c:/windows/x.exe'],
    ['login.reef-bank.example/verify', 'http://login.reef-bank.example/verify'],
    ['http://', undefined],
    ['http:///x', undefined],
    ['http://:80/', undefined],
    ['http://user@/', undefined],
    ['http:', undefined],
    ['//example.org/x', undefined],
    ['http://[2001:db8::g]/', undefined],
    ['http://[192.0.2.1]/', 'http://192.0.2.1/'],
    ['http://300.1.2.3/', undefined],
    ['http://exa mple.org/', undefined],
    ['http://example.org/a b', undefined],
    ['http://example.org/\u200b', undefined],
    ['http://example.org\\@evil.example/', undefined],
    ['http://exam|ple.org/', undefined],
    ['http://example.org%/', undefined],
    ['', undefined],
  ])('%s is not a URL, and %s is suggested', (value, suggestion) => {
    const fault = urlFault(value);
    expect(fault).toMatchObject({ isReadable: false });
    expect(fault?.suggestion).toBe(suggestion);
    if (suggestion !== undefined) expect(fault?.message).toContain(`did you mean "${suggestion}"?`);
  });

  test.each([
    'https://example.org/a|b',
    'https://example.org/?q={x}^`',
    'http://example.org/[x]',
    'http://example.org/100%',
    'http://example.org/%zz',
    'http://example.org/fale\u02bbula',
    'http://b\u00fccher.example/',
    'http://example.org/a\\b',
  ])('%s is not a URL by RFC 3986, but browsers read it', (value) => {
    expect(urlFault(value)).toMatchObject({ isReadable: true });
  });

  test('an international host does not excuse other faults of the URL', () => {
    expect(urlFault('http://b\u00fccher.example:99999/')).toMatchObject({ isReadable: false });
    expect(urlFault('http://b\u00fccher.example/x[.]php')).toMatchObject({ isReadable: false });
  });

  test('any text gets a result, and every suggestion is accepted', () => {
    const part = fc.constantFrom('http', 'hxxp', ':', '//', '[', ']', '.', '[.]', '@', '\\', '%', 'a', '|', '?', '#', '[/]', 'dot', '('); // prettier-ignore
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 20 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const fault = urlFault(value);
        if (fault?.suggestion !== undefined)
          expect(urlFault(fault.suggestion)?.isReadable ?? true).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('the fault of an object has the rule, the position and the suggestion', () => {
    const object = { type: 'url', spec_version: '2.1', id: 'url--0b5a1e00-0000-4000-8000-000000000090', value: 'hxxp://c2[.]example.org/x' }; // prettier-ignore
    expect(validateObject(object, { advice: false })).toEqual([
      {
        level: 'error',
        rule: 'S-093',
        pointer: '/value',
        message: expect.stringContaining('is defanged'),
        suggestion: 'http://c2.example.org/x',
      },
    ]);
  });

  test('a pattern for a URL that cannot exist has a warning', () => {
    const advice = (pattern: string): readonly (string | undefined)[] =>
      patternAdvice(parsePattern(pattern)).map(({ rule, suggestion }) => `${rule} ${suggestion ?? ''}`);
    expect(advice("[url:value = 'hxxp://c2[.]example.org/x']")).toEqual([
      'W-pattern http://c2.example.org/x',
    ]);
    expect(advice("[url:value IN ('http://', 'http://c2.example.org/')]")).toEqual(['W-pattern ']);
    expect(advice("[url:value = 'http://c2.example.org/a|b']")).toEqual([]);
    expect(advice("[url:value LIKE '%/gate.php']")).toEqual([]);
  });
});
