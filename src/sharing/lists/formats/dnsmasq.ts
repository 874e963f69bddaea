import { comment, linesFormat } from './format.ts';

/** Configuration of dnsmasq: it answers NXDOMAIN for each domain and everything below it. */
export const dnsmasq = linesFormat({
  name: 'dnsmasq',
  tools: 'dnsmasq and OpenWrt',
  media: 'text/plain',
  acts: 'block',
  carries: ['domain'],
  usual: ['domain'],
  head: (facts) => comment('#', facts),
  line: ({ text }) => `address=/${text}/`,
});
