import type { ValueType } from '../../../stix/values/observed-values.ts';
import { ADDRESSES, linesFormat } from './format.ts';

/** The sets have room for more than the list has, so that a larger list does not need other sets. */
const MOST = 1_048_576;

/** Input of `ipset restore -exist`: it fills the sets `talanoa4` and `talanoa6`. */
export const ipset = linesFormat({
  name: 'ipset',
  tools: 'ipset and iptables',
  media: 'text/plain',
  acts: 'block',
  carries: ADDRESSES,
  usual: ADDRESSES,
  most: MOST,
  head: ({ types }) =>
    types
      .map((type) => {
        const family = type === 'ipv6' ? 'inet6' : 'inet';
        return `create ${setOf(type)} hash:net family ${family} maxelem ${MOST} -exist\nflush ${setOf(type)}\n`;
      })
      .join(''),
  line: ({ type, text }) => `add ${setOf(type)} ${text}`,
});

function setOf(type: ValueType): string {
  return type === 'ipv6' ? 'talanoa6' : 'talanoa4';
}
