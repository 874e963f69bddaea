import { parseAllDocuments } from 'yaml';
import { text } from '../../../stix/types.ts';
import { isoTime } from './format.ts';
import type { ObjectFormat } from './object-format.ts';

/** Aliases could make a small text endless. */
const MOST_ALIASES = 50;
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
  const plain = written.replaceAll('\r\n', '\n');
  // Directives would apply to the rules of others.
  if (ODD.test(plain) || /^%/m.test(plain)) return undefined;
  const parts = plain.split(/^(?:---|\.\.\.)(?:[ \t]*#.*|[ \t]*)$/m).map((part) => part.trimEnd());
  const rules = parts.filter((part) => /^[^\s#]/m.test(part));
  return rules.length > 0 && rules.every(isRule) ? rules : undefined;
}

function isRule(written: string): boolean {
  try {
    const documents = parseAllDocuments(written, { version: '1.2', uniqueKeys: true });
    const [only, ...others] = 'empty' in documents ? [] : documents;
    if (only === undefined || others.length > 0 || only.errors.length + only.warnings.length > 0)
      return false;
    const rule: unknown = only.toJS({ maxAliasCount: MOST_ALIASES });
    if (!isMap(rule) || typeof rule['title'] !== 'string') return false;
    const { logsource, detection, correlation } = rule;
    return isMap(correlation) || (isMap(logsource) && isMap(detection) && 'condition' in detection);
  } catch {
    return false;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
