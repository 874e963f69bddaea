import { hash, randomUUID } from 'node:crypto';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { instantOf, type Instant } from '../../src/stix/timestamps.ts';
import { specVersionOf, versionOf, isObservable } from '../../src/stix/versions.ts';
import type { Candidate } from '../../src/store/store.ts';

export type Json = Record<string, unknown>;

/** Returns a valid indicator. `over` replaces or adds properties, and undefined removes one. */
export function anIndicator(over: Json = {}): Json {
  const made: Json = {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${randomUUID()}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: 'Look-alike bank',
    indicator_types: ['malicious-activity'],
    pattern: "[domain-name:value = 'login.reef-bank.example']",
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
    object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
    ...over,
  };
  for (const name of Object.keys(made)) if (made[name] === undefined) delete made[name];
  return made;
}

/** Returns a valid indicator with a TLP level. */
export function marked(tlp: Tlp, over: Json = {}): Json {
  return anIndicator({ object_marking_refs: [tlpMarkingId(tlp)], ...over });
}

/** Returns the id of an object. */
export function objectId(object: Json): string {
  return String(object['id']);
}

/** A candidate for the store, from an object. */
export function aCandidate(object: Json, over: Partial<Candidate> = {}): Candidate {
  const text = JSON.stringify(object);
  const unversioned = object['modified'] === undefined && object['created'] === undefined;
  return {
    text,
    digest: hash('sha256', text),
    id: String(object['id']),
    type: String(object['type']),
    version: versionOf(object),
    instant: instantOf(versionOf(object)),
    spec: specVersionOf(object),
    level: 1,
    owner: 'hub',
    unversioned,
    revoked: object['revoked'] === true,
    shared: isObservable(object) || object['type'] === 'marking-definition',
    relayed: false,
    ...over,
  };
}

export function instant(text: string): Instant {
  return instantOf(text);
}
