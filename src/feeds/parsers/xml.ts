import type { Readable } from 'node:stream';
import type { SaxesTagNS } from 'saxes';
import type { Problem } from '../../kernel/problem.ts';
import type { ParserSpec } from '../../config/settings.ts';
import { flatten } from './flatten.ts';
import { HTML_ENTITIES } from './entities.ts';
import { utf8OrWestern, wholeParts } from './lines.ts';
import { LONGEST_RECORD, bad, good, type Parsed } from './record.ts';
import { feedErrors } from '../errors.ts';

const DEEPEST = 64;
/** Size that an element counts in addition to its texts, so that empty elements cannot fill the memory. */
const ELEMENT = 64;

/** An element of a record: attributes as `@name`, its text as `#`, and its children by their names without prefix. */
interface Element {
  readonly name: string;
  readonly content: Map<string, unknown[]>;
  text: string;
}

/**
 * Reads XML event by event. `records` lists the paths of the record elements from the root (`feed/entry`, `*` for any
 * name; several are separated by `|`). Document types are rejected, so nothing is declared or fetched. Text that is not
 * UTF-8 is read as Windows-1252. Entities of HTML are read, because many RSS feeds contain them.
 */
export async function* parseXml(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  const nulls = new Set(parser.null ?? []);
  for await (const { number, value } of xmlElements(
    stream,
    (parser.records ?? '*/*').split('|'),
    LONGEST_RECORD,
  )) {
    if (value === undefined) yield bad(number, '', 'record-too-long', 'the record is longer than 1 MiB');
    else {
      const row = Object.entries(flatten(value, parser.name_members)).filter(
        ([, field]) => !nulls.has(field),
      );
      yield good(number, JSON.stringify(value), Object.fromEntries(row));
    }
  }
}

/**
 * Yields the elements at one of the paths as trees: attributes as `@name`, the text as `#`, and the children. An
 * element with only text is just that text. An element over the size limit is undefined, or is shortened with `cut`.
 */
// oxlint-disable-next-line max-lines-per-function -- The handlers of a parser share its state.
export async function* xmlElements(
  stream: Readable,
  paths: readonly string[],
  longest: number,
  { cut = false, until }: { readonly cut?: boolean; readonly until?: string } = {},
): AsyncGenerator<{ readonly number: number; readonly name: string; readonly value: unknown }> {
  const wanted = paths.map((one) => one.split('/').filter((name) => name !== ''));
  const path: string[] = [];
  const open: Element[] = [];
  const found: { number: number; name: string; value: unknown }[] = [];
  let size = 0;
  let number = 0;
  let isOver = false;
  let failure: Error | undefined;
  // Loaded with the first document of this kind, so that the hub starts sooner and smaller.
  const { SaxesParser } = await import('saxes');
  const sax = new SaxesParser({ xmlns: true });
  sax.ENTITIES = HTML_ENTITIES;
  const fail = (problem: Problem): void => {
    failure ??= problem;
  };
  sax.on('error', (error) => {
    if (isOver) return;
    failure ??= feedErrors.notXml({ description: error.message.slice(0, 200) });
  });
  sax.on('doctype', () => fail(feedErrors.documentType()));
  sax.on('opentag', (tag: SaxesTagNS) => {
    const [only] = open;
    if (only !== undefined && open.length === 1 && tag.local === until) {
      isOver = true;
      found.push({ number: number + 1, name: only.name, value: valueOf(only) });
    }
    if (isOver) return;
    path.push(tag.local);
    if (path.length > DEEPEST) fail(feedErrors.tooDeep());
    const isRecord = wanted.some(
      (names) => path.length === names.length && names.every((name, i) => name === '*' || name === path[i]),
    );
    if (!isRecord && open.length === 0) return;
    if (isRecord && open.length === 0) size = 0;
    size += ELEMENT;
    const content = new Map<string, unknown[]>();
    for (const { local, prefix, value } of Object.values(tag.attributes))
      if (prefix !== 'xmlns' && local !== 'xmlns')
        // The type from the XML Schema namespace differs from an attribute with the same name.
        if ((size += value.length) <= longest)
          content.set(prefix === 'xsi' ? `@xsi:${local}` : `@${local}`, [value]);
    open.push({ name: tag.local, content, text: '' });
  });
  const text = (part: string): void => {
    const element = open.at(-1);
    size += part.length;
    if (element !== undefined && size <= longest) element.text += part;
  };
  sax.on('text', text);
  sax.on('cdata', text);
  sax.on('closetag', () => {
    if (isOver) return;
    path.pop();
    const element = open.pop();
    if (element === undefined) return;
    const value = valueOf(element);
    const parent = open.at(-1);
    if (parent !== undefined) {
      const siblings = parent.content.get(element.name);
      if (siblings !== undefined && size <= longest) siblings.push(value);
      else if (size <= longest) parent.content.set(element.name, [value]);
      return;
    }
    number++;
    found.push({ number, name: element.name, value: size > longest && !cut ? undefined : value });
  });
  for await (const part of wholeParts(stream as AsyncIterable<Buffer>)) {
    sax.write(utf8OrWestern(part));
    if (failure !== undefined) throw failure;
    yield* found.splice(0);
    if (isOver) return;
  }
  sax.close();
  if (failure !== undefined) throw failure;
  yield* found.splice(0);
}

function valueOf({ content, text }: Element): unknown {
  const plain = text.trim();
  if (content.size === 0) return plain;
  return {
    ...(plain === '' ? {} : { '#': plain }),
    ...Object.fromEntries(
      [...content].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    ),
  };
}
