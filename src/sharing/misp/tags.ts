import { tlpOf } from '../../stix/markings.ts';

/** MISP's own scale of confidence, and the numbers that the hub reads from it (`feeds/formats/misp.ts`). */
const CONFIDENCE = [
  [88, 'completely-confident'],
  [63, 'usually-confident'],
  [38, 'fairly-confident'],
  [13, 'rarely-confident'],
  [0, 'unconfident'],
] as const;
const LONGEST_TAG = 250;
const MOST_LABELS = 20;

/** Returns the TLP tag of a rank. */
export function tlpTag(rank: number): string {
  return `tlp:${tlpOf(rank)}`;
}

/** Returns the tags of a confidence: the nearest step of MISP's scale, and the exact number for readers that know it. */
export function confidenceTags(confidence: number | undefined): readonly string[] {
  if (confidence === undefined) return [];
  const step = CONFIDENCE.find(([least]) => confidence >= least)?.[1] ?? 'unconfident';
  return [`misp:confidence-level="${step}"`, `talanoa:confidence="${confidence}"`];
}

/** Returns labels as tags. TLP and PAP levels come from the markings only. */
export function labelTags(labels: readonly string[]): readonly string[] {
  const plain = labels.map((label) => label.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim());
  return [...new Set(plain)]
    .filter((label) => label !== '' && label.length <= LONGEST_TAG)
    .filter(
      (label) => !/^\s*(?:tlp|pap)\s*[:=_-]/i.test(label) && !/^(?:misp|misp-galaxy|talanoa):/i.test(label),
    )
    .slice(0, MOST_LABELS);
}
