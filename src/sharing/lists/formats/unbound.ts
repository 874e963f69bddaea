import { comment, linesFormat } from './format.ts';

/** Configuration of Unbound: it answers NXDOMAIN for each domain and everything below it. */
export const unbound = linesFormat({
  name: 'unbound',
  tools: 'Unbound',
  media: 'text/plain',
  acts: 'block',
  carries: ['domain'],
  usual: ['domain'],
  head: (facts) => `${comment('#', facts)}server:\n`,
  line: ({ text }) => `local-zone: "${text}." always_nxdomain`,
});
