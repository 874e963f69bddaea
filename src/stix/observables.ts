import { isIP } from 'node:net';
import { parseNetwork, type Network } from '../kernel/address.ts';
import { eachTest, type Constant, type ObjectPath } from './pattern/ast.ts';
import { parsePattern } from './pattern/parser.ts';
import { text, texts, type StixObject } from './types.ts';

/** Something in an object that can concern somebody: an address or network, a domain, an AS, a country. */
export type Concern =
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'domain'; readonly name: string }
  | { readonly kind: 'asn'; readonly number: number }
  | { readonly kind: 'country'; readonly code: string };

/** What an object names, for routing (sharing.md section 10). Values under NOT are left out: they are not what is meant. */
export function concernsOf(object: StixObject): readonly Concern[] {
  const found: Concern[] = [];
  const country = (code: string): void => {
    if (/^[A-Za-z]{2}$/.test(code)) found.push({ kind: 'country', code: code.toUpperCase() });
  };
  switch (object['type']) {
    case 'indicator':
      if (object['pattern_type'] === 'stix')
        ofPattern(text(object, 'pattern') ?? '', object['pattern_version'] === '2.0', found);
      break;
    case 'location':
      country(text(object, 'country') ?? '');
      break;
    case 'autonomous-system':
      if (typeof object['number'] === 'number') found.push({ kind: 'asn', number: object['number'] });
      break;
    case 'ipv4-addr':
    case 'ipv6-addr':
    case 'domain-name':
    case 'url':
    case 'email-addr':
      ofValue(object['type'], text(object, 'value') ?? '', found);
      break;
  }
  for (const label of texts(object, 'labels'))
    if (label.startsWith('country:')) country(label.slice('country:'.length));
  return found;
}

function ofPattern(pattern: string, old: boolean, found: Concern[]): void {
  let parsed;
  try {
    parsed = parsePattern(pattern, { version: old ? '2.0' : '2.1' });
  } catch {
    return; // What was stored before a rule existed still stands; it concerns nobody by its values.
  }
  eachTest(parsed.root, (test) => {
    if (test.kind !== 'test' || test.negated) return;
    if (!['=', 'IN', 'ISSUBSET', 'ISSUPERSET'].includes(test.operator)) return;
    for (const constant of test.constants) ofConstant(test.path, constant, found);
  });
}

function ofConstant(path: ObjectPath, constant: Constant, found: Concern[]): void {
  const names = path.steps.flatMap((step) => ('name' in step ? [step.name] : []));
  if (path.type === 'autonomous-system' && names[0] === 'number' && typeof constant.value === 'number') {
    found.push({ kind: 'asn', number: constant.value });
    return;
  }
  if (typeof constant.value !== 'string' || names.at(-1) !== 'value') return;
  if (names.length === 1) ofValue(path.type, constant.value, found);
  // Through a reference the type is open: network-traffic:dst_ref.value is an address or a domain.
  else if (/_refs?$/.test(names.at(-2) ?? ''))
    ofValue(constant.value.includes('@') ? 'email-addr' : 'domain-name', constant.value, found);
}

function ofValue(type: string, value: string, found: Concern[]): void {
  switch (type) {
    case 'url':
      if (URL.canParse(value)) ofHost(new URL(value).hostname.replace(/^\[|\]$/g, ''), found);
      break;
    case 'email-addr':
      ofHost(value.slice(value.lastIndexOf('@') + 1), found);
      break;
    case 'ipv4-addr':
    case 'ipv6-addr':
    case 'domain-name':
      ofHost(value, found);
      break;
  }
}

function ofHost(host: string, found: Concern[]): void {
  const network = isIP(host.split('/')[0] ?? '') === 0 ? undefined : parseNetwork(host);
  if (network !== undefined) found.push({ kind: 'network', network });
  else if (host.includes('.')) found.push({ kind: 'domain', name: host.toLowerCase().replace(/\.$/, '') });
}
