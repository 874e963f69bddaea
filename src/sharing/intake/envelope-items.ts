import { isGated, readObject, type GatedDocument } from '../../kernel/json-gate.ts';
import type { Slices } from '../../kernel/slices.ts';
import { isStixId, mayRevealItsValue } from '../../stix/identifiers.ts';
import { NO_VERSION } from '../../stix/timestamps.ts';
import { text } from '../../stix/types.ts';
import { versionOf } from '../../stix/versions.ts';
import { NO_ID, type Outcome } from './outcome.ts';
import { MOST_NAMED } from '../../store/store.ts';

/** An object whose outcome is pending. */
export interface Waiting {
  readonly id: string;
  readonly version: string;
}

/**
 * Returns the first ids of an envelope for the audit log. Ids that are derived from values would reveal the
 * values, so they are left out.
 */
export async function idsOf(document: GatedDocument, slices: Slices): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let i = 0; i < document.objects.length && ids.length < MOST_NAMED; i++) {
    const { id } = waitingOf(document, i);
    if (id !== NO_ID && isStixId(id) && !mayRevealItsValue(id)) ids.push(id);
    const span = document.objects[i];
    if (span !== undefined && slices.isOver(span.end - span.start)) await slices.next();
  }
  return ids;
}

/** Reads an object of an envelope. */
export function itemOf(document: GatedDocument, index: number): ReturnType<typeof readObject> {
  const span = document.objects[index];
  return span === undefined ? { pointer: '', message: 'is not there' } : readObject(document, span);
}

/** Returns the id and version of an object whose outcome is pending. */
export function waitingOf(document: GatedDocument, index: number): Waiting {
  const item = itemOf(document, index);
  if (!isGated(item)) return { id: item.id ?? NO_ID, version: NO_VERSION };
  return { id: (text(item.value, 'id') ?? NO_ID).slice(0, 300), version: versionOf(item.value).slice(0, 64) };
}

/** Returns the outcome of an object for which the daily limit of its member leaves no room. */
export function overLimit(document: GatedDocument, index: number): Outcome {
  return {
    ...waitingOf(document, index),
    kind: 'refused',
    message:
      'daily-limit: the member has reached its limit of objects for today; send this one again after midnight UTC',
  };
}

/** Returns the number of objects that were stored. */
export function storedOf(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ kind }) => kind === 'stored').length;
}
