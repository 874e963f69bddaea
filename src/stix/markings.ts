import type { StixTypes } from './schema-types.ts';
import { text, texts, type StixId, type StixObject } from './types.ts';

/** TLP 2.0 levels from the least to the most strict (FIRST, August 2022). WHITE of TLP 1.0 is CLEAR. */
export const TLP_LEVELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLP_LEVELS)[number];

/** Returns the position of a level. A higher number is stricter. */
export function rankOf(tlp: Tlp): number {
  return TLP_LEVELS.indexOf(tlp);
}

/** Returns the level at a position. */
export function tlpOf(rank: number): Tlp {
  const label = TLP_LEVELS[rank];
  if (label === undefined) throw new Error(`${rank} is not a TLP rank`);
  return label;
}

/** Returns the stricter of two levels. */
export function stricter(a: Tlp, b: Tlp): Tlp {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** Reads a label in any of its spellings: `TLP:AMBER+STRICT`, `amber`, `white`. Undefined for any other text. */
export function parseTlp(label: string): Tlp | undefined {
  const plain = label
    .trim()
    .toLowerCase()
    .replace(/^tlp:\s*/, '');
  const level = plain === 'white' ? 'clear' : plain;
  return TLP_LEVELS.find((known) => known === level);
}

/** Returns a label as people write it: `TLP:AMBER+STRICT`. */
export function tlpLabel(tlp: Tlp): string {
  return `TLP:${tlp.toUpperCase()}`;
}

/** Extension with the TLP 2.0 level of a marking-definition (OASIS common objects). */
export const TLP2_EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
const ACS_EXTENSION = 'extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce';
const IEP_EXTENSION = 'extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a';

const TLP2_IDS: Readonly<Record<Tlp, StixId>> = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487' as StixId,
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb' as StixId,
  amber: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421' as StixId,
  'amber+strict': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003' as StixId,
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1' as StixId,
};

/** Ids that stand for a level on their own, even if their definition is unknown. No other definition may use them. */
const FIXED: ReadonlyMap<string, Tlp> = new Map<string, Tlp>([
  ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
  ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
  // Not part of the standard: the AMBER+STRICT marking that OpenCTI and its connectors use.
  ['marking-definition--826578e1-40ad-459f-bc73-ede076f81f37', 'amber+strict'],
  ...TLP_LEVELS.map((level) => [TLP2_IDS[level], level] as const),
]);

/** Returns the level of a reserved marking id. Undefined for any other id. */
export function fixedTlp(markingId: string): Tlp | undefined {
  return FIXED.get(markingId);
}

/** Returns the strictest level that an object states with reserved marking ids. Undefined if it states none. */
export function markedTlp(object: StixObject): Tlp | undefined {
  const levels = texts(object, 'object_marking_refs').flatMap((ref) => fixedTlp(ref) ?? []);
  return levels.toSorted((a, b) => rankOf(b) - rankOf(a))[0];
}

/** Returns the id of the TLP 2.0 marking-definition of a level. */
export function tlpMarkingId(tlp: Tlp): StixId {
  return TLP2_IDS[tlp];
}

/**
 * Returns the TLP 2.0 marking-definition of a level, as published by OASIS. It is sent along with the objects that
 * refer to it.
 */
export function tlpMarking(tlp: Tlp): StixTypes['marking-definition'] {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: TLP2_IDS[tlp],
    created: '2022-10-01T00:00:00.000Z',
    name: tlpLabel(tlp),
    extensions: { [TLP2_EXTENSION]: { extension_type: 'property-extension', tlp_2_0: tlp } },
  };
}

/**
 * Levels of the Permissible Actions Protocol (PAP) from the least to the most strict. They define what readers may do with
 * a value.
 */
export const PAP_LEVELS = ['clear', 'green', 'amber', 'red'] as const;
export type Pap = (typeof PAP_LEVELS)[number];

/** The fields of a FIRST IEP 2.0 policy that the hub enforces. */
export interface Iep {
  readonly tlp: Tlp | undefined;
  /** Start and end of the policy, in milliseconds since 1970. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** `encrypt_in_transit` is "must". */
  readonly isEncrypted: boolean;
  /** `permitted_actions` is "none" or "contact-for-instruction". No tool may act on the object automatically. */
  readonly isActedOn: boolean;
  /** `attribution` is "must-not". */
  readonly isAnonymous: boolean;
}

/** The handling that a marking definition requires. */
export type Marking =
  | { readonly family: 'tlp'; readonly tlp: Tlp }
  | { readonly family: 'pap'; readonly pap: Pap }
  | { readonly family: 'iep'; readonly iep: Iep }
  | { readonly family: 'statement' | 'ais' | 'unknown' };

/** Reads a marking-definition object. A reserved id takes precedence over the content. */
export function readMarking(definition: StixObject): Marking {
  const fixed = fixedTlp(text(definition, 'id') ?? '');
  if (fixed !== undefined) return { family: 'tlp', tlp: fixed };
  const stated = statedTlp(definition);
  if (stated !== undefined) return { family: 'tlp', tlp: stated };
  const extensions = recordOf(definition['extensions']);
  if (extensions !== undefined) {
    if (ACS_EXTENSION in extensions) return { family: 'ais' };
    return IEP_EXTENSION in extensions
      ? iepMarking(recordOf(extensions[IEP_EXTENSION]) ?? {})
      : { family: 'unknown' };
  }
  const inner = recordOf(definition['definition']) ?? {};
  const type = text(definition, 'definition_type') ?? '';
  switch (type.toLowerCase()) {
    case 'statement':
      // MISP writes a PAP level as a statement. The whole text must be the label.
      return typeof inner['statement'] === 'string' && /^\s*PAP:/i.test(inner['statement'])
        ? papMarking(inner['statement'])
        : { family: 'statement' };
    case 'pap':
      return papMarking(inner['pap'] ?? inner['PAP'] ?? definition['name']);
    case 'iep':
      return iepMarking(inner);
    case 'ais':
      return { family: 'ais' };
    default:
      return /^PAP:/i.test(type) ? papMarking(type) : { family: 'unknown' };
  }
}

/** A level that the protocol does not define makes the marking unknown. */
function papMarking(label: unknown): Marking {
  const plain = (typeof label === 'string' ? label : '')
    .trim()
    .toLowerCase()
    .replace(/^pap:\s*/, '');
  const pap = PAP_LEVELS.find((level) => level === (plain === 'white' ? 'clear' : plain));
  return pap === undefined ? { family: 'unknown' } : { family: 'pap', pap };
}

/**
 * Reads a policy of FIRST IEP 2.0 in any spelling of its names (`encrypt_in_transit`, `ENCRYPT IN TRANSIT`). The
 * marking is unknown when no field is known or a value cannot be interpreted.
 */
function iepMarking(given: Readonly<Record<string, unknown>>): Marking {
  const nested = recordOf(given['iep']) ?? recordOf(given['iep_2_0']) ?? given;
  // Every field has a text value.
  const fields = new Map(
    Object.entries(nested)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        name
          .toLowerCase()
          .replaceAll(/[ -]+/g, '_')
          .replace(/^iep_(?!version)/, ''),
        typeof value === 'string' ? value.trim().toLowerCase() : 'unread',
      ]),
  );
  const one = (name: string, ...known: readonly string[]): string | undefined => {
    const value = fields.get(name)?.replaceAll(/[ _]+/g, '-');
    return value === undefined || known.includes(value) ? value : 'unread';
  };
  const date = (name: string): number | undefined => {
    const value = fields.get(name);
    return value === undefined ? undefined : Date.parse(value);
  };
  const encrypt = one('encrypt_in_transit', 'must', 'may');
  const actions = one('permitted_actions', 'none', 'contact-for-instruction', 'internally-visible-actions', 'externally-visible-indirect-actions', 'externally-visible-direct-actions'); // prettier-ignore
  const attribution = one('attribution', 'may', 'must', 'must-not');
  const label = fields.get('tlp');
  const tlp = label === undefined ? undefined : parseTlp(label);
  const [start, end] = [date('start_date'), date('end_date')];
  const isKnown = ['tlp', 'permitted_actions', 'encrypt_in_transit', 'attribution', 'start_date', 'end_date'].some((name) => fields.has(name)); // prettier-ignore
  const isUnread =
    [encrypt, actions, attribution].includes('unread') ||
    (label !== undefined && tlp === undefined) ||
    Number.isNaN(start) ||
    Number.isNaN(end);
  if (!isKnown || isUnread) return { family: 'unknown' };
  return {
    family: 'iep',
    iep: {
      tlp,
      start,
      end,
      isEncrypted: encrypt === 'must',
      isActedOn: actions !== 'none' && actions !== 'contact-for-instruction',
      isAnonymous: attribution === 'must-not',
    },
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Returns the TLP level in the content of a marking-definition, whatever its id. */
export function statedTlp(definition: StixObject): Tlp | undefined {
  const level = recordOf(recordOf(definition['extensions'])?.[TLP2_EXTENSION])?.['tlp_2_0'];
  if (typeof level === 'string') return parseTlp(level);
  const type = text(definition, 'definition_type');
  if (type === undefined) return undefined;
  const inner = recordOf(definition['definition']);
  if (type.toLowerCase() === 'tlp' && typeof inner?.['tlp'] === 'string') return parseTlp(inner['tlp']);
  // A statement whose whole text is a TLP label means that level.
  if (type === 'statement' && typeof inner?.['statement'] === 'string' && /^TLP:/i.test(inner['statement'])) {
    return parseTlp(inner['statement']);
  }
  return /^TLP:/i.test(type) ? parseTlp(type) : undefined;
}

/** The facts about an object that decide who may receive it, read once from its text. */
export interface MarkingFacts {
  /** The strictest TLP level in its markings, the markings of its parts, and its labels. Undefined when it has none. */
  readonly tlp: Tlp | undefined;
  /** Strictest PAP level. */
  readonly pap: Pap | undefined;
  readonly iep: readonly Iep[];
  /** Markings that the hub cannot enforce. */
  readonly families: ReadonlySet<'ais' | 'unknown'>;
  /** Ids of markings whose definition the hub does not have. */
  readonly missing: readonly string[];
  /** The object names its creator. */
  readonly isAttributed: boolean;
}

/** Returns the meaning of a marking id. Undefined when the hub does not have its definition. */
export type MarkingLookup = (markingId: string) => Marking | undefined;

/**
 * Matches a label that is a TLP word, in the spellings that producers use: `TLP:AMBER+STRICT`, `tlp-white`,
 * `tlp="green"`.
 */
const TLP_WORD =
  /^\s*tlp\s*[:=_\-\s]\s*["']?\s*(white|clear|green|amber|red|amber[\s+_-]*strict)\s*["']?\s*$/i;

/** Returns the strictest TLP in `labels`. Producers that cannot create markings write it there. */
function tlpOfLabels(object: StixObject): Tlp | undefined {
  let tlp: Tlp | undefined;
  const labels = [object, ...embeddedObjects(object)].flatMap((part) => texts(part, 'labels'));
  for (const label of labels) {
    const word = label.length > 60 ? undefined : TLP_WORD.exec(label)?.[1]?.toLowerCase();
    if (word === undefined) continue;
    const level = parseTlp(/^amber.*strict$/.test(word) ? 'amber+strict' : word);
    if (level !== undefined) tlp = stricter(tlp ?? level, level);
  }
  return tlp;
}

const NO_FAMILIES: ReadonlySet<'ais' | 'unknown'> = new Set();
const UNMARKED: MarkingFacts = {
  tlp: undefined,
  pap: undefined,
  iep: [],
  families: NO_FAMILIES,
  missing: [],
  isAttributed: false,
};

/**
 * Returns the marking facts of an object. The hub always sends whole objects, so a marking of a part applies to the
 * whole object.
 */
export function markingFacts(object: StixObject, lookup: MarkingLookup): MarkingFacts {
  const refs = markingRefs(object);
  let tlp = tlpOfLabels(object);
  if (refs.length === 0) return tlp === undefined ? UNMARKED : { ...UNMARKED, tlp };
  let pap: Pap | undefined;
  let families: Set<'ais' | 'unknown'> | undefined;
  const iep: Iep[] = [];
  const missing: string[] = [];
  for (const ref of refs) {
    const fixed = fixedTlp(ref);
    const marking: Marking | undefined = fixed === undefined ? lookup(ref) : { family: 'tlp', tlp: fixed };
    if (marking === undefined) {
      missing.push(ref);
      continue;
    }
    switch (marking.family) {
      case 'tlp':
        tlp = stricter(tlp ?? marking.tlp, marking.tlp);
        break;
      case 'pap':
        if (pap === undefined || PAP_LEVELS.indexOf(marking.pap) > PAP_LEVELS.indexOf(pap)) pap = marking.pap;
        break;
      case 'iep':
        iep.push(marking.iep);
        if (marking.iep.tlp !== undefined) tlp = stricter(tlp ?? marking.iep.tlp, marking.iep.tlp);
        break;
      case 'statement':
        break;
      default:
        (families ??= new Set()).add(marking.family);
    }
  }
  const isAttributed = object['created_by_ref'] !== undefined;
  return { tlp, pap, iep, families: families ?? NO_FAMILIES, missing, isAttributed };
}

/**
 * Returns the ids of the markings of an object and of its parts, without duplicates. The observables inside an
 * `observed-data` (STIX 2.0 §2.7, and `objects` of 2.1) are parts of it.
 */
export function markingRefs(object: StixObject): readonly string[] {
  const embedded = embeddedObjects(object);
  const own = ownMarkingRefs(object);
  return embedded.length === 0 ? own : [...new Set([...own, ...embedded.flatMap(ownMarkingRefs)])];
}

function ownMarkingRefs(object: StixObject): readonly string[] {
  const refs = texts(object, 'object_marking_refs');
  const parts = object['granular_markings'];
  if (!Array.isArray(parts)) return refs;
  const ofParts = parts.flatMap((part: unknown) => {
    const ref = recordOf(part)?.['marking_ref'];
    return typeof ref === 'string' ? [ref] : [];
  });
  return [...new Set([...refs, ...ofParts])];
}

/** Returns the observables that an `observed-data` contains. Other objects contain none. */
function embeddedObjects(object: StixObject): readonly StixObject[] {
  if (object['type'] !== 'observed-data') return [];
  return Object.values(recordOf(object['objects']) ?? {}).flatMap(
    (value) => recordOf(value) ?? [],
  ) as readonly StixObject[];
}
