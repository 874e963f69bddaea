import { ADDRESSES, comment, type ListEntry, type ListFacts, type ListFormat } from './format.ts';

/** Number of elements of one command. */
const AT_ONCE = 1_000;

/**
 * A script for `nft -f`, which applies it as one transaction. It fills the sets `block4` and `block6` of the table
 * `inet talanoa`, and changes no rule.
 */
export const nftables: ListFormat = {
  name: 'nftables',
  tools: 'nftables',
  media: 'text/plain',
  acts: 'block',
  carries: ADDRESSES,
  usual: ADDRESSES,
  head: (facts: ListFacts) => `${comment('#', facts)}table inet talanoa {
  set block4 { type ipv4_addr; flags interval; auto-merge; }
  set block6 { type ipv6_addr; flags interval; auto-merge; }
}
${facts.types.map((type) => `flush set inet talanoa ${setOf(type)}\n`).join('')}`,
  writer: () => {
    let open = '';
    let count = 0;
    const closing = (): string => (open === '' ? '' : ' }\n');
    return {
      line: ({ type, text }: ListEntry): string => {
        const set = setOf(type);
        const begins = set !== open || count % AT_ONCE === 0;
        const before = begins ? `${closing()}add element inet talanoa ${set} { ` : ', ';
        if (set !== open) count = 0;
        open = set;
        count++;
        return `${before}${text}`;
      },
      end: closing,
    };
  },
};

function setOf(type: ListEntry['type']): string {
  return type === 'ipv6' ? 'block6' : 'block4';
}
