import { ADDRESSES, comment, linesFormat } from './format.ts';

/** URL tables of OPNsense and pfSense: one address or network per line. */
export const opnsense = linesFormat({
  name: 'opnsense',
  tools: 'OPNsense and pfSense (URL table alias)',
  media: 'text/plain',
  acts: 'block',
  carries: ADDRESSES,
  usual: ADDRESSES,
  head: (facts) => comment('#', facts),
  line: ({ text }) => text,
});
