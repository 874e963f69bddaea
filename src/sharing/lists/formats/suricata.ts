import { comment, type ListEntry, type ListFormat } from './format.ts';
import { SidNumbers, content } from './rule-text.ts';

/** Suricata rejects a file with a longer rule when it is tested. Signs of a URL in hexadecimal digits take three characters. */
const LONGEST_RULE = 8_000;

/** Rules of Suricata that raise an alert. */
export const suricata: ListFormat = {
  name: 'suricata',
  tools: 'Suricata',
  media: 'text/plain',
  acts: 'detect',
  carries: ['ipv4', 'ipv6', 'domain', 'url'],
  usual: ['ipv4', 'ipv6', 'domain', 'url'],
  most: 50_000,
  head: (facts) => comment('#', facts),
  writer: () => {
    const numbers = new SidNumbers();
    return {
      line: (entry: ListEntry): string | undefined => {
        const matched = matching(entry);
        if (matched === undefined) return undefined;
        const { header, tests } = matched;
        const about = `msg:"Talanoa ${entry.type} ${entry.id}"`;
        const ending = `classtype:trojan-activity; sid:${numbers.of(entry)}; rev:1;`;
        const rule = `alert ${header} (${about}; ${tests}${ending})`;
        return rule.length > LONGEST_RULE ? undefined : `${rule}\n`;
      },
      end: () => '',
    };
  },
};

function matching({
  type,
  text,
}: ListEntry): { readonly header: string; readonly tests: string } | undefined {
  switch (type) {
    case 'ipv4':
    case 'ipv6':
      return { header: `ip $HOME_NET any -> [${text}] any`, tests: '' };
    case 'domain':
      return {
        header: 'dns $HOME_NET any -> any any',
        tests: `dns.query; dotprefix; content:"${content(`.${text}`)}"; nocase; endswith; `,
      };
    case 'url':
      return ofUrl(text);
    default:
      return undefined;
  }
}

/** Suricata sees the host and the path of unencrypted requests only. */
function ofUrl(text: string): { readonly header: string; readonly tests: string } | undefined {
  const { protocol, hostname, pathname, search } = new URL(text);
  if (protocol !== 'http:') return undefined;
  const tests = `http.host; content:"${content(hostname)}"; startswith; endswith; http.uri.raw; content:"${content(pathname + search)}"; startswith; endswith; `;
  return { header: 'http $HOME_NET any -> any any', tests };
}
