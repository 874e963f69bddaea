import { hash } from 'node:crypto';
import { ADDRESSES, linesFormat, type ListEntry } from './format.ts';

const TYPES: Readonly<Record<string, string>> = {
  ipv4: 'IP',
  ipv6: 'IP',
  domain: 'Domain',
  url: 'URL',
  md5: 'MD5',
  sha1: 'SHA1',
  sha256: 'SHA256',
  email: 'Mail-from',
};

/**
 * Custom intelligence feeds of Check Point. Each line has the same number of fields, because one line without a field
 * makes the gateway discard the whole file.
 */
export const checkpoint = linesFormat({
  name: 'checkpoint',
  tools: 'Check Point (custom intelligence feed)',
  media: 'text/csv',
  acts: 'block',
  carries: [...ADDRESSES, 'domain', 'url', 'email', 'md5', 'sha1', 'sha256'],
  usual: [...ADDRESSES, 'domain', 'url', 'md5', 'sha1', 'sha256'],
  head: ({ name }) =>
    `#! DESCRIPTION = Talanoa list ${name}\n#! REFERENCE = ${name}\n# UNIQ-NAME,VALUE,TYPE,CONFIDENCE,SEVERITY,PRODUCT,COMMENT\n`,
  line,
});

function line({ type, text, range, confidence }: ListEntry): string | undefined {
  const isNetwork = range !== undefined && text.includes('/');
  // Networks are ranges of addresses in a format of their own, and commas separate fields.
  if (isNetwork || /[,"]/.test(text)) return undefined;
  const level =
    confidence === undefined ? 'medium' : confidence >= 70 ? 'high' : confidence >= 30 ? 'medium' : 'low';
  const product = type === 'email' || type.startsWith('md5') || type.startsWith('sha') ? 'AV' : 'AB';
  return [
    `talanoa-${hash('sha256', `${type} ${text}`).slice(0, 24)}`,
    text,
    TYPES[type],
    level,
    'high',
    product,
    'Talanoa',
  ].join(',');
}
