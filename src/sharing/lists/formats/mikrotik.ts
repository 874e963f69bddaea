import { ADDRESSES, comment, type ListEntry, type ListFormat } from './format.ts';

const PATHS = { ipv4: '/ip firewall address-list', ipv6: '/ipv6 firewall address-list' } as const;

/**
 * A script for the command `/import` of RouterOS, which reads it from a file. It replaces the entries of the address
 * list `talanoa`.
 */
export const mikrotik: ListFormat = {
  name: 'mikrotik',
  tools: 'MikroTik RouterOS',
  media: 'text/plain',
  acts: 'block',
  carries: ADDRESSES,
  usual: ['ipv4'],
  needsDisjoint: true,
  head: (facts) =>
    comment('#', facts) + facts.types.map((type) => `${pathOf(type)}\nremove [find list=talanoa]\n`).join(''),
  writer: () => {
    let open = '';
    return {
      line: ({ type, text }: ListEntry): string => {
        const path = pathOf(type);
        const begins = path === open ? '' : `${path}\n`;
        open = path;
        return `${begins}add list=talanoa address=${text}\n`;
      },
      end: () => '',
    };
  },
};

function pathOf(type: ListEntry['type']): string {
  return PATHS[type === 'ipv6' ? 'ipv6' : 'ipv4'];
}
