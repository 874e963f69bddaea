import { Parser } from 'htmlparser2';

/** Elements whose content nobody reads. */
const HIDDEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math']);
/** Elements inside a line. All others begin and end a line. */
const INLINE: ReadonlySet<string> = new Set([
  'a', 'abbr', 'b', 'bdi', 'bdo', 'cite', 'code', 'data', 'del', 'em', 'font', 'i', 'ins', 'kbd', 'mark', 'q', 's', 'samp', 'small', 'span', 'strong', 'sub', 'sup', 'time', 'tt', 'u', 'var', 'wbr',
]); // prettier-ignore
/** Attributes with the places to which an element leads. */
const LEADS: Readonly<Record<string, string>> = {
  a: 'href', area: 'href', form: 'action', button: 'formaction', input: 'formaction', iframe: 'src', frame: 'src', embed: 'src', object: 'data',
}; // prettier-ignore
/** Attributes with the places from which an element is loaded. */
const LOADS: Readonly<Record<string, string>> = { img: 'src', script: 'src', link: 'href' };
/** Targets on another host, defanged or not. */
const ELSEWHERE = /^\s*(?:(?:h[tx]{2}ps?|f[tx]p)\W{1,4}|mailto:|\/\/)/i;
/** Styles with which an element does not show. */
const UNSEEN_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
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

/** An element that is being read. */
interface Open {
  readonly isHidden: boolean;
  readonly target: string | undefined;
}

/**
 * Reads the text of a web page. With `loads`, the sources of pictures, scripts and styles are among the links: those of a
 * message are of its sender, while those of a web page are mostly of services that many pages use.
 */
export function pageText(html: string, { loads = false } = {}): PageText {
  const attribute = loads ? { ...LEADS, ...LOADS } : LEADS;
  const parts: string[] = [];
  const targets = new Set<string>();
  const open: Open[] = [];
  let hidden = 0;
  const line = (name: string): void =>
    void (INLINE.has(name) || parts.push(name === 'td' || name === 'th' ? '\t' : '\n'));
  const parser = new Parser({
    onopentag: (name, attributes) => {
      const isHidden = HIDDEN.has(name) || isUnseen(attributes);
      open.push({ isHidden, target: targetOf(attributes[attribute[name] ?? '']) });
      if (isHidden) hidden++;
      line(name);
    },
    ontext: (text) => {
      if (hidden === 0) parts.push(text.replaceAll(/[ \t\r\n\f]+/g, ' '));
    },
    onclosetag: (name) => {
      const { isHidden, target } = open.pop() ?? { isHidden: false, target: undefined };
      if (isHidden) hidden--;
      line(name);
      if (target === undefined || (hidden > 0 && !loads)) return;
      targets.add(target);
      parts.push(` <${target}> `);
    },
  });
  parser.end(html);
  const lines = parts
    .join('')
    .split('\n')
    .map((one) => one.trim());
  return { text: lines.filter((one) => one !== '').join('\n'), links: [...targets] };
}

function isUnseen(attributes: Readonly<Record<string, string>>): boolean {
  return attributes['hidden'] !== undefined || UNSEEN_STYLE.test(attributes['style'] ?? '');
}

/** Returns a place on another host. One with two slashes has the scheme of its page (RFC 3986 §4.2). */
function targetOf(written: string | undefined): string | undefined {
  const target = (written ?? '').trim().slice(0, LONGEST_LINK);
  if (!ELSEWHERE.test(target)) return undefined;
  return target.replace(/^mailto:/i, '').replace(/^\/\//, 'https://');
}
