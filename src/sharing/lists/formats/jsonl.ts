import { VALUES, isoTime, linesFormat } from './format.ts';

/** JSON Lines: one object per line. */
export const jsonl = linesFormat({
  name: 'jsonl',
  tools: 'log pipelines and scripts',
  media: 'application/x-ndjson',
  acts: 'read',
  carries: VALUES,
  usual: VALUES,
  line: ({ type, text, firstSeen, lastSeen, validUntil, confidence, tlp, labels, sources, id }) =>
    inOneLine({
      type,
      value: text,
      first_seen: isoTime(firstSeen),
      last_seen: isoTime(lastSeen),
      valid_until: isoTime(validUntil),
      ...(confidence === undefined ? {} : { confidence }),
      tlp,
      labels,
      sources,
      id,
    }),
});

/** Some programs end a line at more characters than JSON escapes. */
function inOneLine(entry: object): string {
  return JSON.stringify(entry).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
