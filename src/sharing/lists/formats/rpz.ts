import { linesFormat, type ListEntry, type ListFacts } from './format.ts';
import type { Range } from '../../../stix/values/observed-values.ts';

/** A response policy zone. Names are relative to the zone, so the zone may have any name of up to 100 characters. */
export const rpz = linesFormat({
  name: 'rpz',
  tools: 'BIND, Knot Resolver, PowerDNS and Unbound (response policy zone)',
  media: 'text/dns',
  acts: 'block',
  carries: ['ipv4', 'ipv6', 'domain'],
  usual: ['domain'],
  // A network inside another one is not an error, but two owners with the same name are.
  head,
  line,
});

const LONGEST_NAME = 150;

function head({ changed, lines, name }: ListFacts): string {
  const serial = Math.max(1, Math.floor(changed / 1_000) % 4_294_967_296);
  return `; Talanoa list ${name}, ${lines} entries
$TTL 300
@ IN SOA localhost. hostmaster.localhost. ${serial} 3600 600 604800 300
@ IN NS localhost.
`;
}

function line({ type, text, range }: ListEntry): string | undefined {
  if (range !== undefined) return `${addressTrigger(type === 'ipv4', range)} CNAME .`;
  // A resolver policy for an international name uses its A-labels, which is how the hub stores names.
  return text.length > LONGEST_NAME ? undefined : `${text} CNAME .\n*.${text} CNAME .`;
}

/** Returns the owner name for answers with an address: the prefix, then the parts of the address from the last. */
function addressTrigger(isV4: boolean, { base, prefix }: Range): string {
  if (isV4) {
    const bytes = [0n, 8n, 16n, 24n].map((shift) => String((base >> shift) & 0xffn));
    return [String(prefix), ...bytes, 'rpz-ip'].join('.');
  }
  const words = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ((base >> BigInt(at * 16)) & 0xffffn).toString(16));
  return [String(prefix), ...shortened(words), 'rpz-ip'].join('.');
}

/** Replaces the longest run of two or more zero words with `zz`. */
function shortened(words: readonly string[]): readonly string[] {
  let best = { at: 0, length: 1 };
  for (let at = 0; at < words.length; at++) {
    let length = 0;
    while (words[at + length] === '0') length++;
    // Of equal runs, the one that comes first in the address is replaced, which is the last here.
    if (length > 1 && length >= best.length) best = { at, length };
    at += length;
  }
  return best.length < 2 ? words : [...words.slice(0, best.at), 'zz', ...words.slice(best.at + best.length)];
}
