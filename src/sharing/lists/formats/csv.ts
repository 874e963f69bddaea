import { VALUES, isoTime, linesFormat, type ListEntry } from './format.ts';

const COLUMNS = 'type,value,first_seen,last_seen,valid_until,confidence,tlp,labels,sources,id';

/** Comma-separated values (RFC 4180) with a header, for spreadsheets and lookups. */
export const csv = linesFormat({
  name: 'csv',
  tools: 'spreadsheets and SIEM lookups',
  media: 'text/csv',
  acts: 'read',
  carries: VALUES,
  usual: VALUES,
  head: () => `${COLUMNS}\n`,
  line: (entry) => cellsOf(entry).map(cell).join(','),
});

function cellsOf(entry: ListEntry): readonly string[] {
  const { type, text, firstSeen, lastSeen, validUntil, confidence, tlp, labels, sources, id } = entry;
  return [
    type,
    text,
    isoTime(firstSeen),
    isoTime(lastSeen),
    isoTime(validUntil),
    confidence === undefined ? '' : String(confidence),
    tlp,
    labels.join(' '),
    String(sources),
    id,
  ];
}

/** Returns a text as a cell. Spreadsheets would run a cell that begins like a formula. */
export function cell(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  const safe = /^[=+\-@]/.test(plain) ? `'${plain}` : plain;
  return /[",']/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
