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
  // Spellings in which lists have values.
  ["'9.9.9.9'", 'auto', [{ type: 'ipv4-addr', value: '9.9.9.9' }]],
  ['\u200b9.9.9.9\u00a0', 'auto', [{ type: 'ipv4-addr', value: '9.9.9.9' }]],
  ['[2a03:e600::1]', 'auto', [{ type: 'ipv6-addr', value: '2a03:e600::1' }]],
  ['[2a03:e600::1]:443', 'auto', [{ type: 'endpoint', family: 6, value: '2a03:e600::1', port: 443 }]],
  ['45.131.7.0/255.255.255.0', 'auto', [{ type: 'network', family: 4, value: '45.131.7.0/24' }]],
  ['45.131.7.9/255.255.255.255', 'auto', [{ type: 'ipv4-addr', value: '45.131.7.9' }]],
  ['45.131.7.0/255.0.255.0', 'auto', 'bad-cidr'],
  ['45.131.7.*', 'auto', [{ type: 'network', family: 4, value: '45.131.7.0/24' }]],
  ['45.131.*.*', 'cidr', [{ type: 'network', family: 4, value: '45.131.0.0/16' }]],
  ['45.131.7.0-255', 'cidr', [{ type: 'network', family: 4, value: '45.131.7.0/24' }]],
  ['45.131.7.0 – 45.131.7.255', 'cidr', [{ type: 'network', family: 4, value: '45.131.7.0/24' }]],
  ['h1.reef-bank.com:8080', 'auto', [{ type: 'domain-name', value: 'h1.reef-bank.com' }]],
  ['.reef-bank.com', 'auto', [{ type: 'domain-name', value: 'reef-bank.com' }]],
  ['REEF-bank.com.', 'auto', [{ type: 'domain-name', value: 'reef-bank.com' }]],
  ['setup.exe', 'auto', 'unknown-suffix'],
  ['setup.exe', 'domain', [{ type: 'domain-name', value: 'setup.exe' }]],
  ['md5:ABCDEF01ABCDEF01ABCDEF01ABCDEF01', 'auto', [{ type: 'file', hashes: { MD5: 'abcdef01abcdef01abcdef01abcdef01' } }]],
  ['sha256:abcdef01', 'auto', 'bad-hash'],
  ['ASN4200', 'auto', [{ type: 'autonomous-system', number: 4200 }]],
  ['Global\\reef', 'mutex', [{ type: 'mutex', name: 'Global\\reef' }]],
])('%j as %s is read as %j', (raw, type, expected) => {
  expect(read(raw, type)).toEqual(expected);
}); // prettier-ignore
