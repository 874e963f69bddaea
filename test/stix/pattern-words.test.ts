// Patterns in plain English, advice about them, their levels and keys, and the patterns that the hub builds.
import { describe, expect, test } from '@jest/globals';
import { patternAdvice } from '../../src/stix/pattern/advice.ts';
import {
  buildPattern,
  observableName,
  quote,
  simpleParts,
  type Observable,
} from '../../src/stix/pattern/build.ts';
import { explainPattern, levelOf } from '../../src/stix/pattern/explain.ts';
import { patternKeys } from '../../src/stix/pattern/keys.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { printPattern } from '../../src/stix/pattern/print.ts';

describe('a pattern in plain English', () => {
  test.each([
    ["[file:name = 'a']", 'a file is seen, and its name is "a"'],
    ["[file:name NOT = 'a']", 'a file is seen, and its name is not "a"'],
    ["[file:name != 'a']", 'a file is seen, and its name is not "a"'],
    ["[file:name NOT != 'a']", 'a file is seen, and its name is "a"'],
    ['[file:size < 5]', 'a file is seen, and its size is less than 5'],
    ['[file:size NOT < 5]', 'a file is seen, and its size is not less than 5'],
    ['[file:size <= 5]', 'a file is seen, and its size is at most 5'],
    ['[file:size NOT <= 5]', 'a file is seen, and its size is more than 5'],
    ['[file:size > 5.50]', 'a file is seen, and its size is more than 5.50'],
    ['[file:size NOT > 5]', 'a file is seen, and its size is not more than 5'],
    ['[file:size >= 5]', 'a file is seen, and its size is at least 5'],
    ['[file:size NOT >= 5]', 'a file is seen, and its size is less than 5'],
    ["[file:name IN ('a', 'b')]", 'a file is seen, and its name is one of "a", "b"'],
    ["[file:name NOT IN ('a')]", 'a file is seen, and its name is none of "a"'],
    ["[file:name LIKE 'a%']", 'a file is seen, and its name looks like "a%"'],
    ["[file:name NOT LIKE 'a%']", 'a file is seen, and its name does not look like "a%"'],
    ["[file:name MATCHES '^a']", 'a file is seen, and its name matches the regular expression "^a"'],
    ["[file:name NOT MATCHES '^a']", 'a file is seen, and its name does not match the regular expression "^a"'],
    ["[ipv4-addr:value ISSUBSET '10.0.0.0/8']", 'an IPv4 address is seen, and its value lies within "10.0.0.0/8"'],
    ["[ipv6-addr:value NOT ISSUBSET '::/8']", 'an IPv6 address is seen, and its value does not lie within "::/8"'],
    ["[ipv4-addr:value ISSUPERSET '10.0.0.1']", 'an IPv4 address is seen, and its value contains "10.0.0.1"'],
    ["[ipv4-addr:value NOT ISSUPERSET '10.0.0.1']", 'an IPv4 address is seen, and its value does not contain "10.0.0.1"'],
    ['[EXISTS file:name]', 'a file is seen, and its name is present'],
    ['[NOT EXISTS file:mime_type]', 'a file is seen, and its MIME type is not present'],
    ["[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427a']", 'a file is seen, and its MD5 hash is "d41d8cd98f00b204e9800998ecf8427a"'],
    ["[file:parent_directory_ref.path = 'a']", 'a file is seen, and the path of its parent directory is "a"'],
    ["[email-message:to_refs[*].value = 'a']", 'an email message is seen, and the value of one of its recipients is "a"'],
    ["[email-message:to_refs[0].value = 'a']", 'an email message is seen, and the value of the first of its recipients is "a"'],
    ["[artifact:payload_bin = b'QQ==']", 'an artifact is seen, and its payload is the bytes QQ== (base64)'],
    ["[file:magic_number_hex = h'0aff']", 'a file is seen, and its magic number is the bytes 0aff'],
    ["[file:ctime > t'2026-01-01T00:00:00Z']", 'a file is seen, and its creation time is after 2026-01-01T00:00:00Z'],
    ['[process:is_hidden = true]', 'a process is seen, and it is hidden'],
    ['[process:is_hidden = false]', 'a process is seen, and it is not hidden'],
    ['[process:is_hidden != true]', 'a process is seen, and it is not hidden'],
    ['[process:is_hidden NOT = true]', 'a process is seen, and it is not hidden'],
    ['[process:is_hidden NOT != true]', 'a process is seen, and it is hidden'],
    ['[process:is_hidden IN (true, false)]', 'a process is seen, and its hidden state is one of true, false'],
    ['[user-account:can_escalate_privs = false]', 'a user account is seen, and it cannot escalate privileges'],
    ['[process:image_ref.is_hidden = true]', 'a process is seen, and its program file is hidden'],
    ["[file:ctime <= t'2026-01-01T00:00:00Z']", 'a file is seen, and its creation time is at or before 2026-01-01T00:00:00Z'],
    ["[file:ctime = t'2026-01-01T00:00:00Z']", 'a file is seen, and its creation time is 2026-01-01T00:00:00Z'],
    ["[network-traffic:protocols[*] = 'tcp']", 'network traffic is seen, and one of its protocols is "tcp"'],
    ["[email-message:to_refs[3].value = 'a']", 'an email message is seen, and the value of item 4 of its recipients is "a"'],
    ["[network-traffic:encapsulates_refs[*].src_port = 5]", 'network traffic is seen, and the source port of one of the items of its encapsulated traffic is 5'],
    ["[artifact:content_ref.hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427a']", 'an artifact is seen, and the MD5 hash of its content is "d41d8cd98f00b204e9800998ecf8427a"'],
    ["[file:extensions.'windows-pebinary-ext'.sections[*].name = 'a']", 'a file is seen, and the name of one of the sections of its windows-pebinary-ext extension is "a"'],
    ["[x-thing:rank = 'a']", 'an object of the type x-thing is seen, and its rank is "a"'],
    ["[file:name = 'a' AND file:size = 5]", 'a file is seen, and its name is "a" and its size is 5'],
    ["[file:name = 'a' OR file:size = 5]", 'a file is seen, and its name is "a", or its size is 5'],
    ["[file:name = 'a' AND (file:size = 5 OR file:size = 6)]", 'a file is seen, and its name is "a" and (its size is 5, or its size is 6)'],
    ["[file:name = 'a' OR url:value = 'b']", 'one of these is seen: a file (its name is "a"), or a URL (its value is "b")'],
    ["[file:name = 'a'] AND [url:value = 'b']", 'a file is seen, and its name is "a"; and also a URL is seen, and its value is "b"'],
    ["[file:name = 'a'] OR [url:value = 'b']", 'a file is seen, and its name is "a"; or a URL is seen, and its value is "b"'],
    ["[file:name = 'a'] FOLLOWEDBY [url:value = 'b']", 'a file is seen, and its name is "a"; and after that a URL is seen, and its value is "b"'],
    ["[file:name = 'a'] WITHIN 5.5 SECONDS", 'a file is seen, and its name is "a", all within 5.5 seconds'],
    ["[file:name = 'a'] REPEATS 3 TIMES WITHIN 60 SECONDS", 'a file is seen, and its name is "a", seen 3 times, all within 60 seconds'],
    ["[file:name = 'a'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'", 'a file is seen, and its name is "a", from 2026-01-01T00:00:00Z to before 2026-02-01T00:00:00Z'],
    ["([file:name = 'a'] OR [file:name = 'b']) REPEATS 2 TIMES", '(a file is seen, and its name is "a"; or a file is seen, and its name is "b"), seen 2 times'],
    ["([file:name = 'a'] OR [file:name = 'b']) AND [mutex:name = 'c']", '(a file is seen, and its name is "a"; or a file is seen, and its name is "b"); and also a mutex is seen, and its name is "c"'],
  ])('%s', (pattern, sentence) => {
    expect(explainPattern(parsePattern(pattern))).toBe(`It matches when ${sentence}.`);
  }); // prettier-ignore

  test.each([
    ["[file:name = 'a']", 1],
    ["[file:name = 'a' OR url:value = 'b']", 1],
    ["[file:name = 'a'] AND [url:value = 'b']", 2],
    ["[file:name = 'a'] OR [url:value = 'b']", 2],
    ["[file:name = 'a'] WITHIN 5 SECONDS", 3],
    ["[file:name = 'a'] REPEATS 2 TIMES", 3],
    ["[file:name = 'a'] FOLLOWEDBY [url:value = 'b']", 3],
    ["[file:name = 'a'] AND [url:value = 'b'] REPEATS 2 TIMES", 3],
    ["[file:name = 'a'] OR ([url:value = 'b'] FOLLOWEDBY [mutex:name = 'c'])", 3],
    ["([file:name = 'a'] OR [url:value = 'b']) AND [mutex:name = 'c']", 2],
  ])('%s needs a consumer of level %d', (pattern, level) => {
    expect(levelOf(parsePattern(pattern))).toBe(level);
  });
});

describe('the canonical form of a pattern', () => {
  test.each([
    ["[ file : name = 'a' ]", "[file:name = 'a']"],
    ["[(file:name = 'a')]", "[file:name = 'a']"],
    ["([file:name = 'a'])", "[file:name = 'a']"],
    ["[file:'name' = 'a']", "[file:name = 'a']"],
    ["[file:hashes.'MD5' = 'd41d8cd98f00b204e9800998ecf8427a']", "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427a']"],
    ["[x-a:'Big' = 'a']", "[x-a:'Big' = 'a']"],
    ["[x-a:abc.'Big' = 'a']", "[x-a:abc.Big = 'a']"],
    ["[x-a:abc.'a b' = 'a']", "[x-a:abc.'a b' = 'a']"],
    ["[x-a:'it\\'s' = 'it\\'s \\\\']", "[x-a:'it\\'s' = 'it\\'s \\\\']"],
    ["[file:name IN('a','b')]", "[file:name IN ('a', 'b')]"],
    ['[file:size = 5.00 OR file:size = -0]', '[file:size = 5.00 OR file:size = -0]'],
    ["[file:name = 'a' AND (file:size = 1 OR file:size = 2)]", "[file:name = 'a' AND (file:size = 1 OR file:size = 2)]"],
    ["[(file:name = 'a' AND file:size = 1) OR file:size = 2]", "[file:name = 'a' AND file:size = 1 OR file:size = 2]"],
    ["[file:name = 'a'] OR [file:name = 'b'] AND [file:name = 'c']", "[file:name = 'a'] OR [file:name = 'b'] AND [file:name = 'c']"],
    ["([file:name = 'a'] OR [file:name = 'b']) AND [file:name = 'c']", "([file:name = 'a'] OR [file:name = 'b']) AND [file:name = 'c']"],
    ["[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] OR [file:name = 'c']", "[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] OR [file:name = 'c']"],
    ["([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) OR [file:name = 'c']", "([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) OR [file:name = 'c']"],
    ["[file:name = 'a'] FOLLOWEDBY ([file:name = 'b'] FOLLOWEDBY [file:name = 'c'])", "[file:name = 'a'] FOLLOWEDBY ([file:name = 'b'] FOLLOWEDBY [file:name = 'c'])"],
    ["([file:name = 'a'] AND [file:name = 'b']) WITHIN 5 SECONDS", "([file:name = 'a'] AND [file:name = 'b']) WITHIN 5 SECONDS"],
    ["[file:name = 'a'] AND [file:name = 'b'] WITHIN 5 SECONDS", "[file:name = 'a'] AND [file:name = 'b'] WITHIN 5 SECONDS"],
    ["([file:name = 'a'] REPEATS 2 TIMES) WITHIN 5 SECONDS", "([file:name = 'a'] REPEATS 2 TIMES) WITHIN 5 SECONDS"],
    ["[NOT EXISTS file:name]", '[NOT EXISTS file:name]'],
    ["[artifact:payload_bin = b'QU\nI=']", "[artifact:payload_bin = b'QUI=']"],
  ])('%s', (pattern, normal) => {
    const printed = printPattern(parsePattern(pattern));
    expect(printed).toBe(normal);
    expect(printPattern(parsePattern(printed))).toBe(normal);
  }); // prettier-ignore
});

describe('advice about a pattern', () => {
  test.each([
    ["[file:name = 'a']", []],
    ["[file:nam = 'a']", ['P-020 file has no property "nam" name']],
    ["[file:zzzzzz = 'a']", ['P-020 file has no property "zzzzzz"']],
    ["[file:'Name' = 'a']", ['P-020 file has no property "Name" name']],
    ["[x-thing:nam = 'a']", []],
    ["[file:hashes.sha256 = 'a']", ["W-hash file:hashes.sha256 names no algorithm of the standard 'SHA-256'"]],
    ["[file:hashes.'SHA-224' = 'a']", []],
    ["[x509-certificate:hashes.'sha-1' = 'a']", ["W-hash x509-certificate:hashes.'sha-1' names no algorithm of the standard 'SHA-1'"]],
    ["[file:nam = 'a' OR file:nam = 'b']", ['P-020 file has no property "nam" name']],
    ["[file:name == 'a' OR file:size <> 5]", ['W-pattern == is not in the standard; write =', 'W-pattern <> is not in the standard; write !=']],
    ["[file:name = 'a'] /* a */ // b", ['W-pattern comments are not in the standard']],
    ["[url:value != 'hxxp://a.example/']", []],
    ["[url:value = 'hxxp://a.example/']", [expect.stringMatching(/^W-pattern no URL matches: .* http:\/\/a\.example\/$/)]],
    ['[url:value = 5]', []],
    ["[domain-name:value = 'hxxp://a']", []],
  ])('%s', (pattern, expected) => {
    const said = patternAdvice(parsePattern(pattern)).map(({ rule, message, suggestion }) => [rule, message, suggestion].filter((part) => part !== undefined).join(' '));
    expect(said).toEqual(expected);
  }); // prettier-ignore

  test('at most twenty pieces are given', () => {
    const tests = Array.from({ length: 30 }, (_, i) => `file:zzz_${i} = 'a'`);
    expect(patternAdvice(parsePattern(`[${tests.join(' OR ')}]`))).toHaveLength(20);
  });
});

describe('the keys of a pattern', () => {
  const MD5 = 'D41D8CD98F00B204E9800998ECF8427A';
  test.each([
    ["[ipv4-addr:value = '192.0.2.1']", ['network value 192.0.2.1']],
    ["[ipv4-addr:value ISSUBSET '192.0.2.0/24']", ['network value 192.0.2.0/24']],
    ["[ipv4-addr:value ISSUPERSET '192.0.2.0/24']", []],
    ["[ipv6-addr:value = '2001:DB8::1']", ['network value 2001:db8::1']],
    ["[ipv4-addr:value = 'a']", ['ipv4-addr value a']],
    ["[network-traffic:dst_ref.value = '192.0.2.1']", ['network value 192.0.2.1']],
    ["[network-traffic:dst_ref.value = 'A.Example']", ['network-traffic dst_ref.value A.Example']],
    ["[domain-name:value = 'A.Example.']", ['domain-name value a.example']],
    ["[domain-name:value = '192.0.2.1']", ['domain-name value 192.0.2.1']],
    ["[email-addr:value = 'A@Reef.Example']", ['email-addr value a@reef.example']],
    ["[url:value = 'https://A.example/B']", ['url value https://A.example/B']],
    [`[file:hashes.md5 = '${MD5}']`, [`file hashes.MD5 ${MD5.toLowerCase()}`]],
    [`[file:hashes.other = '${MD5}']`, [`file hashes.other ${MD5.toLowerCase()}`]],
    ["[file:name = 'A.exe']", ['file name A.exe']],
    ['[autonomous-system:number IN (64500, 64501)]', ['autonomous-system number 64500', 'autonomous-system number 64501']],
    ["[file:name = 'a' AND file:name = 'a']", ['file name a']],
    ["[file:name NOT = 'a']", []],
    ["[file:name NOT IN ('a')]", []],
    ["[file:name LIKE 'a' OR file:name MATCHES 'a' OR file:size > 5 OR EXISTS file:size]", []],
  ])('%s', (pattern, expected) => {
    expect(patternKeys(parsePattern(pattern)).map(({ type, property, value }) => `${type} ${property} ${value}`)).toEqual(expected);
  }); // prettier-ignore
});

describe('a pattern that the hub builds', () => {
  const DOMAIN: Observable = { type: 'domain-name', value: 'a.example' };
  test.each<[Observable, string, string]>([
    [DOMAIN, "[domain-name:value = 'a.example']", 'a.example'],
    [{ ...DOMAIN, resolvesTo: { family: 4, value: '192.0.2.1' } }, "[domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']", 'a.example'],
    [{ type: 'ipv4-addr', value: '192.0.2.1' }, "[ipv4-addr:value = '192.0.2.1']", '192.0.2.1'],
    [{ type: 'ipv6-addr', value: '2001:db8::1' }, "[ipv6-addr:value = '2001:db8::1']", '2001:db8::1'],
    [{ type: 'network', family: 4, value: '192.0.2.0/24' }, "[ipv4-addr:value ISSUBSET '192.0.2.0/24']", '192.0.2.0/24'],
    [{ type: 'network', family: 6, value: '2001:db8::/32' }, "[ipv6-addr:value ISSUBSET '2001:db8::/32']", '2001:db8::/32'],
    [{ type: 'endpoint', family: 4, value: '192.0.2.1', port: 443 }, "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]", '192.0.2.1:443'],
    [{ type: 'endpoint', family: 6, value: '2001:db8::1', port: 1 }, "[network-traffic:dst_ref.type = 'ipv6-addr' AND network-traffic:dst_ref.value = '2001:db8::1' AND network-traffic:dst_port = 1]", '2001:db8::1:1'],
    [{ type: 'file', hashes: { MD5: 'd41d8cd98f00b204e9800998ecf8427a' } }, "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427a']", 'd41d8cd98f00b204e9800998ecf8427a'],
    [{ type: 'file', hashes: {}, name: 'a.exe' }, "[file:name = 'a.exe']", 'a.exe'],
    [{ type: 'file', hashes: { MD5: 'd41d8cd98f00b204e9800998ecf8427a' }, name: 'a' }, "[file:name = 'a' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427a']", 'd41d8cd98f00b204e9800998ecf8427a'],
    [{ type: 'file', hashes: { 'my-hash': 'x', crc: 'y' }, name: 'a' }, "[(file:hashes.'my-hash' = 'x' OR file:hashes.crc = 'y') AND file:name = 'a']", 'x'],
    [{ type: 'x509-certificate', hashes: { 'my-hash': 'x' } }, "[x509-certificate:hashes.'my-hash' = 'x']", 'x'],
    [{ type: 'autonomous-system', number: 64500 }, '[autonomous-system:number = 64500]', 'AS64500'],
    [{ type: 'mutex', name: "it's" }, "[mutex:name = 'it\\'s']", "it's"],
    [{ type: 'windows-registry-key', key: 'HKEY_USERS\\a' }, "[windows-registry-key:key = 'HKEY_USERS\\\\a']", 'HKEY_USERS\\a'],
    [{ type: 'email-message', from: 'a@b.example' }, "[email-message:from_ref.value = 'a@b.example']", 'a@b.example'],
    [{ type: 'email-message', subject: 'Pay now' }, "[email-message:subject = 'Pay now']", 'Pay now'],
    [{ type: 'email-message', subject: 'Pay (now).*', begins: true }, "[email-message:subject MATCHES '^Pay \\\\(now\\\\)\\\\.\\\\*']", 'Pay (now).*'],
    [{ type: 'email-message', from: 'a@b.example', subject: 'x' }, "[email-message:from_ref.value = 'a@b.example' AND email-message:subject = 'x']", 'a@b.example'],
    [{ type: 'mac-addr', value: '00:00:5e:00:53:01' }, "[mac-addr:value = '00:00:5e:00:53:01']", '00:00:5e:00:53:01'],
    [{ type: 'email-addr', value: 'a@b.example' }, "[email-addr:value = 'a@b.example']", 'a@b.example'],
    [{ type: 'or', parts: [DOMAIN, { type: 'mutex', name: 'x' }] }, "[domain-name:value = 'a.example'] OR [mutex:name = 'x']", 'a.example'],
    [{ type: 'and', parts: [DOMAIN, { type: 'or', parts: [{ type: 'mutex', name: 'x' }, { type: 'mutex', name: 'y' }] }] }, "[domain-name:value = 'a.example'] AND ([mutex:name = 'x'] OR [mutex:name = 'y'])", 'a.example'],
    [{ type: 'and', parts: [DOMAIN, { type: 'or', parts: [{ type: 'mutex', name: 'x' }] }] }, "[domain-name:value = 'a.example'] AND [mutex:name = 'x']", 'a.example'],
  ])('%j', (observable, pattern, name) => {
    expect(buildPattern(observable)).toBe(pattern);
    const [first] = simpleParts(observable);
    expect(first === undefined ? '' : observableName(first)).toBe(name);
  }); // prettier-ignore

  test('a value cannot add a comparison or an observation', () => {
    const value = "x'] OR [file:name = 'y";
    expect(patternKeys(parsePattern(buildPattern({ type: 'url', value })))).toEqual([{ type: 'url', property: 'value', value }]); // prettier-ignore
    expect(quote("\\'")).toBe("'\\\\\\''");
  });

  test('a hash in the wrong format is refused', () => {
    expect(() => buildPattern({ type: 'file', hashes: { MD5: 'x' } })).toThrow('a MD5 value is 32 hexadecimal digits'); // prettier-ignore
    expect(() => buildPattern({ type: 'file', hashes: {} })).toThrow();
  });
});
