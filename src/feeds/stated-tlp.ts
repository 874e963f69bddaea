import { parseTlp, stricter, type Tlp } from '../stix/markings.ts';
import { isNegative } from './node.ts';
import { SEVERAL, type Row } from './template.ts';

/** The name of the protocol, after which a level may follow. */
const NAME = /(?<![a-z0-9])(?:tlp|traffic[ -]?light[ -]?protocol)/gi;
/** The same where a label may begin in a row, and not within the name of a host or the path of a URL. */
const NAME_IN_ROW = /(?<![a-z0-9/.?&%@-])(?:tlp|traffic[ -]?light(?:[ -]?protocol)?)(?![a-z])/gi;
/** A label with a sign, such as `Confidential-TLP:RED`. It can follow any other sign. */
const SIGNED_NAME = /(?<![a-z0-9])tlp(?=\s*[:=])/gi;
/** Characters that nobody sees. They would hide labels. */
const UNSEEN = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;
/** The text between the name and the level: the version of the protocol, punctuation, and a sign. */
const BETWEEN =
  /^(?:\s*\(tlp\))?(?:[ -]?v?[12](?:\.0)?(?!\d))?["'\s_()[\]*{}<>-]*(?:(?:is|level|label|marking|colou?r)(?!\p{L})["'\s_()*-]*)?([:=]*)["'\s_()[\]*{}<>`-]*/iu;
const STRICT = /^(?:\s*\+\s*|[\s_&-]+(?:and\s+)?|)strict(?!\p{L})/iu;
/** Characters that continue a level, which is then another one. */
const CONTINUES = /^[+/\p{L}\p{N}]/u;
/** Maximum number of characters of a label. */
const LONGEST_LABEL = 100;
/** Maximum number of characters of a text that are looked at, and of those after a name. */
const LONGEST = 2_000;
const NEAR = 80;

/** Texts for no value. */
const NONE = /^(?:-+|n\/?a|none|null|nil)$/i;

/** Separate the tags of a cell. */
const PARTS = new RegExp(`[${SEVERAL},;|]`);

/** A label whose level is not one of TLP. */
export const UNCLEAR = 'unclear';

/**
 * Reads a TLP label as people and programs write it, with or without the word TLP: `TLP:AMBER+STRICT`, `amber-strict`,
 * `TLP RED`, `white`. Undefined for any other text.
 */
export function readTlp(text: string): Tlp | undefined {
  const label = text.trim();
  if (label.length > LONGEST_LABEL) return undefined;
  const plain = label.replaceAll(/^["'([<]+|["')\]>.]+$/g, '');
  const known = parseTlp(plain);
  if (known !== undefined) return known;
  const [level, ...others] = tlpLabelsIn(/^(?:tlp|traffic)/i.test(plain) ? plain : `TLP:${plain}`);
  return level === UNCLEAR || others.length > 0 ? undefined : level;
}

/** Returns the different levels of the TLP labels in a text. A text that only mentions TLP has none. */
export function tlpLabelsIn(text: string): readonly (Tlp | typeof UNCLEAR)[] {
  return labelsAfter(NAME, text.slice(0, LONGEST));
}

/** Returns the different levels that follow a name of the protocol. */
function labelsAfter(names: RegExp, text: string): readonly (Tlp | typeof UNCLEAR)[] {
  const found = [...text.matchAll(names)].flatMap(({ 0: name, index }): readonly (Tlp | typeof UNCLEAR)[] => {
    const behind = text.slice(index + name.length, index + name.length + NEAR);
    const [between = '', sign = ''] = BETWEEN.exec(behind) ?? [];
    const rest = behind.slice(between.length);
    const [word = ''] = /^\p{L}+/u.exec(rest) ?? [];
    const after = rest.slice(word.length);
    // The address of a page about TLP.
    if (after.startsWith('://')) return [];
    const plain = word.toLowerCase();
    const strict = plain === 'amber' ? STRICT.exec(after)?.[0] : plain === 'amberstrict' ? '' : undefined;
    if (strict !== undefined && !CONTINUES.test(after.slice(strict.length))) return ['amber+strict'];
    const level = CONTINUES.test(after) ? undefined : parseTlp(word);
    if (level !== undefined) return [level];
    // A sentence about TLP states a level only with a sign, or with the name of a level.
    return sign !== '' || parseTlp(word) !== undefined ? [UNCLEAR] : [];
  });
  return [...new Set(found)];
}

/** Returns the level of a label. A label that states no known level means the strictest one. */
export function strictTlp(level: Tlp | typeof UNCLEAR): Tlp {
  return level === UNCLEAR ? 'red' : level;
}

/** A column for the TLP levels of rows, and one with something else about them. */
const LEVEL_COLUMN = /(?:^|[^a-z0-9])(?:tlp|traffic[ _-]?light)/i;
const LEVEL_COLUMN_IN_CAPITALS = /[a-z0-9]T(?:LP|lp)/;
const NO_LEVEL_COLUMN =
  /(?:version|ur[li]|link|ref(?:erence)?|id|uuid|date|time|created|updated|modified|description|comment|note|_at|_by)$/i;
/** A cell that ends within a label, which the next cells continue where blanks separate the cells. */
const CONTINUED = /(?<![a-z0-9])tlp["'\s:=_([{-]*(?:amber[\s_+-]*)?$/i;
/** Number of cells that a label may have in a list with blanks between the cells: `TLP`, `AMBER`, `+`, `STRICT`. */
const CELLS_OF_LABEL = 4;

/**
 * Returns the strictest level that a row states. Undefined when it states none. Labels count in every cell, such as the
 * tag `tlp:red`, and so does every value in a column whose name begins with TLP. A value without a known level there
 * means the strictest one. `apart` has the columns that are read in another way, in lower case.
 */
export function tlpOfRow(row: Row, apart?: ReadonlySet<string>): Tlp | undefined {
  let strictest: Tlp | undefined;
  const entries = Object.entries(row);
  for (const [i, [name, cell]] of entries.entries()) {
    if (apart?.has(name.toLowerCase()) === true) continue;
    for (const level of [...levelsIn(name, cell), ...labelsIn(cell, () => entries.slice(i + 1, i + CELLS_OF_LABEL))])
      strictest = strictest === undefined ? strictTlp(level) : stricter(strictest, strictTlp(level));
  }
  return strictest;
} // prettier-ignore

/** Returns the levels in a cell of a column that is for levels. */
function levelsIn(column: string, cell: string): readonly (Tlp | typeof UNCLEAR)[] {
  if (!LEVEL_COLUMN.test(column) && !LEVEL_COLUMN_IN_CAPITALS.test(column)) return [];
  const isOther = NO_LEVEL_COLUMN.test(column);
  return cell.split(PARTS).flatMap((part) => {
    const text = part.trim();
    if (text === '' || isNegative(text) || NONE.test(text)) return [];
    return readTlp(text) ?? (isOther ? [] : UNCLEAR);
  });
}

/** Returns the levels of the labels in any cell. */
function labelsIn(
  cell: string,
  next: () => readonly (readonly [string, string])[],
): readonly (Tlp | typeof UNCLEAR)[] {
  const plain = cell.replaceAll(UNSEEN, '').replaceAll('\uff1a', ':');
  if (!/tlp|traffic.?light/i.test(plain)) return [];
  const isContinued = CONTINUED.test(plain.slice(-NEAR));
  const text = isContinued ? [plain, ...next().map(([, one]) => one)].join(' ') : plain;
  // The paths and queries of URLs are none of them.
  const withoutUrls = text.replaceAll(/\S+/g, (word) => (word.includes('://') ? ' ' : word));
  return [...labelsAfter(NAME_IN_ROW, text), ...labelsAfter(SIGNED_NAME, withoutUrls)];
}

/** The level that a source states for all of its entries. */
export interface StatedTlp {
  readonly tlp: Tlp;
  /** The statement that has an unknown level, for which the strictest one is taken. */
  readonly unclear?: string;
}

/** A text with this number of known levels explains them and states none, unless no other text states one. */
const LEGEND = 3;

/**
 * Returns the strictest level that texts of a source state. A legend counts only if no other text states a level. A text
 * with two levels can say that one follows the other at some time, so it counts.
 */
export function statedIn(texts: Iterable<string>): StatedTlp | undefined {
  const found: { readonly text: string; readonly levels: readonly (Tlp | typeof UNCLEAR)[] }[] = [];
  for (const text of texts) {
    const levels = tlpLabelsIn(text);
    if (levels.length > 0) found.push({ text: text.trim().slice(0, 80), levels });
  }
  const own = found.filter(({ levels }) => levels.filter((one) => one !== UNCLEAR).length < LEGEND);
  const counted = own.length === 0 ? found : own;
  const [first, ...rest] = counted.flatMap(({ levels }) => levels.map(strictTlp));
  if (first === undefined) return undefined;
  const unclear = counted.find(({ levels }) => levels.includes(UNCLEAR));
  return { tlp: rest.reduce(stricter, first), ...(unclear === undefined ? {} : { unclear: unclear.text }) };
}
