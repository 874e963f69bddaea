import type { StixTypes } from './schema-types.ts';
import { text, texts, type StixId, type StixObject } from './types.ts';

/** TLP 2.0 labels from the loosest to the strictest (FIRST, August 2022). TLP 1.0 WHITE is CLEAR. */
export const TLP_LEVELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLP_LEVELS)[number];

/** Position of a label: a higher number is stricter. */
export function rankOf(tlp: Tlp): number {
  return TLP_LEVELS.indexOf(tlp);
}

/** The label at a position. */
export function tlpOf(rank: number): Tlp {
  const label = TLP_LEVELS[rank];
  if (label === undefined) throw new Error(`${rank} is no TLP rank`);
  return label;
}

/** The stricter of two labels. */
export function stricter(a: Tlp, b: Tlp): Tlp {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** Reads a label in any of its spellings: `TLP:AMBER+STRICT`, `amber`, `white`. */
export function parseTlp(label: string): Tlp | undefined {
  const plain = label
    .trim()
    .toLowerCase()
    .replace(/^tlp:\s*/, '');
  const level = plain === 'white' ? 'clear' : plain;
  return TLP_LEVELS.find((known) => known === level);
}

/** A label as people write it: `TLP:AMBER+STRICT`. */
export function tlpLabel(tlp: Tlp): string {
  return `TLP:${tlp.toUpperCase()}`;
}

/** Extension that carries a TLP 2.0 level in a marking-definition (OASIS common objects). */
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

/** Ids that name a level by themselves, wherever their definition is. They are reserved (security.md R-036). */
const FIXED: ReadonlyMap<string, Tlp> = new Map<string, Tlp>([
  ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
  ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
  // Not of the standard: the AMBER+STRICT that OpenCTI and its connectors use.
  ['marking-definition--826578e1-40ad-459f-bc73-ede076f81f37', 'amber+strict'],
  ...TLP_LEVELS.map((level) => [TLP2_IDS[level], level] as const),
]);

/** The level that a reserved marking id stands for. */
export function fixedTlp(markingId: string): Tlp | undefined {
  return FIXED.get(markingId);
}

/** Id of the TLP 2.0 marking-definition of a level. */
export function tlpMarkingId(tlp: Tlp): StixId {
  return TLP2_IDS[tlp];
}

/** The TLP 2.0 marking-definition of a level, as OASIS publishes it. It travels with the objects that name it. */
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

/** What a marking-definition says about handling. */
export type Marking =
  | { readonly family: 'tlp'; readonly tlp: Tlp }
  | { readonly family: 'statement' | 'pap' | 'iep' | 'ais' | 'unknown' };

/** Reads a marking-definition object. By its reserved id first, then by content (sharing.md 6.2). */
export function readMarking(definition: StixObject): Marking {
  const fixed = fixedTlp(text(definition, 'id') ?? '');
  if (fixed !== undefined) return { family: 'tlp', tlp: fixed };
  const stated = statedTlp(definition);
  if (stated !== undefined) return { family: 'tlp', tlp: stated };
  const extensions = definition['extensions'];
  if (typeof extensions === 'object' && extensions !== null) {
    if (ACS_EXTENSION in extensions) return { family: 'ais' };
    if (IEP_EXTENSION in extensions) return { family: 'iep' };
    return { family: 'unknown' };
  }
  switch (text(definition, 'definition_type')?.toLowerCase()) {
    case 'statement':
      return { family: 'statement' };
    case 'pap':
      return { family: 'pap' };
    case 'iep':
      return { family: 'iep' };
    case 'ais':
      return { family: 'ais' };
    default:
      return { family: 'unknown' };
  }
}

/** The TLP level that the content of a marking-definition states, whatever its id. */
export function statedTlp(definition: StixObject): Tlp | undefined {
  const extension = (definition['extensions'] as Record<string, unknown> | undefined)?.[TLP2_EXTENSION];
  const level = (extension as Record<string, unknown> | undefined)?.['tlp_2_0'];
  if (typeof level === 'string') return parseTlp(level);
  const type = text(definition, 'definition_type');
  if (type === undefined) return undefined;
  const inner = definition['definition'] as Record<string, unknown> | undefined;
  if (type.toLowerCase() === 'tlp' && typeof inner?.['tlp'] === 'string') return parseTlp(inner['tlp']);
  // A statement whose whole text is a label means the label.
  if (type === 'statement' && typeof inner?.['statement'] === 'string' && /^TLP:/i.test(inner['statement'])) {
    return parseTlp(inner['statement']);
  }
  return /^TLP:/i.test(type) ? parseTlp(type) : undefined;
}

/** Everything about an object that decides who may have it, read once from its text. */
export interface MarkingFacts {
  /** Strictest TLP of its markings; undefined when it names none. */
  readonly tlp: Tlp | undefined;
  /** Markings of families that restrict use beyond TLP. */
  readonly families: ReadonlySet<'pap' | 'iep' | 'ais' | 'unknown'>;
  /** Ids of markings whose definition the hub does not have. */
  readonly missing: readonly string[];
  /** Parts of it are marked apart (`granular_markings` with a marking_ref). */
  readonly granular: boolean;
}

/** Looks up what a marking id means; undefined when its definition is not here. */
export type MarkingLookup = (markingId: string) => Marking | undefined;

const NO_FAMILIES: ReadonlySet<'pap' | 'iep' | 'ais' | 'unknown'> = new Set();
const UNMARKED: MarkingFacts = { tlp: undefined, families: NO_FAMILIES, missing: [], granular: false };

/** The marking facts of an object (sharing.md 6.3). A marking-definition that carries a TLP level is itself free. */
export function markingFacts(object: StixObject, lookup: MarkingLookup): MarkingFacts {
  const refs = texts(object, 'object_marking_refs');
  const granular =
    Array.isArray(object['granular_markings']) &&
    object['granular_markings'].some(
      (part: unknown) => typeof part === 'object' && part !== null && 'marking_ref' in part,
    );
  if (refs.length === 0 && !granular) return UNMARKED;
  let tlp: Tlp | undefined;
  let families: Set<'pap' | 'iep' | 'ais' | 'unknown'> | undefined;
  const missing: string[] = [];
  for (const ref of refs) {
    const fixed = fixedTlp(ref);
    const marking: Marking | undefined = fixed === undefined ? lookup(ref) : { family: 'tlp', tlp: fixed };
    if (marking === undefined) missing.push(ref);
    else if (marking.family === 'tlp') tlp = tlp === undefined ? marking.tlp : stricter(tlp, marking.tlp);
    else if (marking.family !== 'statement') (families ??= new Set()).add(marking.family);
  }
  return { tlp, families: families ?? NO_FAMILIES, missing, granular };
}
