import { promisify } from 'node:util';
import { SaxesParser } from 'saxes';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

/** The parts of a document with text that people read, and with the targets of its links (ECMA-376 part 1 §11.3). */
const TEXTS = /^word\/(?:document|footnotes|endnotes|comments|header\d{0,3}|footer\d{0,3})\.xml$/;
const LINKS = /^word\/_rels\/[a-z]{1,20}\d{0,3}\.xml\.rels$/;
/** The target of a link in a field code (ECMA-376 part 1 §17.16.5.25). */
const FIELD_LINK = /\bHYPERLINK\s+"([^"]{1,2000})"/gi;
/** Maximum number of parts in the file, and of unpacked bytes of those that are read. */
const MOST_PARTS = 5_000;
const MOST_BYTES = 64 * 1_048_576;

const open = promisify<Buffer, { lazyEntries: boolean; validateEntrySizes: boolean }, ZipFile>(fromBuffer);

/** A ZIP file with other content, such as a table or a program. */
export class NotWordDocument extends Error {
  override readonly name = 'NotWordDocument';
}

/**
 * Returns the text of a Word document (ECMA-376). Throws if it is damaged, or unpacks to too much, and a `NotWordDocument`
 * for other files.
 */
export async function docxText(bytes: Buffer): Promise<string> {
  const zip = await open(bytes, { lazyEntries: true, validateEntrySizes: true });
  if (zip.entryCount > MOST_PARTS) throw new Error('too many parts');
  const texts: string[] = [];
  let room = MOST_BYTES;
  let isDocument = false;
  for await (const entry of entriesOf(zip)) {
    const isText = TEXTS.test(entry.fileName);
    if (!isText && !LINKS.test(entry.fileName)) continue;
    const xml = await unpacked(zip, entry, room);
    room -= xml.length;
    isDocument ||= entry.fileName === 'word/document.xml';
    texts.push(isText ? textOf(xml) : linksOf(xml));
  }
  if (!isDocument) throw new NotWordDocument();
  return texts.filter((text) => text !== '').join('\n\n');
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (let left = zip.entryCount; left > 0; left--) {
    yield await new Promise<Entry>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('error', reject);
      zip.once('end', () => reject(new Error('the directory ends early')));
      zip.readEntry();
    });
    zip.removeAllListeners();
  }
}

async function unpacked(zip: ZipFile, entry: Entry, room: number): Promise<string> {
  const stream = await promisify(zip.openReadStream.bind(zip))(entry);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > room) throw new Error('it unpacks to too many bytes');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Signs that are elements of their own (ECMA-376 part 1 §17.3.3). */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ['w:tab', '\t'],
  ['w:br', '\n'],
  ['w:cr', '\n'],
  ['w:noBreakHyphen', '-'],
]);

/**
 * Returns the text of a part: runs of text, tabs and line ends, and the targets of links in field codes. Deleted text of
 * tracked changes, and hidden text, are left out.
 */
function textOf(xml: string): string {
  const parts: string[] = [];
  const codes: string[] = [];
  let inside = '';
  let isHidden = false;
  const parser = new SaxesParser({ xmlns: false });
  parser.on('opentag', ({ name, attributes }) => {
    inside = name;
    if (name === 'w:r') isHidden = false;
    if (name === 'w:vanish') isHidden = !/^(?:false|0|off)$/.test(attributes['w:val'] ?? 'true');
    const sign = SIGNS.get(name);
    if (sign !== undefined) parts.push(sign);
  });
  parser.on('text', (text) => {
    if (inside === 'w:t' && !isHidden) parts.push(text);
    if (inside === 'w:instrText') codes.push(text);
  });
  parser.on('closetag', ({ name }) => {
    inside = '';
    if (name === 'w:p') parts.push('\n');
    else if (name === 'w:tc') parts.push('\t');
  });
  readWhole(parser, xml);
  // A program may divide a field code into several elements.
  const links = [...codes.join('').matchAll(FIELD_LINK)].map(([, link = '']) => plainLink(link));
  return [parts.join('').trim(), ...links].join('\n');
}

/** Returns the targets of links outside the document, one per line. */
function linksOf(xml: string): string {
  const targets: string[] = [];
  const parser = new SaxesParser({ xmlns: false });
  parser.on('opentag', ({ name, attributes }) => {
    const { Type: type = '', Target: target = '' } = attributes;
    if (name === 'Relationship' && type.endsWith('/hyperlink')) targets.push(plainLink(target));
  });
  readWhole(parser, xml);
  return targets.join('\n');
}

function plainLink(target: string): string {
  return target.replace(/^mailto:/i, '');
}

function readWhole(parser: SaxesParser, xml: string): void {
  parser.on('doctype', () => {
    throw new Error('a document type is not allowed');
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
}
