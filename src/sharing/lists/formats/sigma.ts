import { isScalar, parseAllDocuments, visit, type Document } from 'yaml';
import { text } from '../../../stix/types.ts';
import { isoTime } from './format.ts';
import type { ObjectFormat } from './object-format.ts';

/** Aliases could make a small text endless. */
const MOST_ALIASES = 50;
/** Maximum number of characters. Reading a longer text would keep the process from its other work. */
const LONGEST_TEXT = 65_536;
/** Characters that end a line for some readers of YAML, or that YAML forbids. */
const ODD = /[^\P{Cc}\t\n]|[\p{Zl}\p{Zp}\ufeff]/u;

/** Sigma rules of indicators, as one YAML file with a document for each rule. */
export const sigma: ObjectFormat = {
  name: 'sigma',
  tools: 'Sigma (sigma-cli and SIEMs that import Sigma rules)',
  media: 'application/yaml',
  acts: 'detect',
  carries: ['pattern'],
  usual: ['pattern'],
  patterns: 'sigma',
  head: ({ name, lines, changed }) =>
    `# Talanoa list ${name}, ${lines} indicators, changed ${isoTime(changed)}\n`,
  writer: () => ({
    take: ({ object }) => {
      const rules = rulesOf(text(object, 'pattern') ?? '');
      return rules?.map((rule) => `---\n# ${text(object, 'id') ?? ''}\n${rule}\n`).join('');
    },
    end: () => '',
  }),
};

/** Returns the rules of a text, as YAML documents without separators. Undefined if any of them is not a Sigma rule. */
function rulesOf(written: string): readonly string[] | undefined {
  if (written.length > LONGEST_TEXT) return undefined;
  const plain = written.replaceAll('\r\n', '\n');
  // Directives would apply to the rules of others.
  if (ODD.test(plain) || /^%/m.test(plain)) return undefined;
  const parts = plain.split(/^(?:---|\.\.\.)(?:[ \t]*#.*|[ \t]*)$/m).map((part) => part.trimEnd());
  const rules = parts.filter((part) => /^[^\s#]/m.test(part));
  return rules.length > 0 && rules.every(isRule) ? rules : undefined;
}

function isRule(written: string): boolean {
  try {
    const documents = parseAllDocuments(written, { version: '1.2', uniqueKeys: false });
    const [only, ...others] = 'empty' in documents ? [] : documents;
    if (only === undefined || others.length > 0 || only.errors.length + only.warnings.length > 0)
      return false;
    if (!hasUniqueKeys(only)) return false;
    const rule: unknown = only.toJS({ maxAliasCount: MOST_ALIASES });
    if (!isMap(rule) || typeof rule['title'] !== 'string') return false;
    const { logsource, detection, correlation } = rule;
    return isMap(correlation) || (isMap(logsource) && isMap(detection) && 'condition' in detection);
  } catch {
    return false;
  }
}

/** The library compares each key with all others of its map, which takes minutes for maps with many keys. */
function hasUniqueKeys(document: Document): boolean {
  let isUnique = true;
  visit(document, {
    Map: (_key, { items }) => {
      const keys = items.map(({ key }) => (isScalar(key) ? `${typeof key.value} ${String(key.value)}` : ''));
      if (!keys.includes('') && new Set(keys).size === keys.length) return undefined;
      isUnique = false;
      return visit.BREAK;
    },
  });
  return isUnique;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
