import { comment, linesFormat } from './format.ts';

/** Filter lists of AdGuard Home, also read by Pi-hole: each domain and everything below it. */
export const adguard = linesFormat({
  name: 'adguard',
  tools: 'AdGuard Home and Pi-hole',
  media: 'text/plain',
  acts: 'block',
  carries: ['domain'],
  usual: ['domain'],
  head: (facts) => comment('!', facts),
  line: ({ text }) => `||${text}^`,
});
