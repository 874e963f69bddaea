import { urlOf } from '../../kernel/url.ts';
import { rangeOf, readObserved, type ObservedValue } from './observed-values.ts';

/** The widest networks that an indicator can sensibly name, and the length of an address. */
const WIDEST = { ipv4: { from: 8, bits: 32, digits: 8 }, ipv6: { from: 16, bits: 128, digits: 32 } } as const;

/**
 * Returns the values that contain a value, from the narrowest to the widest: the networks around an address or network,
 * the domains above a domain, and the host of a URL or email address with what contains it. Top-level domains are not
 * among them.
 */
export function enclosingValues({ type, value }: ObservedValue): readonly ObservedValue[] {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
      return networksAround(type, value);
    case 'domain':
      // Without the top-level domain, and the nearest one first.
      return domainsAbove(value)
        .slice(1)
        .toReversed()
        .map((above) => ({ type, value: above }));
    case 'url':
      return withAround(urlOf(value)?.hostname.replace(/^\[|\]$/g, ''));
    case 'email':
      return withAround(value.slice(value.lastIndexOf('@') + 1));
    default:
      return [];
  }
}

function withAround(host: string | undefined): readonly ObservedValue[] {
  const observed = host === undefined ? undefined : readObserved(host);
  return observed === undefined ? [] : [observed, ...enclosingValues(observed)];
}

function networksAround(type: 'ipv4' | 'ipv6', value: string): readonly ObservedValue[] {
  const { base, prefix } = rangeOf(value);
  const { from, bits, digits } = WIDEST[type];
  const found: ObservedValue[] = [];
  for (let length = prefix - 1; length >= from; length--) {
    const shift = BigInt(bits - length);
    const first = ((base >> shift) << shift).toString(16).padStart(digits, '0');
    found.push({ type, value: `${first}/${String(length).padStart(3, '0')}` });
  }
  return found;
}

/** Returns the domains above one, from the top-level domain down. All have reversed labels, each followed by a dot. */
export function domainsAbove(value: string): readonly string[] {
  const labels = value.split('.').slice(0, -1);
  return labels.slice(0, -1).map((_label, i) => `${labels.slice(0, i + 1).join('.')}.`);
}
