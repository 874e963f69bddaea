import { linesFormat, type ListEntry } from './format.ts';

const TYPES: Readonly<Record<string, string>> = {
  domain: 'Intel::DOMAIN',
  url: 'Intel::URL',
  email: 'Intel::EMAIL',
  md5: 'Intel::FILE_HASH',
  sha1: 'Intel::FILE_HASH',
  sha256: 'Intel::FILE_HASH',
  certificate: 'Intel::CERT_HASH',
};

/** A file of the intelligence framework of Zeek: fields separated by tabs, with a header. */
export const zeek = linesFormat({
  name: 'zeek',
  tools: 'Zeek (intelligence framework)',
  media: 'text/plain',
  acts: 'detect',
  carries: ['ipv4', 'ipv6', 'domain', 'url', 'email', 'md5', 'sha1', 'sha256', 'certificate'],
  usual: ['ipv4', 'ipv6', 'domain', 'url', 'email', 'md5', 'sha1', 'sha256', 'certificate'],
  head: () => `${['#fields', 'indicator', 'indicator_type', 'meta.source', 'meta.desc'].join('\t')}\n`,
  line,
});

function line({ type, text, tlp, id }: ListEntry): string {
  const kind = TYPES[type] ?? (text.includes('/') ? 'Intel::SUBNET' : 'Intel::ADDR');
  // The reader of Zeek takes \x and two digits for another character.
  const value = (type === 'url' ? text.replace(/^[a-z]+:\/\//, '') : text).replaceAll('\\', '\\x5c');
  return [value, kind, 'Talanoa', `${tlp} ${id}`].join('\t');
}
