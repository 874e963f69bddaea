import { stricter, type Tlp } from '../../stix/markings.ts';
import { isPlaceholder } from '../findings.ts';
import type { Node } from '../node.ts';
import { strictTlp, tlpLabelsIn } from '../stated-tlp.ts';

/** Confidence of the analyst, from MISP's own taxonomy. */
const CONFIDENCE: Readonly<Record<string, number>> = {
  'completely-confident': 100, 'usually-confident': 75, 'fairly-confident': 50, 'rarely-confident': 25, unconfident: 0,
}; // prettier-ignore

/** The STIX type for the clusters of each galaxy. */
const GALAXIES: Readonly<Record<string, 'malware' | 'threat-actor' | 'intrusion-set' | 'tool' | 'technique'>> = {
  'threat-actor': 'threat-actor', 'mitre-intrusion-set': 'intrusion-set', 'microsoft-activity-group': 'threat-actor',
  malpedia: 'malware', 'mitre-malware': 'malware', ransomware: 'malware', rat: 'malware', banker: 'malware',
  botnet: 'malware', stealer: 'malware', backdoor: 'malware', 'mitre-tool': 'tool', tool: 'tool',
  'mitre-attack-pattern': 'technique',
}; // prettier-ignore

/** Maximum number of tags that are read of a part of an event. Of further ones, only the TLP level counts. */
const MOST_TAGS = 200;

/** Distributions of MISP that let the events of an instance go to others: communities, or everybody. */
const OPEN = new Set(['1', '2', '3']);
/** The distribution of the event applies. */
const INHERITED = '5';

/**
 * Returns the label of a distribution that does not let others have a part of an event: 0 is the creator of the event, 4 a
 * sharing group. Undefined for a part that others may have if they may have the event.
 */
export function restrictionOf(node: Node): string | undefined {
  const word = node.at('distribution').text;
  if (word === undefined || OPEN.has(word) || word === INHERITED) return undefined;
  return word === '0'
    ? 'misp-distribution:own-organisation'
    : word === '4'
      ? `misp-distribution:sharing-group`
      : 'misp-distribution:unknown';
}

/** A tag with a TLP level, as taxonomies and people write it. */
const IS_TLP = /^tlp(?![a-z])/i;

/** The tags of a part of an event, as far as they are read, and the strictest TLP level among all of them. */
export interface Marks {
  readonly tags: readonly string[];
  readonly tlp: Tlp | undefined;
}

export function marksOf(node: Node): Marks {
  const tags = node.all('Tag').flatMap((tag) => tag.at('name').text ?? []);
  // A tag with a level that the hub does not know must not make the rest of the event less strict.
  const levels = tags
    .filter((tag) => IS_TLP.test(tag))
    .flatMap((tag) => tlpLabelsIn(tag))
    .map(strictTlp);
  return { tags: tags.slice(0, MOST_TAGS), tlp: strictest(levels) };
}

export function strictest(levels: readonly Tlp[]): Tlp | undefined {
  return levels.length === 0 ? undefined : levels.reduce(stricter);
}

export function labelsOf(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => !IS_TLP.test(tag) && !/^(?:misp-galaxy:|talanoa:)/i.test(tag));
}

/** Returns the confidence in tags: the exact number, if a hub like this one wrote it, or the step of MISP's scale. */
export function confidenceOf(tags: readonly string[]): number | undefined {
  for (const tag of tags) {
    const number = Number(/^talanoa:confidence="(\d{1,3})"$/i.exec(tag)?.[1]);
    if (number <= 100) return number;
  }
  for (const tag of tags) {
    const word = /^misp:confidence-level="([a-z-]+)"$/i.exec(tag)?.[1]?.toLowerCase() ?? '';
    if (Object.hasOwn(CONFIDENCE, word)) return CONFIDENCE[word];
  }
  return undefined;
}

/** Returns the galaxy clusters among tags: `misp-galaxy:threat-actor="Name"`. */
export function clustersOf(tags: readonly string[]): readonly {
  readonly as: 'malware' | 'threat-actor' | 'intrusion-set' | 'tool' | 'technique';
  readonly name: string;
  readonly technique?: string;
}[] {
  return tags.flatMap((tag) => {
    const [, galaxy = '', cluster = ''] = /^misp-galaxy:([a-z0-9-]+)="(.+)"$/i.exec(tag) ?? [];
    const as = Object.hasOwn(GALAXIES, galaxy) ? GALAXIES[galaxy] : undefined;
    if (as === undefined || isPlaceholder(cluster)) return [];
    const [, name = cluster, technique] = /^(.+?) - ((?:T|S|G)\d{4}(?:\.\d{3})?)$/.exec(cluster) ?? [];
    return [{ as, name, ...(technique === undefined ? {} : { technique }) }];
  });
}
