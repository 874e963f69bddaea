import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { setImmediate as immediately } from 'node:timers/promises';
import MarkdownIt, { type Token } from 'markdown-it';
import { packageRoot } from '../../kernel/paths.ts';

/** A page of the documentation. */
export interface DocsPage {
  /** The path below `/docs`, such as `/how-to/install`. Empty for the start page. */
  readonly path: string;
  readonly title: string;
  /** The folder of its kind. Undefined for the start page. */
  readonly kind: string | undefined;
  readonly html: string;
}

/** A part of a page, from one heading to the next. */
export interface DocsSection {
  readonly path: string;
  readonly anchor: string;
  /** The title of the page. */
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

/** The pages of the package. A page is rendered when it is first requested. */
export interface Docs {
  readonly page: (path: string) => DocsPage | undefined;
  readonly paths: readonly string[];
  /** Returns all sections for the search. Other requests get their turn after each page. */
  readonly sections: () => Promise<readonly DocsSection[]>;
}

/** Reads the documentation of the package. `folder` contains Markdown files. */
export function openDocs(folder = join(packageRoot, 'docs')): Docs {
  const files = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => name.replaceAll('\\', '/'))
      .toSorted()
      .map((name) => [pathOf(name), name]),
  );
  const parsed = (path: string, name: string): Parsed =>
    parsePage(readFileSync(join(folder, name), 'utf8'), path, name, files);
  return {
    page: (path) => {
      const name = files.get(path);
      if (name === undefined) return undefined;
      const { title, body } = parsed(path, name);
      const kind = name.includes('/') ? name.split('/')[0] : undefined;
      return { path, title, kind, html: markdown.renderer.render([...body], markdown.options, {}) };
    },
    paths: [...files.keys()],
    sections: async () => {
      const sections: DocsSection[] = [];
      for (const [path, name] of files) {
        sections.push(...parsed(path, name).sections);
        await immediately();
      }
      return sections;
    },
  };
}

/** Turns `how-to/install.md` into `/how-to/install`, and `decisions/README.md` into `/decisions`. */
function pathOf(name: string): string {
  return `/${name.replace(/\.md$/, '')}`.replace(/\/README$/, '');
}

interface Parsed {
  readonly title: string;
  /** The page without its title. */
  readonly body: readonly Token[];
  readonly sections: readonly DocsSection[];
}

/** Raw HTML in a page is shown as text. */
const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });

function parsePage(text: string, path: string, name: string, files: ReadonlyMap<string, string>): Parsed {
  // The note of generated pages is for people who edit the files.
  const tokens = markdown.parse(text.replaceAll(/^<!--.*-->\n/gm, ''), {});
  const title = plainText(tokens[1]);
  const body = tokens[0]?.tag === 'h1' ? tokens.slice(3) : tokens;
  const sections: { anchor: string; heading: string; parts: string[] }[] = [
    { anchor: '', heading: title, parts: [] },
  ];
  const anchors = new Map<string, number>();
  let labels: string[] = [];
  let column = 0;
  for (const [i, token] of body.entries()) {
    const content = body[i + 1];
    switch (token.type) {
      case 'heading_open': {
        const heading = plainText(content);
        const anchor = anchorOf(heading, anchors);
        token.attrSet('id', anchor);
        sections.push({ anchor, heading, parts: [] });
        break;
      }
      case 'thead_open':
        labels = [];
        break;
      case 'th_open':
        labels.push(plainText(content));
        token.attrSet('scope', 'col');
        break;
      case 'tr_open':
        column = 0;
        break;
      case 'td_open':
        // Small screens show each cell with the label of its column.
        token.attrSet('data-label', labels[column++] ?? '');
        break;
      case 'inline':
        linkIn(token, name, files);
        if (body[i - 1]?.type !== 'heading_open') sections.at(-1)?.parts.push(plainText(token));
        break;
      case 'fence':
        sections.at(-1)?.parts.push(token.content);
        break;
    }
  }
  return {
    title,
    body,
    sections: sections.map(({ anchor, heading, parts }) => ({
      path,
      anchor,
      page: title,
      heading,
      text: parts.join(' ').replaceAll(/\s+/g, ' ').trim(),
    })),
  };
}

function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map(({ type, content }) => (type === 'softbreak' || type === 'hardbreak' ? ' ' : content))
    .join('');
}

/** Returns the anchor of a heading as code hosts create it. `used` counts the anchors of the page. */
function anchorOf(heading: string, used: Map<string, number>): string {
  const anchor = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
  const times = used.get(anchor) ?? 0;
  used.set(anchor, times + 1);
  return times === 0 ? anchor : `${anchor}-${times}`;
}

/** Makes the links of a text lead to the pages of the hub. A link to a file that the hub does not serve becomes text. */
function linkIn(inline: Token, name: string, files: ReadonlyMap<string, string>): void {
  const kept: Token[] = [];
  let isDropped = false;
  for (const token of inline.children ?? []) {
    if (token.type === 'link_open') {
      const target = targetOf(String(token.attrGet('href') ?? ''), name, files);
      isDropped = target === undefined;
      if (target !== undefined) token.attrSet('href', target);
      if (!isDropped) kept.push(token);
    } else if (token.type !== 'link_close' || !isDropped) kept.push(token);
  }
  inline.children = kept;
}

function targetOf(href: string, name: string, files: ReadonlyMap<string, string>): string | undefined {
  if (/^(?:https?:|#)/.test(href)) return href;
  const [file = '', anchor] = href.split('#');
  const path = pathOf(posix.join(posix.dirname(name), file));
  return files.has(path === '/.' ? '' : path)
    ? `/docs${path}${anchor === undefined ? '' : `#${anchor}`}`
    : undefined;
}
