import { ADDRESSES, HASHES, comment, linesFormat, withoutScheme } from './format.ts';

/** FortiGate external resources: one kind of values per list, comments with `#`. */
export const fortigate = linesFormat({
  name: 'fortigate',
  tools: 'FortiGate (external resource)',
  media: 'text/plain',
  acts: 'block',
  carries: [...ADDRESSES, 'domain', 'url', ...HASHES],
  usual: ADDRESSES,
  isOfOneKind: true,
  // Per resource up to FortiOS 7.4.3. Later versions count all lists together.
  most: 131_072,
  head: (facts) => comment('#', facts),
  line: ({ type, text }) => (type === 'url' ? withoutScheme(text) : text),
});
