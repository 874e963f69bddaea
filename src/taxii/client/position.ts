import { parseTaxiiTimestamp, taxiiTimestamp } from '../../stix/timestamps.ts';

/** The position of a poll. The caller saves it, and a later poll continues from it. */
export interface PollState {
  /** The date added up to which everything has been read. */
  readonly addedAfter?: string;
  /** The `next` value of a page that was announced and not yet read. */
  readonly next?: string;
  /** The `added_after` of the request that began this sequence of pages. Some servers require it with each `next`. */
  readonly from?: string;
}

/**
 * The position from which a poll continues: after a date, at the edge of a date that was already read, or with the
 * `next` of a sequence that began at a date.
 */
export type Place =
  | { readonly kind: 'date'; readonly after: string | undefined }
  | { readonly kind: 'edge'; readonly after: string | undefined }
  | { readonly kind: 'next'; readonly after: string | undefined; readonly next: string };

/**
 * Returns the limit of a request. Some servers require a limit with each `next`, even a different one. A page at an
 * edge needs one more object, which was already read.
 */
export function limitAt({ kind }: Place, wanted: number | undefined, size: number): number | undefined {
  if (kind === 'next') return wanted ?? size;
  return wanted !== undefined && kind === 'edge' ? wanted + 1 : wanted;
}

/** Returns the position at which a poll continues from a saved state. */
export function placeOf({ addedAfter, next, from }: PollState): Place {
  return next === undefined ? { kind: 'date', after: addedAfter } : { kind: 'next', next, after: from };
}

/**
 * Returns the state to save at a position. `lasting` means that the server gives each page a `next` of its own, so that a
 * saved one leads to the same page again.
 */
export function stateOf(addedAfter: string | undefined, place: Place, lasting: boolean): PollState {
  if (place.kind !== 'next') return place.after === undefined ? {} : { addedAfter: place.after };
  const date = lasting ? addedAfter : justBefore(addedAfter);
  return {
    ...(date === undefined ? {} : { addedAfter: date }),
    ...(lasting ? { next: place.next, ...(place.after === undefined ? {} : { from: place.after }) } : {}),
  };
}

/**
 * Returns the date one microsecond earlier. `added_after` excludes its own date, at which the server may have more
 * objects than the page contained.
 */
export function justBefore(date: string | undefined): string | undefined {
  const micros = date === undefined ? undefined : parseTaxiiTimestamp(date);
  return micros === undefined || micros === 0 ? undefined : taxiiTimestamp(micros - 1);
}
