import { Parser } from 'htmlparser2';

/** Elements whose content nobody reads. */
const HIDDEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math']);
/** Elements inside a line. All others begin and end a line. */
const INLINE: ReadonlySet<string> = new Set([
  'a', 'abbr', 'b', 'bdi', 'bdo', 'cite', 'code', 'data', 'del', 'em', 'font', 'i', 'ins', 'kbd', 'mark', 'q', 's', 'samp', 'small', 'span', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var', 'wbr',
]); // prettier-ignore
/** Maximum length of the target of a link. */
const LONGEST_LINK = 2_000;

/** The content of a web page. */
export interface PageText {
  /**
   * The text as people read it, with the targets of links in angle brackets: the text of a link can name another place than
   * it leads to.
   */
  readonly text: string;
  /** The targets of its links. */
  readonly links: readonly string[];
}

/** Reads the text of a web page. */
export function pageText(html: string): PageText {
  const parts: string[] = [];
  const targets = new Set<string>();
  const links: (string | undefined)[] = [];
  let hidden = 0;
  const line = (name: string): void =>
    void (INLINE.has(name) || parts.push(name === 'td' || name === 'th' ? '\t' : '\n'));
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (HIDDEN.has(name)) hidden++;
      else line(name);
      if (name === 'a')
        links.push(
          /^(?:https?|ftp|mailto):/i.test(attributes['href'] ?? '') ? attributes['href'] : undefined,
        );
    },
    ontext: (text) => {
      if (hidden === 0) parts.push(text.replaceAll(/[ \t\r\n\f]+/g, ' '));
    },
    onclosetag: (name) => {
      if (HIDDEN.has(name)) hidden = Math.max(0, hidden - 1);
      else line(name);
      const target = name === 'a' ? links.pop() : undefined;
      if (target === undefined || hidden > 0) return;
      const link = target.replace(/^mailto:/i, '').slice(0, LONGEST_LINK);
      targets.add(link);
      parts.push(` <${link}> `);
    },
  });
  parser.end(html);
  const lines = parts
    .join('')
    .split('\n')
    .map((one) => one.trim());
  return { text: lines.filter((one) => one !== '').join('\n'), links: [...targets] };
}
