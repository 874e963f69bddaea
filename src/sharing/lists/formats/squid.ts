import type { ListEntry, ListFormat } from './format.ts';

/**
 * A file for the Squid ACL `dstdomain`. Squid refuses a name next to the domain that contains it. The names of a list are
 * in the order of their labels from the last to the first, so the names below a domain follow it.
 */
export const squid: ListFormat = {
  name: 'squid',
  tools: 'Squid (dstdomain)',
  media: 'text/plain',
  acts: 'block',
  carries: ['domain'],
  usual: ['domain'],
  head: () => '',
  writer: () => {
    let above = '';
    return {
      line: ({ text }: ListEntry): string => {
        if (above !== '' && text.endsWith(above)) return '';
        above = `.${text}`;
        return `.${text}\n`;
      },
      end: () => '',
    };
  },
};
