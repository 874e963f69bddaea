import { ADDRESSES, comment, linesFormat, withoutScheme } from './format.ts';

/** Security Intelligence lists of Cisco Secure Firewall: one kind of values per list, comments with `#`. */
export const cisco = linesFormat({
  name: 'cisco',
  tools: 'Cisco Secure Firewall (Security Intelligence)',
  media: 'text/plain',
  acts: 'block',
  carries: [...ADDRESSES, 'domain', 'url'],
  usual: ADDRESSES,
  isOfOneKind: true,
  head: (facts) => comment('#', facts),
  line: ({ type, text }) => (type === 'url' ? withoutScheme(text) : text),
});
