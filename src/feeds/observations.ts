import { createHash } from 'node:crypto';
import type { FeedDocument } from '../config/settings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import { ValueFault, type ValueType } from '../stix/values/read-value.ts';
import { feedObjectId, namedObject, isPlaceholder, type ObjectFinding } from './findings.ts';
import { observablesOf, trafficOf } from './observables.ts';
import { confidenceIn, labelled, labelsOf, referring, type SourceFacts, type Seen } from './source-facts.ts';
import { cveObjects } from './vulnerabilities.ts';

/** Maximum number of observables in one observation. */
const MOST_SEEN = 50;

/** The parts of a feed that an observation needs. */
export interface Observing {
  readonly document: FeedDocument;
  readonly now: number;
  /** Returns the canonical observables of a value. Throws a ValueFault. */
  values(raw: string, type: ValueType): readonly Observable[];
}

/**
 * Returns an observation, which alone does not justify blocking. Throws a ValueFault when its first value is invalid.
 */
export function observationFinding(observing: Observing, seen: Seen): ObjectFinding {
  const observables: StixObject[] = [];
  const add = (raw: string | undefined, type: ValueType, needed: boolean): string | undefined => {
    if (raw === undefined || raw === '') {
      if (needed) throw new ValueFault('empty-value', 'the row has no value');
      return undefined;
    }
    try {
      const made = observing.values(raw, type).flatMap(observablesOf);
      for (const object of made)
        if (observables.length < MOST_SEEN && !observables.some(({ id }) => id === object['id']))
          observables.push(object);
      return made[0]?.['id'] as string | undefined;
    } catch (error) {
      // Invalid values that only add detail are left out.
      if (needed || !(error instanceof ValueFault)) throw error;
      return undefined;
    }
  };
  seen.values.forEach(({ raw, type }, i) => add(raw, type, i === 0));
  const { traffic } = seen;
  if (traffic !== undefined) {
    const connection = trafficOf(
      { ref: add(traffic.source, 'ip', false), port: portOf(traffic.sourcePort) },
      { ref: add(traffic.destination, 'ip', false), port: portOf(traffic.destinationPort) },
      protocolOf(traffic.protocol),
    );
    if (connection !== undefined) observables.push(connection);
  }
  return observedFinding(observing, observables, seen, seen.count);
}

/** Returns the observation of these observables. The same things seen at the same time give the same observation. */
export function observedFinding(
  { document, now }: Observing,
  observables: readonly StixObject[],
  seen: Seen | SourceFacts,
  count = 1,
): ObjectFinding {
  const first = seen.validFrom ?? seen.lastSeen;
  const last = Math.max(seen.lastSeen ?? 0, first ?? 0);
  const labels = labelsOf(seen);
  const refs = observables.map((object) => String(object['id']));
  const what = createHash('sha256')
    .update(JSON.stringify([refs, first ?? '', last, labels, seen.references ?? []]))
    .digest('hex');
  const { name: feed } = document;
  const id = feedObjectId(feed, 'observed-data', what);
  const about = [
    ...(seen.malware === undefined || isPlaceholder(seen.malware)
      ? []
      : [namedObject(feed, 'malware', seen.malware)]),
    ...('vulnerabilities' in seen ? cveObjects(feed, seen.vulnerabilities) : []),
  ];
  return {
    kind: 'object',
    id,
    object: {
      type: 'observed-data',
      spec_version: '2.1',
      id,
      first_observed: stixTimestamp(first ?? now),
      last_observed: stixTimestamp(first === undefined ? now : last),
      number_observed: Math.min(999_999_999, Math.max(1, Math.round(count))),
      object_refs: refs,
      ...labelled(labels),
      ...(seen.confidence === undefined ? {} : { confidence: confidenceIn(document, seen.confidence) }),
      ...referring(seen.references),
    },
    beside: [
      ...observables,
      ...about.flatMap((object) => [
        object,
        {
          type: 'sighting',
          spec_version: '2.1',
          id: feedObjectId(feed, 'sighting', `${id}|${String(object['id'])}`),
          sighting_of_ref: object['id'],
          observed_data_refs: [id],
        },
      ]),
    ],
    tlp: seen.tlp,
    at: first === undefined ? undefined : last,
  };
}

function portOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535
    ? Number(text)
    : undefined;
}

function protocolOf(text: string | undefined): string | undefined {
  const name = text?.trim().toLowerCase();
  const known: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp' };
  return name !== undefined && /^[a-z0-9-]{1,30}$/.test(name) ? (known[name] ?? name) : undefined;
}
