import { tlpMarkingId, type Tlp } from '../markings.ts';
import { buildPattern, observableName, simpleParts, type Observable } from '../pattern/build.ts';
import { stixTimestamp } from '../timestamps.ts';
import type { PublishableKind } from './publishable-kinds.ts';
import { readValue, type CanonicalValue, type ValueRules } from './read-value.ts';
import { refang } from './refang.ts';
import { urlOf } from '../../kernel/url.ts';
import { stixErrors } from '../errors.ts';

/** The properties that the indicators of one submission share. */
export interface IndicatorDetails {
  readonly tlp: Tlp;
  readonly validDays: number;
  /** The name. Without it, each indicator is named after its value. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The identity that created the indicators. */
  readonly creator?: string | undefined;
  readonly confidence?: number | undefined;
  readonly labels?: readonly string[] | undefined;
  /** URLs of pages about the threat. */
  readonly references?: readonly string[] | undefined;
  /** Time from which the indicators are valid, in milliseconds since 1970. Default: now. */
  readonly validFrom?: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Special addresses and names are always rejected, because nobody should block them. Users who need one anyway send it
 * as STIX.
 */
const RULES: ValueRules = { specialAddresses: new Set(), specialDomains: new Set(), range: true };

const AS_NUMBER = /^AS ?\d+$/i;
/** Two addresses with a hyphen or a dash between them. */
const RANGE = /^([\d.]+|[0-9a-f]*:[0-9a-f:.]+)\s*[-\u2013]\s*([\d.]+|[0-9a-f]*:[0-9a-f:.]+)$/i;

/** A value that a person wants to publish, as it was read. */
export interface ReadForPublishing {
  readonly value: string;
  /** Empty if the value cannot become an indicator. */
  readonly observables: readonly Observable[];
  /** Why the value cannot become an indicator. */
  readonly fault: string | undefined;
}

/** Reads each of the values that a person wants to publish. */
export function readForPublishing(
  values: readonly string[],
  kind: PublishableKind = 'auto',
): readonly ReadForPublishing[] {
  return values.map((value) => {
    try {
      const observables = readPublished(value, kind).map(({ observable }) => observable);
      return { value, observables, fault: undefined };
    } catch (error) {
      return { value, observables: [], fault: error instanceof Error ? error.message : '' };
    }
  });
}

/** People also write AS numbers and ranges of addresses where the format of a value decides. */
function readPublished(value: string, kind: PublishableKind): readonly CanonicalValue[] {
  const plain = refang(value.trim());
  if (kind === 'auto' && AS_NUMBER.test(plain)) return readValue(plain.replace(' ', ''), 'asn', RULES);
  const [, from, to] = RANGE.exec(plain) ?? [];
  if (from !== undefined && to !== undefined && (kind === 'auto' || kind === 'ip'))
    return readValue(`${from}-${to}`, 'ip', RULES);
  return readValue(value, kind, RULES);
}

/** Maximum number of faults that one error names. */
const MOST_FAULTS = 20;

/**
 * Reads values that a person wants to publish. Throws one error that names every value that cannot become an indicator.
 * `placeOf` names the place where a value was given.
 */
export function publishableValues(
  values: readonly string[],
  kind?: PublishableKind,
  placeOf: (index: number) => string = (index) => `Value ${index + 1}`,
): readonly { readonly value: string; readonly observable: Observable }[] {
  const read = readForPublishing(values, kind);
  const faults = read.flatMap(({ value, fault }, i) =>
    fault === undefined ? [] : [`${placeOf(i)}, "${value.slice(0, 100)}": ${fault}.`],
  );
  if (faults.length > 0)
    throw stixErrors.unpublishable(
      { count: faults.length === 1 ? 'A value' : `${faults.length} values` },
      {
        description: [
          ...faults.slice(0, MOST_FAULTS),
          ...(faults.length > MOST_FAULTS ? [`And ${faults.length - MOST_FAULTS} more.`] : []),
        ].join('\n'),
      },
    );
  return read.flatMap(({ value, observables }) => observables.map((observable) => ({ value, observable })));
}

/** An indicator that the hub made of a value. */
export type NewIndicator = ReturnType<typeof indicatorOf>;

/** Makes a new indicator of a value, valid from now on unless its details say otherwise. */
export function indicatorOf(
  observable: Observable,
  details: IndicatorDetails,
  { now, uuid }: { readonly now: number; readonly uuid: string },
) {
  const { tlp, validDays, title, description, creator, confidence, labels = [], references = [] } = details;
  const stamp = stixTimestamp(now);
  const from = details.validFrom ?? now;
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuid}`,
    ...(creator === undefined ? {} : { created_by_ref: creator }),
    created: stamp,
    modified: stamp,
    name: title ?? valueName(observable),
    ...(description === undefined ? {} : { description }),
    indicator_types: ['malicious-activity'],
    pattern: buildPattern(observable),
    pattern_type: 'stix',
    pattern_version: '2.1',
    valid_from: stixTimestamp(from),
    valid_until: stixTimestamp(from + validDays * DAY_MS),
    ...(confidence === undefined ? {} : { confidence }),
    ...(labels.length === 0 ? {} : { labels: [...labels] }),
    ...(references.length === 0
      ? {}
      : {
          external_references: references.map((url) => ({ source_name: urlOf(url)?.hostname ?? url, url })),
        }),
    object_marking_refs: [tlpMarkingId(tlp)],
  };
}

/** Returns a short name of a value for display. */
export function valueName(observable: Observable | undefined): string {
  const [first] = observable === undefined ? [] : simpleParts(observable);
  return first === undefined ? '' : observableName(first);
}
