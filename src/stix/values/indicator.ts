import { tlpMarkingId, type Tlp } from '../markings.ts';
import { buildPattern, observableName, simpleParts, type Observable } from '../pattern/build.ts';
import { stixTimestamp } from '../timestamps.ts';
import { readValue, type ValueRules } from './read-value.ts';
import { stixErrors } from '../errors.ts';

/** What the indicators of one submission have in common. */
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

/** Reads values that a person wants to publish. Throws for the first that cannot become an indicator. */
export function publishableValues(values: readonly string[]): readonly Observable[] {
  return values.flatMap((value) => {
    try {
      return readValue(value, 'auto', RULES).map(({ observable }) => observable);
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      throw stixErrors.unpublishable({ value: value.slice(0, 100), why });
    }
  });
}

/** Makes a new indicator of a value, valid from now on. */
export function indicatorOf(
  observable: Observable,
  details: IndicatorDetails,
  { now, uuid }: { readonly now: number; readonly uuid: string },
): object {
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
