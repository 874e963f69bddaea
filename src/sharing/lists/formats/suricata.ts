import { hash } from 'node:crypto';
import { comment, type ListEntry, type ListFormat } from './format.ts';

/** Numbers of rules are derived from their values, in a block that no known set of rules uses. */
const FIRST_SID = 3_000_000_000;
const SIDS = 1_000_000_000;

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
    const used = new Set<number>();
    return {
      line: (entry: ListEntry): string | undefined => {
        const matched = matching(entry);
        if (matched === undefined) return undefined;
        const { header, tests } = matched;
        const about = `msg:"Talanoa ${entry.type} ${entry.id}"`;
        const ending = `classtype:trojan-activity; sid:${sidOf(entry, used)}; rev:1;`;
        return `alert ${header} (${about}; ${tests}${ending})\n`;
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

/** Returns a text for the keyword `content`. Everything except letters, digits and a few signs is in hexadecimal digits. */
export function content(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9._/-]+/g,
    (signs) =>
      `|${Buffer.from(signs)
        .toString('hex')
        .replaceAll(/..(?=.)/g, '$& ')}|`,
  );
}

/** Returns the number of a rule: the same for the same value, and another one for each value of a list. */
function sidOf({ type, text }: ListEntry, used: Set<number>): number {
  const start = Number.parseInt(hash('sha256', `${type} ${text}`).slice(0, 12), 16) % SIDS;
  let sid = start;
  while (used.has(sid)) sid = (sid + 1) % SIDS;
  used.add(sid);
  return FIRST_SID + sid;
}
