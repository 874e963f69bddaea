import { isIP } from 'node:net';
import { parseNetwork, type Network } from '../kernel/address.ts';
import { eachTest, type Constant, type ObjectPath } from './pattern/ast.ts';
import { parsePattern } from './pattern/parser.ts';
import { text, texts, type StixObject } from './types.ts';

/** Something in an object that can concern somebody: an address or network, a domain, an AS, a country, a sector, a name that phishing uses. */
export type Concern =
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'domain'; readonly name: string }
  | { readonly kind: 'asn'; readonly number: number }
  | { readonly kind: 'country'; readonly code: string }
  | { readonly kind: 'sector'; readonly name: string }
  /** Host and path of a URL, or a domain, of an object about phishing: brands are looked for in it. */
  | { readonly kind: 'lure'; readonly text: string };

/** Things that one observation is looked through for. */
const MOST_SEEN = 500;

/** Ids of what says whom an observation or a sighting concerns: what was seen, and where. */
export function seenRefs(object: StixObject): readonly string[] {
  switch (object['type']) {
    case 'observed-data':
      return texts(object, 'object_refs').slice(0, MOST_SEEN);
    case 'sighting':
      return [...texts(object, 'observed_data_refs'), ...texts(object, 'where_sighted_refs')].slice(
        0,
        MOST_SEEN,
      );
    default:
      return [];
  }
}

/**
 * What an object names, for routing (sharing.md section 10). Values under NOT are left out: they are not what is meant. An
 * observation concerns whom the things that were seen concern: `find` looks them up, where they are.
 */
export function concernsOf(
  object: StixObject,
  find: (id: string) => StixObject | undefined = () => undefined,
  depth = 0,
): readonly Concern[] {
  const found: Concern[] = [];
  if (depth < DEEPEST)
    for (const id of seenRefs(object)) {
      const seen = find(id);
      if (seen !== undefined) found.push(...concernsOf(seen, find, depth + 1));
    }
  const lures = isPhishing(object) ? found : undefined;
  const country = (code: string): void => {
    if (/^[A-Za-z]{2}$/.test(code)) found.push({ kind: 'country', code: code.toUpperCase() });
  };
  switch (object['type']) {
    case 'indicator':
      if (object['pattern_type'] === 'stix')
        ofPattern(text(object, 'pattern') ?? '', object['pattern_version'] === '2.0', found, lures);
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
      ofValue(object['type'], text(object, 'value') ?? '', found, lures);
      break;
  }
  for (const name of texts(object, 'sectors')) found.push({ kind: 'sector', name: name.toLowerCase() });
  for (const label of texts(object, 'labels'))
    if (label.startsWith('country:')) country(label.slice('country:'.length));
    else if (label.startsWith('sector:'))
      found.push({ kind: 'sector', name: label.slice('sector:'.length).toLowerCase() });
  return found;
}

/** A sighting names observations, and these name what was seen. */
const DEEPEST = 2;

/** Shorter names of brands are found in everything. */
export const SHORTEST_BRAND = 4;

/** The letters and digits of a text alone: how a brand is written in an address, and with what between, is no matter. */
export function lettersOf(words: string): string {
  return words.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** True for what says of itself that it is about phishing: only there a name in an address means somebody. */
function isPhishing(object: StixObject): boolean {
  return [...texts(object, 'labels'), ...texts(object, 'indicator_types')].some((word) =>
    /phish/i.test(word),
  );
}

function ofPattern(pattern: string, old: boolean, found: Concern[], lures: Concern[] | undefined): void {
  let parsed;
  try {
    parsed = parsePattern(pattern, { version: old ? '2.0' : '2.1' });
  } catch {
    return; // What was stored before a rule existed still stands; it concerns nobody by its values.
  }
  eachTest(parsed.root, (test) => {
    if (test.kind !== 'test' || test.negated) return;
    if (!['=', 'IN', 'ISSUBSET', 'ISSUPERSET'].includes(test.operator)) return;
    for (const constant of test.constants) ofConstant(test.path, constant, found, lures);
  });
}

function ofConstant(
  path: ObjectPath,
  constant: Constant,
  found: Concern[],
  lures: Concern[] | undefined,
): void {
  const names = path.steps.flatMap((step) => ('name' in step ? [step.name] : []));
  if (path.type === 'autonomous-system' && names[0] === 'number' && typeof constant.value === 'number') {
    found.push({ kind: 'asn', number: constant.value });
    return;
  }
  if (typeof constant.value !== 'string' || names.at(-1) !== 'value') return;
  if (names.length === 1) ofValue(path.type, constant.value, found, lures);
  // Through a reference the type is open: network-traffic:dst_ref.value is an address or a domain.
  else if (/_refs?$/.test(names.at(-2) ?? ''))
    ofValue(constant.value.includes('@') ? 'email-addr' : 'domain-name', constant.value, found, lures);
}

function ofValue(type: string, value: string, found: Concern[], lures: Concern[] | undefined): void {
  if (type === 'url' || type === 'domain-name') lures?.push({ kind: 'lure', text: value.toLowerCase() });
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
