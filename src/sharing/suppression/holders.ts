import type { Constituency } from '../../members/constituency.ts';
import { parseNetwork } from '../../kernel/address.ts';
import { urlOf } from '../../kernel/url.ts';
import { rangeOf, readableObserved, type ObservedValue } from '../../stix/values/observed-values.ts';

/** Returns the members whose networks or domains contain a value. Hashes and patterns belong to nobody. */
export function holdersOf(observed: ObservedValue, constituency: Constituency): readonly string[] {
  const { type, value } = observed;
  switch (type) {
    case 'ipv4':
    case 'ipv6': {
      const family = type === 'ipv4' ? 4 : 6;
      return constituency.holders({
        kind: 'network',
        network: { family, ...rangeOf(value), cleared: false },
      });
    }
    case 'domain':
      return constituency.holders({ kind: 'domain', name: readableObserved(observed) });
    case 'email':
      return constituency.holders({ kind: 'domain', name: value.slice(value.lastIndexOf('@') + 1) });
    case 'url': {
      const host = urlOf(value)?.hostname.replace(/^\[|\]$/g, '') ?? '';
      const network = parseNetwork(host);
      return constituency.holders(
        network === undefined ? { kind: 'domain', name: host } : { kind: 'network', network },
      );
    }
    case 'md5':
    case 'sha1':
    case 'sha256':
    case 'sha512':
    case 'certificate':
    case 'pattern':
      return [];
  }
}
