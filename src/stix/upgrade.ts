import { algorithmLike, vocabulary } from './formats.ts';
import { fixedTlp, tlpLabel } from './markings.ts';
import { PatternError } from './pattern/lexer.ts';
import { parsePattern } from './pattern/parser.ts';
import { printPattern } from './pattern/print.ts';
import { text, type StixObject } from './types.ts';
import type { StixFault } from './validation/fault.ts';
import { errorsOf, validateObject } from './validation/validate.ts';
import { specVersionOf } from './versions.ts';

/**
 * The result of an upgrade from STIX 2.0 to 2.1: the object with notes about what was guessed or left out, or the
 * reason why the upgrade is not possible.
 */
export type Upgraded =
  | { readonly kind: 'upgraded'; readonly object: StixObject; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly faults: readonly StixFault[] };

type Draft = Record<string, unknown>;

/** Types that had their kind in `labels`, with the property that has it now and the vocabulary of that property. */
const TYPES_IN_LABELS: Readonly<Record<string, readonly [string, string]>> = {
  indicator: ['indicator_types', 'indicator-type-ov'],
  malware: ['malware_types', 'malware-type-ov'],
  report: ['report_types', 'report-type-ov'],
  'threat-actor': ['threat_actor_types', 'threat-actor-type-ov'],
  tool: ['tool_types', 'tool-type-ov'],
};

/** Properties of observables that were renamed. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  file: { created: 'ctime', modified: 'mtime', accessed: 'atime' },
  directory: { created: 'ctime', modified: 'mtime', accessed: 'atime' },
  process: { created: 'created_time', binary_ref: 'image_ref' },
  'user-account': { password_last_changed: 'credential_last_changed' },
  'windows-registry-key': { modified: 'modified_time' },
};

/** Properties of observables that were removed. */
const GONE: Readonly<Record<string, readonly string[]>> = {
  file: ['is_encrypted', 'encryption_algorithm', 'decryption_key'],
  process: ['name', 'arguments'],
};

/**
 * Upgrades an object of STIX 2.0 to 2.1. The id stays the same. An object of 2.1 is returned unchanged. The result is
 * always valid 2.1 or a reason, never a partly upgraded object.
 */
export function upgradeObject(object: StixObject): Upgraded {
  const notes: string[] = [];
  const made = specVersionOf(object) === '2.1' ? object : upgraded(object, notes);
  const faults = errorsOf(validateObject(made, { advice: false }));
  return faults.length > 0 ? { kind: 'refused', faults } : { kind: 'upgraded', object: made, notes };
}

function upgraded(object: StixObject, notes: string[]): StixObject {
  const type = text(object, 'type') ?? '';
  const { id, ...rest } = object;
  const draft: Draft = { type, spec_version: '2.1', id, ...rest };
  draft['type'] = type;
  draft['spec_version'] = '2.1';
  moveLabels(draft, type, notes);
  switch (type) {
    case 'indicator':
      upgradePattern(draft, notes);
      break;
    case 'malware':
      if (draft['is_family'] === undefined) {
        draft['is_family'] = true;
        notes.push('is_family was set to true, because STIX 2.0 does not specify it');
      }
      break;
    case 'observed-data':
      if (isObject(draft['objects'])) draft['objects'] = container(draft['objects'], notes);
      break;
    case 'marking-definition': {
      const fixed = fixedTlp(text(object, 'id') ?? '');
      if (fixed !== undefined && draft['name'] === undefined)
        draft['name'] = fixed === 'clear' ? 'TLP:WHITE' : tlpLabel(fixed);
      delete draft['modified'];
      break;
    }
  }
  return draft;
}

function moveLabels(draft: Draft, type: string, notes: string[]): void {
  const [property, vocabularyName] =
    (Object.hasOwn(TYPES_IN_LABELS, type) ? TYPES_IN_LABELS[type] : undefined) ?? [];
  const labels = draft['labels'];
  if (property === undefined || vocabularyName === undefined || !Array.isArray(labels)) return;
  if (draft[property] !== undefined) return;
  const known = vocabulary(vocabularyName);
  const kinds = labels.filter((label) => known.has(String(label)));
  const others = labels.filter((label) => !known.has(String(label)));
  if (kinds.length > 0) draft[property] = kinds;
  if (others.length > 0) draft['labels'] = others;
  else delete draft['labels'];
  if (kinds.length === 0) notes.push(`no label is of ${vocabularyName}, so ${property} is left out`);
}

function upgradePattern(draft: Draft, notes: string[]): void {
  draft['pattern_type'] ??= 'stix';
  const pattern = draft['pattern'];
  if (draft['pattern_type'] !== 'stix' || typeof pattern !== 'string') return;
  try {
    parsePattern(pattern);
    return;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
  }
  try {
    draft['pattern'] = printPattern(parsePattern(pattern, { version: '2.0' }));
    notes.push('the pattern was rewritten in the grammar of STIX 2.1');
  } catch (error) {
    // The check of the whole object reports this fault with its position.
    if (!(error instanceof PatternError)) throw error;
  }
}

function container(objects: Readonly<Draft>, notes: string[]): Draft {
  return Object.fromEntries(
    Object.entries(objects).map(([key, value]) => [key, isObject(value) ? observable(value, notes) : value]),
  );
}

function observable(value: Readonly<Draft>, notes: string[]): Draft {
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  const renamed = Object.hasOwn(RENAMED, type) ? (RENAMED[type] ?? {}) : {};
  const gone = Object.hasOwn(GONE, type) ? (GONE[type] ?? []) : [];
  const draft: Draft = {};
  for (const [name, part] of Object.entries(value)) {
    if (gone.includes(name)) notes.push(`${type}.${name} does not exist in STIX 2.1`);
    else
      draft[Object.hasOwn(renamed, name) ? (renamed[name] ?? name) : name] =
        name === 'hashes' ? hashes(part) : part;
  }
  if (type === 'process' && draft['command_line'] === undefined) {
    const words = [value['name'], ...(Array.isArray(value['arguments']) ? value['arguments'] : [])];
    const line = words.filter((word) => typeof word === 'string').join(' ');
    if (line !== '') draft['command_line'] = line;
  }
  if (type === 'email-message' && isObject(draft['additional_header_fields']))
    draft['additional_header_fields'] = lists(draft['additional_header_fields']);
  if (isObject(draft['extensions'])) draft['extensions'] = extensions(draft['extensions'], notes);
  return draft;
}

function extensions(given: Readonly<Draft>, notes: string[]): Draft {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      if (!isObject(value)) return [key, value];
      const { ...draft } = value;
      const drop = (name: string): void => {
        if (draft[name] === undefined) return;
        delete draft[name];
        notes.push(`${key}.${name} does not exist in STIX 2.1`);
      };
      if (key === 'archive-ext') ['version', 'comment'].forEach(drop);
      if (key === 'socket-ext') drop('protocol_family');
      if (key === 'http-request-ext' && isObject(draft['request_header']))
        draft['request_header'] = lists(draft['request_header']);
      return [key, draft];
    }),
  );
}

/** Converts list values. */
function lists(values: Readonly<Draft>): Draft {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]),
  );
}

/** Returns hashes with the algorithm names of 2.1. Unknown names stay unchanged. */
function hashes(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, hash]) => [algorithmLike(name) ?? name, hash]));
}

function isObject(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
