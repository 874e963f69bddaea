import { tlpMarkingId, type Tlp } from '../markings.ts';
import { buildPattern, observableName, simpleParts, type Observable } from '../pattern/build.ts';
import { stixTimestamp } from '../timestamps.ts';
import type { PublishableKind } from './publishable-kinds.ts';
import { readValue, type ValueRules } from './read-value.ts';
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
}

const DAY_MS = 86_400_000;

/**
 * Special addresses and names are always rejected, because nobody should block them. Users who need one anyway send it
 * as STIX.
 */
const RULES: ValueRules = { specialAddresses: new Set(), specialDomains: new Set(), range: false };

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
      const observables = readValue(value, kind, RULES).map(({ observable }) => observable);
      return { value, observables, fault: undefined };
    } catch (error) {
      return { value, observables: [], fault: error instanceof Error ? error.message : '' };
    }
  });
}

/** Reads values that a person wants to publish. Throws for the first that cannot become an indicator. */
export function publishableValues(values: readonly string[], kind?: PublishableKind): readonly Observable[] {
  return readForPublishing(values, kind).flatMap(({ value, observables, fault }) => {
    if (fault !== undefined) throw stixErrors.unpublishable({ value: value.slice(0, 100), why: fault });
    return observables;
  });
}

/** An indicator that the hub made of a value. */
export type NewIndicator = ReturnType<typeof indicatorOf>;

/** Makes a new indicator of a value, valid from now on. */
export function indicatorOf(
  observable: Observable,
  details: IndicatorDetails,
  { now, uuid }: { readonly now: number; readonly uuid: string },
) {
  const { tlp, validDays, title, description, creator } = details;
  const stamp = stixTimestamp(now);
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
    valid_from: stamp,
    valid_until: stixTimestamp(now + validDays * DAY_MS),
    object_marking_refs: [tlpMarkingId(tlp)],
  };
}

/** Returns a short name of a value for display. */
export function valueName(observable: Observable | undefined): string {
  const [first] = observable === undefined ? [] : simpleParts(observable);
  return first === undefined ? '' : observableName(first);
}
