import { parseTlp, stricter, type Tlp } from '../stix/markings.ts';
import { SEVERAL, type Row } from './template.ts';

/** The name of the protocol, after which a level may follow. */
const NAME = /(?<![a-z0-9])(?:tlp|traffic[ -]?light[ -]?protocol)/gi;
/** The text between the name and the level: the version of the protocol, punctuation, and a sign. */
const BETWEEN =
  /^(?:\s*\(tlp\))?(?:[ -]?v?[12](?:\.0)?(?!\d))?["'\s_()[\]*{}<>-]*(?:(?:is|level|label|marking|colou?r)(?!\p{L})["'\s_()*-]*)?([:=]*)["'\s_()[\]*{}<>`-]*/iu;
const STRICT = /^(?:\s*\+\s*|[\s_&-]+(?:and\s+)?|)strict(?!\p{L})/iu;
/** Characters that continue a level, which is then another one. */
const CONTINUES = /^[+/\p{L}\p{N}]/u;
/** Maximum number of characters of a text that are looked at, and of those after a name. */
const LONGEST = 2_000;
const NEAR = 80;

/** Separate the tags of a cell. */
const PARTS = new RegExp(`[${SEVERAL},;|]`);

/** A label whose level is not one of TLP. */
export const UNCLEAR = 'unclear';

/**
 * Reads a TLP label as people and programs write it, with or without the word TLP: `TLP:AMBER+STRICT`, `amber-strict`,
 * `TLP RED`, `white`. Undefined for any other text.
 */
export function readTlp(text: string): Tlp | undefined {
  const plain = text.trim().replaceAll(/^["'([<]+|["')\]>.]+$/g, '');
  const known = parseTlp(plain);
  if (known !== undefined) return known;
  const [level, ...others] = tlpLabelsIn(/^(?:tlp|traffic)/i.test(plain) ? plain : `TLP:${plain}`);
  return level === UNCLEAR || others.length > 0 ? undefined : level;
}

/** Returns the different levels of the TLP labels in a text. A text that only mentions TLP has none. */
export function tlpLabelsIn(text: string): readonly (Tlp | typeof UNCLEAR)[] {
  const beginning = text.slice(0, LONGEST);
  const found = [...beginning.matchAll(NAME)].flatMap(
    ({ 0: name, index }): readonly (Tlp | typeof UNCLEAR)[] => {
      const behind = beginning.slice(index + name.length, index + name.length + NEAR);
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
    },
  );
  return [...new Set(found)];
}

/** Returns the level of a label. A label that states no known level means the strictest one. */
export function strictTlp(level: Tlp | typeof UNCLEAR): Tlp {
  return level === UNCLEAR ? 'red' : level;
}

/** A tag or cell that is a TLP label. */
const IS_LABEL = /^["'([{<\s]*(?:tlp|traffic[ -]light)(?![a-z])/i;

/** Returns the strictest level of the cells and tags of a row that are TLP labels. Undefined when it has none. */
export function tlpOfRow(row: Row): Tlp | undefined {
  let strictest: Tlp | undefined;
  for (const cell of Object.values(row)) {
    if (!/tlp|traffic.light/i.test(cell)) continue;
    for (const part of cell.split(PARTS))
      for (const level of IS_LABEL.test(part) ? tlpLabelsIn(part) : [])
        strictest = strictest === undefined ? strictTlp(level) : stricter(strictest, strictTlp(level));
  }
  return strictest;
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
