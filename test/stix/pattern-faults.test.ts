// The position and the sentence of every fault of a pattern (STIX 2.1 §9). People correct their patterns by them.
import { describe, expect, test } from '@jest/globals';
import { PatternError } from '../../src/stix/pattern/lexer.ts';
import { PATTERN_LIMITS, parsePattern, type PatternOptions } from '../../src/stix/pattern/parser.ts';
import { regexFault } from '../../src/stix/pattern/regex-syntax.ts';
import { errorsOf, validateObject } from '../../src/stix/validation/validate.ts';
import { smallest } from '../support/stix-objects.ts';

/** Returns `rule offset message` of the fault of a pattern. */
function faultOf(pattern: string, options: PatternOptions = {}): string {
  try {
    parsePattern(pattern, options);
    return 'valid';
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `${error.rule} ${error.offset} ${error.message}`;
  }
}

describe('a fault outside the brackets', () => {
  test.each([
    ['', 'P-001 0 an observation begins with [; the pattern ends'],
    ['x', 'P-001 0 an observation begins with [; found "x"'],
    ["[file:name = 'a'", 'P-001 16 ] is missing; the pattern ends'],
    ["[file:name = 'a'] x", 'P-001 18 the pattern should end here; found "x"'],
    ["([file:name = 'a']", 'P-001 18 ) is missing; the pattern ends'],
    ["[file:name = 'a'])", 'P-001 17 the pattern should end here; found ")"'],
    ["[file:name = 'a'] and [file:name = 'b']", 'P-002 18 write keywords in uppercase: AND'],
    ["[file:name = 'a'] AND", 'P-001 21 an observation begins with [; the pattern ends'],
    ["[file:name = 'a'] WITHIN 5", 'P-010 26 the unit SECONDS is missing'],
    ["[file:name = 'a'] WITHIN 0 SECONDS", 'P-010 25 WITHIN takes a number of seconds greater than 0'],
    ["[file:name = 'a'] WITHIN -1 SECONDS", 'P-010 25 WITHIN takes a number of seconds greater than 0'],
    ["[file:name = 'a'] WITHIN '5' SECONDS", 'P-010 25 WITHIN takes a number of seconds greater than 0'],
    ["[file:name = 'a'] WITHIN 5 seconds", 'P-010 27 the unit SECONDS is missing'],
    ["[file:name = 'a'] REPEATS 2", 'P-011 27 the word TIMES is missing'],
    ["[file:name = 'a'] REPEATS 0 TIMES", 'P-011 26 REPEATS takes a whole number greater than 0'],
    ["[file:name = 'a'] REPEATS 1.5 TIMES", 'P-011 26 REPEATS takes a whole number greater than 0'],
    ["[file:name = 'a'] START t'2026-01-01T00:00:00Z'", 'P-012 47 START requires STOP'],
    ["[file:name = 'a'] START '2026-01-01T00:00:00Z'", "P-012 24 START and STOP take a timestamp, t'2026-01-01T00:00:00Z'"],
    ["[file:name = 'a'] WITHIN 5 SECONDS WITHIN 6 SECONDS", 'P-009 35 WITHIN appears twice on one observation'],
    ["[file:name = 'a'] REPEATS 2 TIMES REPEATS 2 TIMES", 'P-009 34 REPEATS appears twice on one observation'],
    ["[file:name = 'a'] /* x", 'P-001 18 a comment has no end'],
    ["[file:name = 'a'] ?", 'P-002 18 the character "?" has no meaning here'],
  ])('%s', (pattern, expected) => {
    expect(faultOf(pattern)).toBe(expected);
  }); // prettier-ignore
});

describe('a fault of a path', () => {
  test.each([
    ["[:name = 'a']", 'P-018 1 the object type is missing before the colon'],
    ["[ = 'a']", 'P-001 2 an object path such as file:name is missing; found "="'],
    ["[file.name = 'a']", 'P-018 5 write a colon between the object type and the property'],
    ["[file = 'a']", 'P-001 6 a colon is missing after the object type; found "="'],
    ["[AND file:name = 'a']", 'P-001 1 an object path is missing before AND'],
    ["[file: = 'a']", 'P-018 7 a property name is missing'],
    ["[file:name. = 'a']", 'P-018 12 a property name is missing'],
    ["[file:'' = 'a']", 'P-018 6 a property name is missing'],
    ["[file:contains_refs[] = 'a']", 'P-018 20 a list position is [0], [1], … or [*]'],
    ["[file:contains_refs[-1] = 'a']", 'P-018 20 a list position is [0], [1], … or [*]'],
    ["[file:contains_refs[0 = 'a']", 'P-018 22 ] is missing after the list position'],
    ["[file:hashes.SHA-256 = 'a']", "P-018 16 write a name with a hyphen in apostrophes; did you mean 'SHA-256'?"],
    ["[file:extensions.pdf-ext.version = 'a']", "P-018 20 write a name with a hyphen in apostrophes; did you mean 'pdf-ext'?"],
    ["[File:name = 'a']", 'P-019 1 "File" is not an object type; write types in lower case'],
    ["[x--y:name = 'a']", 'P-018 2 a type name is not valid'],
    ["[x-thing-:name = 'a']", 'P-018 8 a type name is not valid'],
    ["[x-thing -2:name = 'a']", 'P-001 9 a colon is missing after the object type; found "-2"'],
    ["[x-Thing:name = 'a']", 'P-019 1 "x-Thing" is not an object type; write types in lower case'],
    [`[x-${'a'.repeat(249)}:name = 'a']`, `P-019 1 "x-${'a'.repeat(58)}" is not an object type; write types in lower case`],
    ["[indicator:name = 'a']", 'P-019 1 "indicator" is not an observable; a pattern looks at observables such as file or ipv4-addr'],
    ["[relationship:name = 'a']", 'P-019 1 "relationship" is not an observable; a pattern looks at observables such as file or ipv4-addr'],
    ["[bundle:id = 'a']", 'P-019 1 "bundle" is not an observable; a pattern looks at observables such as file or ipv4-addr'],
    ["[file:Name = 'a']", 'P-020 1 "Name" is not a property name; property names have 3 to 250 characters of a-z, 0-9 and _'],
    ["[file:ab = 'a']", 'P-020 1 "ab" is not a property name; property names have 3 to 250 characters of a-z, 0-9 and _'],
    ["[file:name[0] = 'a']", 'P-022 1 file:name is not a list, so it has no [0]'],
    ["[file:hashes[*] = 'a']", 'P-022 1 file:hashes is not a list, so it has no [*]'],
    ["[file:name.x = 'a']", 'P-022 1 file:name is a value, not a reference, so nothing can follow it'],
    ["[file:size.x = 'a']", 'P-022 1 file:size is a value, not a reference, so nothing can follow it'],
  ])('%s', (pattern, expected) => {
    expect(faultOf(pattern)).toBe(expected);
  }); // prettier-ignore

  test.each([
    "[file:id = 'a']",
    "[x-thing:anything[3].at[*].all = 'a']",
    "[x-9-thing:abc = 'a']",
    "[x-thing-2:abc = 'a' AND x-thing-2 : abc = 'b']",
    "[x-2fa-token:abc = 'a']",
    "[process:image_ref.name = 'a']",
    '[process:opened_connection_refs[*].dst_port = 5]',
    "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']",
    "[windows-registry-key:values[0].name = 'a']",
    "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]",
    `[file:${'a'.repeat(250)} = 'a']`,
  ])('%s is valid', (pattern) => {
    expect(faultOf(pattern)).toBe('valid');
  });
});

describe('a fault of a comparison', () => {
  test.each([
    ['[file:name]', 'P-001 10 an operator such as = or IN is missing; found "]"'],
    ['[file:name =]', 'P-001 12 a value is missing; found "]"'],
    ["[file:name in ('a')]", 'P-002 11 write keywords in uppercase: IN'],
    ["[file:name is 'a']", 'P-002 11 an operator is missing; "is" is not one'],
    ['[file:name = AND]', 'P-001 13 a value is missing'],
    ['[file:name = abc]', "P-003 13 write text in apostrophes: 'abc'"],
    ['[file:name = "abc"]', 'P-003 13 write strings in apostrophes, not in double quotes'],
    ["[file:name = 'abc]", 'P-003 13 a string has no closing apostrophe'],
    ["[file:name = 'it''s']", "P-003 17 an apostrophe inside a string is written \\'"],
    ["[file:name = 'a\\b']", "P-003 15 a backslash is allowed only before ' or another backslash; write \\\\ for one"],
    ['[file:size = +5]', 'P-007 13 write a number without a plus sign'],
    ['[file:size = 05]', 'P-007 13 a number has no leading zeros'],
    ['[file:size = -05]', 'P-007 13 a number has no leading zeros'],
    ['[file:size = 5.]', 'P-007 13 digits are missing after the point'],
    ['[file:size = 5e3]', 'P-007 13 write a number in plain digits, without an exponent or prefix'],
    ['[file:size = 0x5]', 'P-007 13 write a number in plain digits, without an exponent or prefix'],
    ['[file:size = 9007199254740992]', 'P-008 13 an integer must be within ±(2^53 − 1)'],
    ['[file:size = -9007199254740992]', 'P-008 13 an integer must be within ±(2^53 − 1)'],
    ["[file:magic_number_hex = h'abc']", "P-004 25 h'…' must contain an even number of digits 0-9 and a-f in lower case"],
    ["[file:magic_number_hex = h'AB']", "P-004 25 h'…' must contain an even number of digits 0-9 and a-f in lower case"],
    ["[artifact:payload_bin = b'ab']", "P-005 24 b'…' must contain padded base64"],
    ["[file:ctime = t'2026-01-32T00:00:00Z']", 'P-006 14 t\'…\' must contain a real time such as 2026-01-01T00:00:00Z, found "2026-01-32T00:00:00Z"'],
    ["[file:ctime = t'2026-01-01T00:00:00.1234567890Z']", 'L-010 14 a timestamp has at most 9 fraction digits'],
    ['[file:name = TRUE]', 'P-002 13 write true and false in lower case'],
    ['[file:name = False]', 'P-002 13 write true and false in lower case'],
    ['[x-thing:abc > true]', 'P-017 13 true and false have no order'],
    ['[x-thing:abc <= false]', 'P-017 13 true and false have no order'],
    ['[file:name LIKE 5]', 'P-015 11 LIKE takes a string'],
    ['[file:name MATCHES 5]', 'P-015 11 MATCHES takes a string'],
    ['[file:name MATCHES /x/]', 'P-015 19 write a regular expression as a string in apostrophes'],
    ["[file:name MATCHES '(a']", 'P-015 11 the regular expression is not valid: a parenthesis is not closed'],
    ["[file:name IN 'a']", 'P-014 14 IN takes a list in parentheses'],
    ['[file:name IN ()]', 'P-014 14 the list of IN is empty'],
    ["[file:name IN ('a' 'b')]", 'P-014 19 a comma or ) is missing from the list of IN'],
    ["[file:name IN ('a', 5)]", 'P-014 14 all values in the list of IN must be of the same kind'],
    ["[NOT file:name = 'a']", 'P-017 1 write NOT between the path and its operator, or before EXISTS'],
    ["[EXISTS file:name = 'a']", 'P-017 18 EXISTS takes a path, without an operator'],
    ["[EXISTS file:name IN ('a')]", 'P-017 18 EXISTS takes a path, without an operator'],
    ["[file:name = 'a' FOLLOWEDBY file:name = 'b']", 'P-002 17 write FOLLOWEDBY between observations, outside the brackets'],
    ["[file:name = 'a' WITHIN 5 SECONDS]", 'P-010 17 write a qualifier after the closing bracket'],
    ["[file:name = 'a' REPEATS 5 TIMES]", 'P-011 17 write a qualifier after the closing bracket'],
    ["[file:name = 'a' START t'2026-01-01T00:00:00Z']", 'P-012 17 write START and STOP together, after the closing bracket'],
    ["[file:name = 'a' AND ipv4-addr:value = '1.2.3.4']", 'P-013 17 no object can be file and ipv4-addr at once; join two observations instead: [ … ] AND [ … ]'],
    ["[(file:name = 'a' OR url:value = 'b') AND ipv4-addr:value = '1.2.3.4']", 'P-013 38 no object can be file or url and ipv4-addr at once; join two observations instead: [ … ] AND [ … ]'],
    ["[file:hashes.MD5 = 'abc']", 'P-021 17 a MD5 value is 32 hexadecimal digits, found 3 characters'],
    ["[file:hashes.'SHA-256' IN ('abc')]", 'P-021 23 a SHA-256 value is 64 hexadecimal digits, found 3 characters'],
    ["[file:hashes.SSDEEP != 'abc']", 'P-021 20 a SSDEEP value is size:text:text, found 3 characters'],
    ["[file:name ISSUBSET '10.0.0.0/8']", 'P-016 11 ISSUBSET compares the value of an ipv4-addr or ipv6-addr'],
    ["[ipv4-addr:value ISSUBSET '2001:db8::/32']", 'P-016 17 ISSUBSET takes an address or network of IPv4'],
    ["[ipv6-addr:value ISSUPERSET '10.0.0.0/8']", 'P-016 17 ISSUPERSET takes an address or network of IPv6'],
    ["[network-traffic:dst_ref.value ISSUBSET 'a']", 'P-016 31 ISSUBSET takes an address or network of either family'],
    ['[ipv4-addr:value ISSUBSET 5]', 'P-016 17 ISSUBSET takes an address or network of IPv4'],
  ])('%s', (pattern, expected) => {
    expect(faultOf(pattern)).toBe(expected);
  }); // prettier-ignore

  test.each([
    '[file:size = 9007199254740991]',
    '[file:size = -0.5]',
    '[file:size = .5]',
    "[file:name = 'it\\'s \\\\ here']",
    "[file:magic_number_hex = h'']",
    "[artifact:payload_bin = b'QUI=']",
    '[file:size IN (1, 2.5)]',
    "[x-thing:abc IN (t'2026-01-01T00:00:00Z', t'2026-01-02T00:00:00Z')]",
    '[x-thing:abc = true]',
    '[x-thing:abc NOT != false]',
    "[x-thing:abc < h'00']",
    "[file:hashes.other_hash = 'abc']",
    "[file:hashes.MD5 LIKE 'abc%']",
    "[ipv4-addr:value ISSUPERSET '192.0.2.1']",
    "[network-traffic:src_ref.value ISSUBSET '2001:db8::/32']",
    '[NOT EXISTS file:name]',
    "[(file:name = 'a' OR url:value = 'b') AND (file:size = 1 OR ipv4-addr:value = '1.2.3.4')]",
  ])('%s is valid', (pattern) => {
    expect(faultOf(pattern)).toBe('valid');
  });
});

describe('limits of a pattern', () => {
  const deep = (depth: number): string => `${'('.repeat(depth)}[file:name = 'a']${')'.repeat(depth)}`;
  const inner = (depth: number): string => `[${'('.repeat(depth)}file:name = 'a'${')'.repeat(depth)}]`;
  const many = (count: number): string => `[x-a:bcd IN (1)${' OR x-a:b_c=1'.repeat(count - 1)}]`;
  test('the text has at most 65,536 characters', () => {
    const of = (length: number): string => `[file:name = '${'a'.repeat(length - 16)}']`;
    expect(of(PATTERN_LIMITS.length)).toHaveLength(65_536);
    expect(faultOf(of(65_536))).toBe('valid');
    expect(faultOf(of(65_537))).toBe('L-008 65536 a pattern has at most 65536 characters');
  });
  test('parentheses are at most 64 deep, inside and outside the brackets', () => {
    expect([faultOf(deep(64)), faultOf(inner(64))]).toEqual(['valid', 'valid']);
    expect(faultOf(deep(65))).toBe('L-008 64 parentheses are nested deeper than 64');
    expect(faultOf(inner(65))).toBe('L-008 65 parentheses are nested deeper than 64');
    // Parentheses that are closed do not count.
    expect(faultOf(Array.from({ length: 70 }, () => "([file:name = 'a'])").join(' AND '))).toBe('valid');
  });
  test('a pattern has at most 10,000 comparisons', () => {
    // The shortest comparisons fill the longest text before they are too many.
    expect(many(5_000).length).toBeLessThan(65_536);
    expect(faultOf(many(5_000))).toBe('valid');
    expect(PATTERN_LIMITS.comparisons).toBe(10_000);
  });
});

test('the sentence of a fault repeats only the beginning of a long word', () => {
  const long = 'a'.repeat(60_000);
  for (const pattern of [
    `[${long}-${long.slice(0, 1)}X:name = 'a']`,
    `[file:name = ${long}]`,
    `[file:name ${long} 'a']`,
    `[file:${long}.b-c = 'a']`,
    `[file:hashes.${long}-c = 'a']`,
    `[file:${long} = 'a']`,
    `[x-a:${long}[0] = 'a']`,
    `[file:ctime = t'${long}']`,
    `[file:name = 'a']${long}`,
    `[file:hashes.MD5 = '${long}']`,
  ]) {
    const fault = faultOf(pattern);
    expect(fault).toMatch(/^[PL]-\d{3} \d+ /);
    expect([fault.slice(0, 20), fault.length < 300]).toEqual([fault.slice(0, 20), true]);
  }
});

describe('the versions and levels', () => {
  const plain = "[file:name = 'a'] START '2026-01-01T00:00:00Z' STOP '2026-02-01T00:00:00Z'";
  test('STIX 2.0 writes START and STOP as plain strings', () => {
    expect(faultOf(plain, { version: '2.0' })).toBe('valid');
    expect(faultOf(plain)).toMatch(/^P-012 24/);
    expect(faultOf(plain.replaceAll(" '2026", " t'2026"), { version: '2.0' })).toBe('valid');
  });

  test('a tolerant parser keeps the first deviation of each rule with its position', () => {
    const pattern = "[file:x_Name = 'a' AND url:value = 'b' AND file:x_Other = 'c' AND mutex:name = 'd']";
    expect(faultOf(pattern)).toMatch(/^P-020 1/);
    expect(parsePattern(pattern, { tolerant: true }).faults.map(({ rule, offset }) => [rule, offset])).toEqual([['P-020', 1], ['P-013', 19]]); // prettier-ignore
    expect(parsePattern("[file:name = 'a']", { tolerant: true }).faults).toEqual([]);
    for (const wrong of ["[file:Name = 'a']", '[file:name = a]', "[indicator:name = 'a']"])
      expect(faultOf(wrong, { tolerant: true })).toBe(faultOf(wrong));
  });

  test('the parser warns of notations that are not in the standard', () => {
    const warnings = (pattern: string) => parsePattern(pattern).warnings;
    expect(warnings("[file:name == 'a']")).toEqual(['== is not in the standard; write =']);
    expect(warnings("[file:name <> 'a']")).toEqual(['<> is not in the standard; write !=']);
    expect(warnings("[file:name = 'a'] // x")).toEqual(['comments are not in the standard']);
    expect(warnings("[file:name = 'a /* b */ == <> // c']")).toEqual([]);
    expect(warnings(`[file:name = 'a'] ${'/**/'.repeat(50)}`)).toHaveLength(10);
  });

  test('an object reports the position from 1, with the suggestion', () => {
    const found = errorsOf(validateObject(smallest('indicator', { pattern: "[file:hashes.SHA-256 = 'a']" })));
    expect(found).toEqual([{ level: 'error', rule: 'P-018', pointer: '/pattern', message: "at character 17: write a name with a hyphen in apostrophes; did you mean 'SHA-256'?", suggestion: "'SHA-256'", offset: 16 }]); // prettier-ignore
  });

  test('only a STIX pattern is parsed, by its version', () => {
    const rules = (over: object) => errorsOf(validateObject(smallest('indicator', { pattern: plain, ...over }))).map(({ rule }) => rule); // prettier-ignore
    expect(rules({})).toEqual(['P-012']);
    expect(rules({ pattern_version: '2.1' })).toEqual(['P-012']);
    expect(rules({ pattern_version: '2.0' })).toEqual([]);
    expect(rules({ pattern_type: 'sigma' })).toEqual([]);
    expect(rules({ pattern: '' })).toEqual(['S-076', 'P-001']);
  });
});

describe('regular expressions', () => {
  test.each([
    ['a(b|c)*d', undefined],
    ['^[a-z]+$', undefined],
    ['[]abc]', undefined],
    ['[^]abc]', undefined],
    ['[[:alpha:]]', undefined],
    ['a{2,3}?', undefined],
    ['a{,3}', undefined],
    ['a{', undefined],
    ['{a}', undefined],
    ['a{x}', undefined],
    ['a++', undefined],
    ['a*?', undefined],
    ['\\Q(((\\E', undefined],
    ['\\Q(((', undefined],
    ['(?:a)', undefined],
    ['(?i)a', undefined],
    ['(?<name>a)\\k<name>', undefined],
    ['(?P<name>a)(?P=name)', undefined],
    ['(?#a comment)b', undefined],
    ['(?(1)a|b)', undefined],
    ['(?<=a)b(?!c)', undefined],
    ['(*UTF8)a', undefined],
    ['', undefined],
    ['a\\', 'it ends with a backslash'],
    ['[a', 'a character class has no closing ]'],
    ['[]', 'a character class has no closing ]'],
    ['(a', 'a parenthesis is not closed'],
    ['a)', 'a closing parenthesis has no opening one'],
    ['*a', 'there is nothing to repeat before *'],
    ['a**', 'there is nothing to repeat before *'],
    ['(+a)', 'there is nothing to repeat before +'],
    ['a|?', 'there is nothing to repeat before ?'],
    ['^*', 'there is nothing to repeat before *'],
    ['{2}', 'there is nothing to repeat before {'],
    ['a{3,2}', 'the bounds of a repetition are out of order'],
    ['a{65536}', 'a repetition is larger than 65,535'],
    ['a{1,65536}', 'a repetition is larger than 65,535'],
    ['a{65535}', undefined],
    ['(?', 'a group begins with (? and an unknown sign'],
    ['(?%a)', 'a group begins with (? and an unknown sign'],
    ['(?#a', 'a comment is not closed'],
    ['(?(1', 'a condition is not closed'],
    ['(?(1)a', 'a parenthesis is not closed'],
  ])('%s', (source, fault) => {
    expect(regexFault(source)).toBe(fault);
  });
});
