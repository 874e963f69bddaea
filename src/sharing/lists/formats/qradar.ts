import { ADDRESSES, HASHES, linesFormat } from './format.ts';

/** Files for reference sets of QRadar: one kind of values per list, one value per line. */
export const qradar = linesFormat({
  name: 'qradar',
  tools: 'IBM QRadar (reference set)',
  media: 'text/plain',
  acts: 'detect',
  carries: [...ADDRESSES, 'domain', 'url', 'email', ...HASHES],
  usual: ADDRESSES,
  isOfOneKind: true,
  // A reference set of the type IP has single addresses only.
  line: ({ range, text }) => (range !== undefined && text.includes('/') ? undefined : text),
});
