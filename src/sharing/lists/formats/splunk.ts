import type { ValueType } from '../../../stix/values/observed-values.ts';
import { cell } from './csv.ts';
import { ADDRESSES, HASHES, kindOfType, linesFormat, type ListEntry } from './format.ts';

/** The fields of the threat intelligence lookups of Splunk Enterprise Security. */
const FIELDS: Readonly<Record<string, string>> = {
  address: 'ip',
  domain: 'domain',
  url: 'url',
  email: 'src_user',
  hash: 'file_hash',
};

/** Lookups of Splunk Enterprise Security: one kind of values per list. */
export const splunk = linesFormat({
  name: 'splunk',
  tools: 'Splunk Enterprise Security (lookup)',
  media: 'text/csv',
  acts: 'detect',
  carries: [...ADDRESSES, 'domain', 'url', 'email', ...HASHES],
  usual: ADDRESSES,
  isOfOneKind: true,
  head: ({ types }) => `${fieldOf(types[0] ?? 'ipv4')},description,weight\n`,
  line,
});

function fieldOf(type: ValueType): string {
  return FIELDS[kindOfType(type)] ?? 'ip';
}

function line({ text, tlp, id, confidence }: ListEntry): string {
  // The weight is between 1 and 100. Without a confidence, Splunk's own default for a lookup applies.
  return [text, `Talanoa ${tlp} ${id}`, String(Math.max(1, confidence ?? 60))].map(cell).join(',');
}
