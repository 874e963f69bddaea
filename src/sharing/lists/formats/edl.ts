import { ADDRESSES, linesFormat, withoutScheme } from './format.ts';

// External dynamic lists of Palo Alto Networks: one type per list, no comments. An entry that the firewall cannot read
// once broke its management (CVE-2021-3048), so only strictly valid entries are written.

const COMMON = {
  tools: 'Palo Alto Networks (external dynamic list)',
  media: 'text/plain',
  acts: 'block',
} as const;

export const edlIp = linesFormat({
  ...COMMON,
  name: 'edl-ip',
  carries: ADDRESSES,
  usual: ADDRESSES,
  line: ({ text }) => text,
});

export const edlDomain = linesFormat({
  ...COMMON,
  name: 'edl-domain',
  carries: ['domain'],
  usual: ['domain'],
  line: ({ text }) => text,
});

export const edlUrl = linesFormat({
  ...COMMON,
  name: 'edl-url',
  carries: ['url'],
  usual: ['url'],
  line: ({ text }) => withoutScheme(text),
});
