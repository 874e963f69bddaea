import { kindOf, text, type StixObject } from '../../stix/types.ts';

/** The properties by which intake decides on an object, besides its references. */
const DECIDING = [
  'type', 'spec_version', 'id', 'created', 'modified', 'revoked', 'created_by_ref', 'labels', 'granular_markings',
] as const; // prettier-ignore

/**
 * Returns the part of a checked object by which intake decides on it: its identity, versions, markings and references.
 * The rest of its content stays in its text, so an object that was checked in a thread can be decided on without being
 * parsed again. A marking definition is returned as a whole, because its content affects other objects.
 */
export function outlineOf(object: StixObject): StixObject {
  if (object['type'] === 'marking-definition') return object;
  const outline: Record<string, unknown> = {};
  for (const name of DECIDING) if (object[name] !== undefined) outline[name] = object[name];
  for (const name in object)
    if (name.endsWith('_ref') || name.endsWith('_refs')) outline[name] = object[name];
  // An extension decides whether an object of an unknown type is an observable.
  if (object['extensions'] !== undefined && kindOf(text(object, 'type') ?? '') === 'unknown')
    outline['extensions'] = object['extensions'];
  return outline;
}
