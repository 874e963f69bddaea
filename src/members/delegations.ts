import type { Slices } from '../kernel/slices.ts';
import { addressNumber, addressOf, parseNetwork } from '../kernel/address.ts';
import { memberErrors } from './errors.ts';

/** The networks and AS numbers that a registry has delegated to organisations in a country. */
export interface Delegated {
  readonly networks: readonly string[];
  readonly asns: readonly number[];
}

export interface Delegations {
  readonly registry: string;
  /** The date of the file, as the file writes it (YYYYMMDD). */
  readonly date: string;
  readonly byCountry: ReadonlyMap<string, Delegated>;
  /** The first lines that could not be read, with their numbers. */
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

const MOST_FAULTS = 20;
/** Maximum number of AS numbers in one line. The largest blocks have about a thousand. */
const MOST_ASNS = 65_536;

/** Maximum number of networks and AS numbers of a file. The largest registry has about 150,000. */
const MOST_PARTS = 500_000;
/** Number of characters that are read before other requests have their turn. */
const PIECE = 65_536;

/**
 * Reads delegation statistics of a regional internet registry (the RIRs' "extended allocation and assignment" format,
 * with lines `registry|cc|type|start|value|date|status`) for some countries, in slices. A number of addresses that is
 * not a power of two becomes several networks. Throws a Problem if the text is not in this format, or contains more
 * than a registry has.
 */
export async function readDelegations(
  text: string,
  countries: ReadonlySet<string>,
  slices: Slices,
): Promise<Delegations> {
  const lines = linesOf(text);
  const head = lines.next().value?.line ?? '';
  const [version = '', registry = '', , , , date = ''] = head.split('|');
  if (!/^2(\.\d)?$/.test(version) || registry === '')
    throw memberErrors.notDelegations({ line: head.slice(0, 80) });
  const byCountry = new Map<string, { networks: string[]; asns: number[] }>();
  const faults: { line: number; message: string }[] = [];
  let read = 0;
  let parts = 0;
  for (const { line, number } of lines) {
    read += line.length + 1;
    if (read >= PIECE) {
      if (slices.isOver(read)) await slices.next();
      read = 0;
    }
    const [, country = '', type = '', start = '', value = '', , status = ''] = line.split('|');
    if (!countries.has(country) || !['allocated', 'assigned'].includes(status)) continue;
    const found = byCountry.get(country) ?? { networks: [], asns: [] };
    const before = found.networks.length + found.asns.length;
    const fault = add(found, type, start, Number(value));
    parts += found.networks.length + found.asns.length - before;
    if (parts > MOST_PARTS) throw memberErrors.tooManyDelegations({ most: MOST_PARTS });
    if (fault === undefined) byCountry.set(country, found);
    else if (faults.length < MOST_FAULTS) faults.push({ line: number, message: fault });
  }
  return { registry, date, byCountry, faults };
}

/** The lines of a text with their numbers, without empty ones and comments. */
function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number }, undefined> {
  for (let at = 0, number = 1; at < text.length; number++) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    at = end < 0 ? text.length : end + 1;
    if (line !== '' && !line.startsWith('#')) yield { line, number };
  }
}

function add(
  found: { networks: string[]; asns: number[] },
  type: string,
  start: string,
  value: number,
): string | undefined {
  if (!Number.isSafeInteger(value) || value < 1) return `"${value}" is not a count`;
  switch (type) {
    case 'asn': {
      const first = Number(start);
      if (!Number.isSafeInteger(first) || first < 1 || value > MOST_ASNS || first + value > 4_294_967_295) return `${start} is not an AS number`;
      for (let asn = first; asn < first + value; asn++) found.asns.push(asn);
      return undefined;
    }
    case 'ipv4': {
      if (parseNetwork(`${start}/32`) === undefined || value > 2 ** 24) return `${start} with ${value} addresses is not a valid range`;
      found.networks.push(...networksOf(addressNumber(start), value));
      return undefined;
    }
    case 'ipv6': {
      const network = `${start}/${value}`;
      if (value > 64 || parseNetwork(network) === undefined) return `${network} is not a network`;
      found.networks.push(network);
      return undefined;
    }
    default:
      return undefined;
  }
} // prettier-ignore

/** Returns the largest networks that make up a range of IPv4 addresses. */
function networksOf(first: bigint, count: number): readonly string[] {
  const networks: string[] = [];
  for (let at = Number(first), rest = count; rest > 0;) {
    let size = 1;
    while (size * 2 <= rest && at % (size * 2) === 0) size *= 2;
    networks.push(`${addressOf(BigInt(at), 32)}/${32 - Math.log2(size)}`);
    at += size;
    rest -= size;
  }
  return networks;
}
