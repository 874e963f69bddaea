import { parsePattern } from './parser.ts';

/** A text as a string constant of a pattern (STIX 2.1 section 9.2): the only place where quoting is done. */
export function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** What an indicator made by the hub looks for. */
export type Observable =
  | {
      readonly type: 'ipv4-addr' | 'ipv6-addr' | 'domain-name' | 'url' | 'email-addr';
      readonly value: string;
    }
  | { readonly type: 'network'; readonly family: 4 | 6; readonly value: string }
  | { readonly type: 'endpoint'; readonly family: 4 | 6; readonly value: string; readonly port: number }
  | { readonly type: 'file'; readonly hashes: Readonly<Record<string, string>> }
  | { readonly type: 'x509-certificate'; readonly hashes: Readonly<Record<string, string>> }
  | { readonly type: 'autonomous-system'; readonly number: number };

function written(observable: Observable): string {
  switch (observable.type) {
    case 'network':
      return `[ipv${observable.family}-addr:value ISSUBSET ${quote(observable.value)}]`;
    case 'endpoint':
      return `[network-traffic:dst_ref.type = 'ipv${observable.family}-addr' AND network-traffic:dst_ref.value = ${quote(observable.value)} AND network-traffic:dst_port = ${observable.port}]`;
    case 'autonomous-system':
      return `[autonomous-system:number = ${observable.number}]`;
    case 'file':
    case 'x509-certificate':
      return `[${Object.entries(observable.hashes)
        .map(
          ([name, value]) =>
            `${observable.type}:hashes.${/^\w+$/.test(name) ? name : quote(name)} = ${quote(value)}`,
        )
        .join(' OR ')}]`;
    default:
      return `[${observable.type}:value = ${quote(observable.value)}]`;
  }
}

/** Writes the pattern for one observable (forms of feeds.md 1.3) and reads it back, so that no value can inject anything. */
export function buildPattern(observable: Observable): string {
  const pattern = written(observable);
  const { root } = parsePattern(pattern);
  if (root.kind !== 'observation') throw new Error('a built pattern is one observation');
  return pattern;
}
