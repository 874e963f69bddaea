import { isIP } from 'node:net';
import { urlOf } from '../kernel/url.ts';
import { parseNetwork, type Network } from '../kernel/address.ts';
import { eachTest, type Constant, type ObjectPath } from './pattern/ast.ts';
import { parsePattern } from './pattern/parser.ts';
import { text, texts, type StixObject } from './types.ts';

/**
 * Something in an object that can affect a member: an address or network, a domain, an AS, a country, a sector, or a
 * name that phishing uses.
 */
export type Concern =
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'domain'; readonly name: string }
  | { readonly kind: 'asn'; readonly number: number }
  | { readonly kind: 'country'; readonly code: string }
  | { readonly kind: 'sector'; readonly name: string }
  /** Host and path of a URL, or a domain, in an object about phishing. Routing looks for brands in it. */
  | { readonly kind: 'lure'; readonly text: string };

/** Maximum number of values that are read from one observation. */
const MOST_SEEN = 500;

/** Returns the ids that determine whom an observation or a sighting affects: what was seen, and where. */
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
 * Returns what an object names, for routing. Values under NOT are left out, because the pattern excludes them. An
 * observation affects the members that the observed objects affect. `find` looks these objects up if the hub has them.
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

/** Maximum depth: a sighting refers to observations, and these refer to what was seen. */
const DEEPEST = 2;

/** Minimum length of a brand. Shorter names would match almost any text. */
export const SHORTEST_BRAND = 4;

/** Returns only the letters and digits of a text. A brand matches however it is separated in an address. */
export function lettersOf(words: string): string {
  return words.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * True for an object that declares itself to be about phishing. Only there does a brand in an address affect its owner.
 */
function isPhishing(object: StixObject): boolean {
  return [...texts(object, 'labels'), ...texts(object, 'indicator_types')].some((word) =>
    /phish/i.test(word),
  );
}

function ofPattern(pattern: string, old: boolean, found: Concern[], lures: Concern[] | undefined): void {
  let parsed;
  try {
    parsed = parsePattern(pattern, { version: old ? '2.0' : '2.1', tolerant: true });
  } catch {
    return; // Stored before a rule for patterns existed. Its values affect nobody.
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
  // The type behind a reference is open: network-traffic:dst_ref.value is an address or a domain.
  else if (/_refs?$/.test(names.at(-2) ?? ''))
    ofValue(constant.value.includes('@') ? 'email-addr' : 'domain-name', constant.value, found, lures);
}

function ofValue(type: string, value: string, found: Concern[], lures: Concern[] | undefined): void {
  if (type === 'url' || type === 'domain-name') lures?.push({ kind: 'lure', text: value.toLowerCase() });
  switch (type) {
    case 'url':
      ofHost(urlOf(value)?.hostname.replace(/^\[|\]$/g, '') ?? '', found);
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
