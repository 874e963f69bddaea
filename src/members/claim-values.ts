import type { ClaimRequest } from '../api/schema-types.ts';
import type { ClaimType } from '../access/member-model.ts';
import type { MemberInfo } from '../access/snapshot.ts';
import { networkText, parseNetwork } from '../kernel/address.ts';
import { SHORTEST_BRAND, lettersOf } from '../stix/observables.ts';
import { memberErrors } from './errors.ts';

const WIDEST = { 4: 8, 6: 16 } as const;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;
const SECTOR = /^[a-z][a-z0-9-]{1,79}$/;

/** Returns the value of a claim in canonical form. Throws a Problem for a value that no member can claim. */
export function claimValue({ type, value }: Pick<ClaimRequest, 'type' | 'value'>): string {
  const text = value.trim();
  switch (type) {
    case 'network': {
      const network = parseNetwork(text);
      if (network === undefined) throw memberErrors.invalidNetwork({ text: text.slice(0, 60) });
      if (network.prefix < WIDEST[network.family])
        throw memberErrors.networkTooWide({ prefix: network.prefix });
      return networkText(network);
    }
    case 'domain': {
      const name = text.toLowerCase().replace(/\.$/, '');
      if (!DOMAIN.test(name)) throw memberErrors.invalidDomain({ text: text.slice(0, 60) });
      return name;
    }
    case 'asn': {
      const number = Number(/^(?:AS)?(\d{1,10})$/i.exec(text)?.[1]);
      if (!(number >= 1 && number <= 4_294_967_294))
        throw memberErrors.invalidAsn({ text: text.slice(0, 40) });
      return String(number);
    }
    case 'country':
      if (!/^[A-Z]{2}$/i.test(text)) throw memberErrors.invalidCountry({ text: text.slice(0, 40) });
      return text.toUpperCase();
    case 'sector':
      if (!SECTOR.test(text.toLowerCase())) throw memberErrors.invalidSector({ text: text.slice(0, 40) });
      return text.toLowerCase();
    case 'brand': {
      // Very short names would match in almost every text.
      const name = text.toLowerCase().replaceAll(/\s+/g, ' ');
      if (lettersOf(name).length < SHORTEST_BRAND || name.length > 80)
        throw memberErrors.invalidBrand({ text: text.slice(0, 40), shortest: SHORTEST_BRAND });
      return name;
    }
  }
}

/** Returns the values of another member that are the same as a claim, contain it, or are contained in it. */
export function overlapsOf(type: ClaimType, value: string, other: MemberInfo): readonly string[] {
  switch (type) {
    case 'network': {
      const mine = parseNetwork(value);
      return other.networks.filter((text) => {
        const theirs = parseNetwork(text);
        if (mine === undefined || theirs === undefined || mine.family !== theirs.family) return false;
        const shift = BigInt((mine.family === 4 ? 32 : 128) - Math.min(mine.prefix, theirs.prefix));
        return mine.base >> shift === theirs.base >> shift;
      });
    }
    case 'domain':
      return other.domains.filter(
        (name) => name === value || name.endsWith(`.${value}`) || value.endsWith(`.${name}`),
      );
    case 'asn':
      return other.asns.filter((number) => String(number) === value).map((number) => `AS${number}`);
    case 'country':
      return other.countries.filter((code) => code === value);
    case 'sector':
      return other.sectors.filter((name) => name === value);
    case 'brand':
      return other.brands.filter((name) => name === value);
  }
}
