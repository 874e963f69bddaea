import { expect, test } from '@jest/globals';
import { ValueFault, readValue, type ValueType } from '../../src/stix/values/read-value.ts';

const RULES = { specialAddresses: new Set<string>(), specialDomains: new Set<string>(), range: true };

/** Returns what a value is read as, or the code of its fault. */
function read(raw: string, type: ValueType): unknown {
  try {
    return readValue(raw, type, RULES).map(({ observable }) => observable);
  } catch (error) {
    if (error instanceof ValueFault) return error.code;
    throw error;
  }
}

test.each<[string, ValueType, unknown]>([
  ['', 'auto', 'empty-value'],
  ['a\u0000b', 'auto', 'control-character'],
  ['9.9.9.9', 'auto', [{ type: 'ipv4-addr', value: '9.9.9.9' }]],
  ['<https://reef-bank.com/x>', 'auto', [{ type: 'url', value: 'https://reef-bank.com/x' }]],
  ['"Reef-Bank.COM"', 'auto', [{ type: 'domain-name', value: 'reef-bank.com' }]],
  ['info@reef-bank.com', 'auto', [{ type: 'email-addr', value: 'info@reef-bank.com' }]],
  ['*.reef-bank.com', 'domain', [{ type: 'domain-name', value: 'reef-bank.com' }]],
  ['9.9.9.9', 'domain', 'ip-in-domain-column'],
  ['10.0.0.1', 'ip', 'special-address:private'],
  ['9.9.9.10-9.9.9.8', 'ip', 'bad-range'],
  ['1.2.3.4.5', 'ip', 'bad-ipv4'],
  ['AS64496', 'asn', [{ type: 'autonomous-system', number: 64496 }]],
  ['00-16-3E-12-34-56', 'mac', [{ type: 'mac-addr', value: '00:16:3e:12:34:56' }]],
  ['Global\\reef', 'mutex', [{ type: 'mutex', name: 'Global\\reef' }]],
])('%j as %s is read as %j', (raw, type, expected) => {
  expect(read(raw, type)).toEqual(expected);
});
