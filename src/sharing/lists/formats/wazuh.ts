import { HASHES, linesFormat } from './format.ts';

/** CDB lists of Wazuh: a key and a value per line. Keys with a colon are quoted. */
export const wazuh = linesFormat({
  name: 'wazuh',
  tools: 'Wazuh (CDB list)',
  media: 'text/plain',
  acts: 'detect',
  carries: ['ipv4', 'ipv6', 'domain', 'url', ...HASHES],
  usual: ['ipv4', 'ipv6', 'domain', ...HASHES],
  line: ({ type, text, id }) => {
    // A CDB list has no networks of any length, only those that end at a dot.
    if (text.includes('"') || ((type === 'ipv4' || type === 'ipv6') && text.includes('/'))) return undefined;
    return `${text.includes(':') ? `"${text}"` : text}:${id}`;
  },
});
