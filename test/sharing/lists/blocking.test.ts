import { expect, test } from '@jest/globals';
import { BlockGuard } from '../../../src/sharing/lists/blocking.ts';
import { WarningLists } from '../../../src/feeds/warning-lists.ts';
import { observedValues } from '../../../src/stix/values/observed-values.ts';
import { anIndicator } from '../../support/builders.ts';

const lists = await WarningLists.load({}, []);
const guard = new BlockGuard(
  lists,
  [
    { networks: ['45.9.8.0/22', '2a0b:1234::/32'], domains: ['Reef-Bank.com.', 'mail.lagoon.net'] },
    { networks: ['45.70.0.0/16'], domains: [] },
  ],
  ['hub.cert-pacific.org', '45.200.1.1'],
);
const reasonOf = (pattern: string): string | undefined => {
  const [value] = observedValues(anIndicator({ pattern }));
  if (value === undefined) throw new Error(`${pattern} has no value`);
  return guard.reason(value);
};

test.each([
  // Reserved ranges, and networks that contain one.
  ["[ipv4-addr:value = '10.0.0.1']", 'special-range'],
  ["[ipv4-addr:value = '127.0.0.1']", 'special-range'],
  ["[ipv4-addr:value = '224.0.0.5']", 'special-range'],
  ["[ipv4-addr:value = '100.64.3.3']", 'special-range'],
  ["[ipv4-addr:value = '169.254.169.254']", 'special-range'],
  ["[ipv4-addr:value ISSUBSET '192.160.0.0/11']", 'special-range'],
  ["[ipv4-addr:value = '0.0.0.0/0']", 'special-range'],
  ["[ipv6-addr:value = 'fe80::1']", 'special-range'],
  ["[ipv6-addr:value = '::1']", 'special-range'],
  ["[ipv6-addr:value = '::ffff:10.0.0.1']", 'special-range'],
  ["[url:value = 'http://192.168.1.1/a']", 'special-range'],
  // Networks that are too large.
  ["[ipv4-addr:value ISSUBSET '45.0.0.0/15']", 'prefix-too-short'],
  ["[ipv6-addr:value ISSUBSET '2a0c::/31']", 'prefix-too-short'],
  // Public suffixes, in every section of the list, and names that are not public.
  ["[domain-name:value = 'com.fj']", 'public-suffix'],
  ["[domain-name:value = 'co.uk']", 'public-suffix'],
  ["[domain-name:value = 'github.io']", 'public-suffix'],
  ["[domain-name:value = 'printer.local']", 'special-domain'],
  ["[domain-name:value = 'a.reef.example']", 'special-domain'],
  // Members and the hub: their own, anything in it, and anything that contains it.
  ["[ipv4-addr:value = '45.9.8.77']", 'protected'],
  ["[ipv4-addr:value ISSUBSET '45.9.9.0/24']", 'protected'],
  ["[ipv4-addr:value ISSUBSET '45.9.0.0/16']", 'protected'],
  ["[ipv4-addr:value = '45.200.1.1']", 'protected'],
  ["[ipv4-addr:value ISSUBSET '45.200.0.0/16']", 'protected'],
  ["[ipv6-addr:value = '2a0b:1234::9']", 'protected'],
  ["[url:value = 'https://45.9.8.77/login']", 'protected'],
  ["[url:value = 'https://www.reef-bank.com/login']", 'protected'],
  ["[domain-name:value = 'reef-bank.com']", 'protected'],
  ["[domain-name:value = 'www.reef-bank.com']", 'protected'],
  ["[domain-name:value = 'lagoon.net']", 'protected'],
  ["[domain-name:value = 'cert-pacific.org']", 'protected'],
  ["[email-addr:value = 'it@reef-bank.com']", 'protected'],
  // Warning lists.
  ["[ipv4-addr:value = '8.8.8.8']", 'warning-list'],
  ["[domain-name:value = 'google.com']", 'warning-list'],
  ["[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", 'warning-list'],
  // A pattern is not a value.
  ["[domain-name:value LIKE '%.com']", 'format'],
])('%s must not be blocked: %s', (pattern, reason) => {
  expect(reasonOf(pattern)).toBe(reason);
});

test.each([
  "[ipv4-addr:value = '45.9.12.1']",
  "[ipv4-addr:value = '45.9.7.255']",
  "[ipv4-addr:value ISSUBSET '45.71.0.0/16']",
  "[ipv6-addr:value ISSUBSET '2a0b:1235::/32']",
  "[domain-name:value = 'reef-bank.com.evil-site.net']",
  "[domain-name:value = 'not-reef-bank.com']",
  "[domain-name:value = 'evil.lagoon.net']",
  "[url:value = 'http://evil.lagoon.net/a?u=https://reef-bank.com/']",
  "[email-addr:value = 'reef-bank.com@evil-site.net']",
  "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']",
])('%s may be blocked', (pattern) => {
  expect(reasonOf(pattern)).toBeUndefined();
});
