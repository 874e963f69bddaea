import { comment, linesFormat } from './format.ts';

/** Hosts files: each name leads nowhere. They have no wildcards, so names below a domain are not covered. */
export const hosts = linesFormat({
  name: 'hosts',
  tools: 'hosts files and Pi-hole',
  media: 'text/plain',
  acts: 'block',
  carries: ['domain'],
  usual: ['domain'],
  head: (facts) => comment('#', facts),
  line: ({ text }) => `0.0.0.0 ${text}`,
});
