import { comment, type ListEntry, type ListFormat } from './format.ts';
import { SidNumbers, content } from './rule-text.ts';

/** Rules of Snort 3 that raise an alert. */
export const snort: ListFormat = {
  name: 'snort',
  tools: 'Snort 3',
  media: 'text/plain',
  acts: 'detect',
  carries: ['ipv4', 'ipv6', 'domain'],
  usual: ['ipv4', 'ipv6', 'domain'],
  most: 50_000,
  head: (facts) => comment('#', facts),
  writer: () => {
    const numbers = new SidNumbers();
    return {
      line: (entry: ListEntry): string => {
        const about = `msg:"Talanoa ${entry.type} ${entry.id}"; `;
        const ending = `classtype:trojan-activity; sid:${numbers.of(entry)}; rev:1;`;
        return entry.type === 'domain'
          ? `alert udp $HOME_NET any -> any 53 (${about}content:"${question(entry.text)}", nocase, fast_pattern; ${ending})\n`
          : `alert ip $HOME_NET any -> [${entry.text}] any (${about}${ending})\n`;
      },
      end: () => '',
    };
  },
};

/** Returns a domain as it is written in a DNS question: each label after its length, and a final zero. */
function question(name: string): string {
  const labels = name
    .split('.')
    .map((label) => `|${label.length.toString(16).padStart(2, '0')}|${content(label)}`);
  return `${labels.join('')}|00|`;
}
