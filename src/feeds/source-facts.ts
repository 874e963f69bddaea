import type { FeedDocument } from '../config/settings.ts';
import type { Tlp } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import type { ValueType } from '../stix/values/read-value.ts';
import { isPlaceholder, type Reference } from './findings.ts';

/** Information that a source states in addition to the value. Times are in milliseconds since 1970. */
export interface SourceFacts {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly validFrom?: number | undefined;
  readonly lastSeen?: number | undefined;
  readonly validUntil?: number | undefined;
  readonly labels?: readonly string[];
  readonly confidence?: number | undefined;
  readonly country?: string | undefined;
  readonly validFor?: string | undefined;
  readonly indicatorTypes?: readonly string[] | undefined;
  readonly malware?: string | undefined;
  readonly gone?: boolean | undefined;
  readonly tlp?: Tlp | undefined;
  readonly references?: readonly Reference[];
}

/** A statement with the times at which the source created and changed it. */
export interface Published extends SourceFacts {
  readonly created?: number | undefined;
  readonly modified?: number | undefined;
}

/** An observation with its values. The first value is the subject, and the others add detail. */
export interface Seen extends SourceFacts {
  readonly values: readonly { readonly raw: string; readonly type: ValueType }[];
  readonly traffic?: {
    readonly source?: string | undefined;
    readonly sourcePort?: string | undefined;
    readonly destination?: string | undefined;
    readonly destinationPort?: string | undefined;
    readonly protocol?: string | undefined;
  };
  readonly count?: number | undefined;
  readonly vulnerabilities?: readonly string[];
}

/** A report that connects other findings: an advisory, an event, a post. */
export interface Reported extends Published {
  /** Identifies the same report in later runs. */
  readonly key: string;
  readonly published: number | undefined;
  readonly types?: readonly string[];
  readonly refs?: readonly string[];
  readonly beside?: readonly StixObject[];
  readonly vulnerabilities?: readonly string[];
  readonly binds?: boolean;
}

const LONGEST_LABEL = 250;
/** Maximum number of labels of an object. A source may repeat its labels in every object. */
const MOST_LABELS = 250;
export const LONGEST_NAME = 1_000;
export const LONGEST_TEXT = 20_000;

/** Returns a confidence, at most the maximum of its feed. */
export function confidenceIn({ defaults }: FeedDocument, value: number): number {
  return Math.min(defaults.max_confidence ?? 100, 100, value);
}

/** Words that sources write into a column without a value. */
const NO_LABEL =
  /^(?:n\/?a|n\.a\.?|none|null|nil|nan|undefined|unknown|not available|not applicable|[-\u2013\u2014?.*]+)$/i;

/** Returns the labels of a statement, and further ones of its value, in their stored form. */
export function labelsOf(
  { labels = [], country }: SourceFacts,
  own: readonly string[] = [],
): readonly string[] {
  const code = country?.toUpperCase();
  return distinct(
    [...labels, ...own, ...(code !== undefined && /^[A-Z]{2}$/.test(code) ? [`country:${code}`] : [])]
      .map((label) => label.trim().slice(0, LONGEST_LABEL))
      .filter((label) => label !== '' && !NO_LABEL.test(label)),
  ).slice(0, MOST_LABELS);
}

/** Returns a name. Undefined for a placeholder. */
export function nameIn(text: string | undefined): string | undefined {
  return text === undefined || isPlaceholder(text) ? undefined : text;
}

/** Returns the property for labels. Empty without any. */
export function labelled(labels: readonly string[]): { readonly labels?: readonly string[] } {
  return labels.length === 0 ? {} : { labels };
}

/** Returns the property for references. Empty without any. */
export function referring(references: readonly Reference[] | undefined): {
  readonly external_references?: readonly Reference[];
} {
  return references === undefined || references.length === 0
    ? {}
    : { external_references: distinct(references) };
}

/** Returns the texts that are not empty, shortened to a readable length. */
export function textsOf(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined || text === '' || NO_LABEL.test(text.trim())
        ? []
        : [[name, text.slice(0, LONGEST_TEXT)]],
    ),
  );
}

/** Returns the items without repetitions. */
export function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
