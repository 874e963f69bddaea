import type { Observation } from './ast.ts';
import { parsePattern } from './parser.ts';
import { isPlainValuePattern } from './plain-value.ts';

/** Returns a text as a string constant of a pattern (STIX 2.1 §9.2). No other function quotes values. */
export function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** One value that an indicator of the hub looks for. */
export type SimpleObservable =
  | {
      readonly type: 'ipv4-addr' | 'ipv6-addr' | 'url' | 'email-addr' | 'mac-addr';
      readonly value: string;
    }
  | {
      readonly type: 'domain-name';
      readonly value: string;
      /** An address to which the domain resolved. */
      readonly resolvesTo?: { readonly family: 4 | 6; readonly value: string };
    }
  | { readonly type: 'network'; readonly family: 4 | 6; readonly value: string }
  | { readonly type: 'endpoint'; readonly family: 4 | 6; readonly value: string; readonly port: number }
  | {
      readonly type: 'file';
      readonly hashes: Readonly<Record<string, string>>;
      readonly name?: string;
    }
  | { readonly type: 'x509-certificate'; readonly hashes: Readonly<Record<string, string>> }
  | { readonly type: 'autonomous-system'; readonly number: number }
  | { readonly type: 'mutex'; readonly name: string }
  | { readonly type: 'windows-registry-key'; readonly key: string }
  | {
      readonly type: 'email-message';
      readonly from?: string;
      readonly subject?: string;
      /** The text is only the beginning of the subject. */
      readonly begins?: boolean;
    };

/** The target of an indicator of the hub: one value, or several combined. */
export type Observable = SimpleObservable | JoinedObservable;

/** Several values, of which all or any must match. */
export interface JoinedObservable {
  readonly type: 'and' | 'or';
  readonly parts: readonly Observable[];
}

function isJoined(observable: Observable): observable is JoinedObservable {
  return observable.type === 'and' || observable.type === 'or';
}

function ofHashes(root: string, hashes: Readonly<Record<string, string>>): string {
  return Object.entries(hashes)
    .map(([name, value]) => `${root}:hashes.${/^\w+$/.test(name) ? name : quote(name)} = ${quote(value)}`)
    .join(' OR ');
}

function ofFile({ hashes, name }: Extract<SimpleObservable, { type: 'file' }>): string {
  const digests = ofHashes('file', hashes);
  if (name === undefined) return digests;
  const named = `file:name = ${quote(name)}`;
  const count = Object.keys(hashes).length;
  if (count === 0) return named;
  return count === 1 ? `${named} AND ${digests}` : `(${digests}) AND ${named}`;
}

function ofMail({ from, subject, begins }: Extract<SimpleObservable, { type: 'email-message' }>): string {
  const tests: string[] = [];
  if (from !== undefined) tests.push(`email-message:from_ref.value = ${quote(from)}`);
  if (subject !== undefined)
    tests.push(
      begins === true
        ? // LIKE cannot escape its wildcards, so a regular expression is used.
          `email-message:subject MATCHES ${quote(`^${subject.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)}`
        : `email-message:subject = ${quote(subject)}`,
    );
  return tests.join(' AND ');
}

/** Returns the comparisons for one value, without the brackets of the observation. */
function comparison(observable: SimpleObservable): string {
  switch (observable.type) {
    case 'network':
      return `ipv${observable.family}-addr:value ISSUBSET ${quote(observable.value)}`;
    case 'endpoint':
      return `network-traffic:dst_ref.type = 'ipv${observable.family}-addr' AND network-traffic:dst_ref.value = ${quote(observable.value)} AND network-traffic:dst_port = ${observable.port}`;
    case 'autonomous-system':
      return `autonomous-system:number = ${observable.number}`;
    case 'file':
      return ofFile(observable);
    case 'x509-certificate':
      return ofHashes(observable.type, observable.hashes);
    case 'mutex':
      return `mutex:name = ${quote(observable.name)}`;
    case 'windows-registry-key':
      return `windows-registry-key:key = ${quote(observable.key)}`;
    case 'email-message':
      return ofMail(observable);
    case 'domain-name':
      return `domain-name:value = ${quote(observable.value)}${
        observable.resolvesTo === undefined
          ? ''
          : ` AND domain-name:resolves_to_refs[*].value = ${quote(observable.resolvesTo.value)}`
      }`;
    default:
      return `${observable.type}:value = ${quote(observable.value)}`;
  }
}

/**
 * Returns the pattern of an observable. Combined values become separate observations, because all comparisons within
 * one pair of brackets apply to the same object (STIX 2.1 §9.5). A domain and an email message are never the same
 * object.
 */
function written(observable: Observable): string {
  if (!isJoined(observable)) return `[${comparison(observable)}]`;
  return observable.parts
    .map((part) => (isJoined(part) && part.parts.length > 1 ? `(${written(part)})` : written(part)))
    .join(observable.type === 'and' ? ' AND ' : ' OR ');
}

/** Returns the single values of an observable. */
export function simpleParts(observable: Observable): readonly SimpleObservable[] {
  return isJoined(observable) ? observable.parts.flatMap(simpleParts) : [observable];
}

/** Returns a short name of a value for display. */
export function observableName(observable: SimpleObservable): string {
  switch (observable.type) {
    case 'endpoint':
      return `${observable.value}:${observable.port}`;
    case 'file':
      return Object.values(observable.hashes)[0] ?? observable.name ?? 'file';
    case 'x509-certificate':
      return Object.values(observable.hashes)[0] ?? 'certificate';
    case 'autonomous-system':
      return `AS${observable.number}`;
    case 'mutex':
      return observable.name;
    case 'windows-registry-key':
      return observable.key;
    case 'email-message':
      return observable.from ?? observable.subject ?? 'mail';
    default:
      return observable.value;
  }
}

/** Returns the number of observations in a pattern. */
function observationsIn(node: Observation): number {
  return node.kind === 'observation' ? 1 : node.operands.reduce((sum, part) => sum + observationsIn(part), 0);
}

/**
 * Returns the pattern for an observable. It is parsed again, so that no value can inject anything. A plain value has no
 * character that ends its string, which is enough.
 */
export function buildPattern(observable: Observable): string {
  const pattern = written(observable);
  if (!isJoined(observable) && isPlainValuePattern(pattern)) return pattern;
  if (observationsIn(parsePattern(pattern).root) !== simpleParts(observable).length)
    throw new Error('a built pattern has an observation for each of its parts');
  return pattern;
}
