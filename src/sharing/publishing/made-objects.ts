import type { IndicatorsRequest } from '../../api/schema-types.ts';
import { tlpMarkingId } from '../../stix/markings.ts';
import { stixTimestamp } from '../../stix/timestamps.ts';

/** Properties that the objects of one submission share. */
export interface Shared {
  readonly tlp: IndicatorsRequest['tlp'];
  readonly creator: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function common(type: string, uuid: string, { tlp, creator, now }: Shared) {
  const stamp = stixTimestamp(now);
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${uuid}`,
    ...(creator === undefined ? {} : { created_by_ref: creator }),
    created: stamp,
    modified: stamp,
    object_marking_refs: [tlpMarkingId(tlp)],
  };
}

/** An object that is submitted together with indicators. */
export type MadeObject = ReturnType<typeof malwareOf | typeof indicationOf | typeof sightingOf>;

/** Returns a malware family. */
export function malwareOf(name: string, uuid: string, shared: Shared) {
  return { ...common('malware', uuid, shared), name, is_family: true };
}

/** Returns the relationship from an indicator to the malware that it points to. */
export function indicationOf(indicator: string, malware: string, uuid: string, shared: Shared) {
  return {
    ...common('relationship', uuid, shared),
    relationship_type: 'indicates',
    source_ref: indicator,
    target_ref: malware,
  };
}

/** Returns a sighting of an indicator. */
export function sightingOf(indicator: string, uuid: string, shared: Shared) {
  const stamp = stixTimestamp(shared.now);
  return {
    ...common('sighting', uuid, shared),
    first_seen: stamp,
    last_seen: stamp,
    count: 1,
    sighting_of_ref: indicator,
  };
}
