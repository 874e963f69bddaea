import { hash } from 'node:crypto';
import { Problem } from '../../kernel/problem.ts';
import { parseTaxiiTimestamp } from '../../stix/timestamps.ts';
import { CircleWatch, MOST_EMPTY } from './circle-watch.ts';
import type { Connection, TaxiiAnswer } from './connection.ts';
import { dateAdded } from './dates.ts';
import { peerErrors } from './errors.ts';
import { readPage } from './page.ts';
import { justBefore, limitAt, placeOf, stateOf, type Place, type PollState } from './position.ts';
import { withSlash } from './text.ts';

/** Number of objects that are requested together with `next` while the page size of the server is unknown. */
const UNTOLD_SIZE = 100;

/** A page of a poll. */
export interface RemotePage {
  /** Objects exactly as the server wrote them. */
  readonly texts: readonly string[];
  /** Texts of members of the page that are not valid objects. */
  readonly skipped: readonly string[];
  /** The state to save after the page was processed. */
  readonly state: PollState;
}

export interface PollQuery {
  readonly limit?: number;
  /** Further parameters, such as `match[type]`. */
  readonly filters?: Readonly<Record<string, string>>;
}

/**
 * Yields every page after `state`, up to the current end. Each page contains the state to save after it was
 * processed. A caller that does so loses nothing and receives at most the last page twice. Throws a Problem when the
 * server repeats an earlier page, or when it announces more without a way to get it.
 */
// oxlint-disable-next-line max-lines-per-function -- The states of a poll depend on each other at each page.
export async function* poll(
  connection: Connection,
  collection: string,
  state: PollState,
  query: PollQuery = {},
): AsyncGenerator<RemotePage> {
  const odd = (text: string): void => connection.odd(text);
  const circle = new CircleWatch();
  let { addedAfter } = state;
  let place = placeOf(state);
  let size = UNTOLD_SIZE;
  let known = new Set<string>();
  /**
   * The position at which the server last rejected its own `next`. A second rejection at the same position ends the
   * poll.
   */
  let forgotten: string | undefined;
  // Some servers use one `next` for a whole sequence and move on even when a page is lost on its way. Such values are
  // not saved.
  let lasting = state.next !== undefined;
  let gaveNext = lasting;
  /** The server has not announced the page that is requested, and may have nothing there. */
  let probing = false;
  let empty = 0;
  for (;;) {
    const limit = limitAt(place, query.limit, size);
    let answer: TaxiiAnswer;
    try {
      answer = await connection.get(pageUrl(collection, query.filters, limit, place));
    } catch (error) {
      const code = error instanceof Problem ? error.code : undefined;
      if (probing && /^TLN-E-4(?:00|04|10|16|22)$/.test(code ?? '')) {
        yield {
          texts: [],
          skipped: [],
          state: stateOf(addedAfter, { kind: 'date', after: addedAfter }, lasting),
        };
        return;
      }
      // A saved `next` may have expired at the server. If a date is known, the poll continues by date.
      const stale = /^TLN-E-(400|404|410|500)$/.test(code ?? '');
      if (!stale || place.kind !== 'next' || addedAfter === undefined || addedAfter === forgotten)
        throw error;
      forgotten = addedAfter;
      odd('the server no longer accepts its value of "next"; the poll continues by date added');
      place = { kind: 'edge', after: justBefore(addedAfter) };
      continue;
    }
    const page = await readPage(answer, odd);
    const { texts, next } = page;
    const digests = texts.map((text) => hash('sha1', text));
    const last = dateOf(answer, odd);
    const moved = later(last, addedAfter);
    empty = texts.length > 0 ? 0 : empty + 1;
    const announced = page.more === true;
    const repeated: boolean = probing && !announced && circle.knows(digests);
    // Some servers send `next` without `more`, and some cut a page without any sign of it.
    const probe: boolean =
      !announced &&
      !repeated &&
      (next === undefined
        ? page.more === undefined && mayBeCut(texts.length, limit) && last !== undefined && !gaveNext
        : empty <= MOST_EMPTY && !(place.kind === 'next' && next === place.next && empty > 0));
    if (probe && next !== undefined) odd('the server sends "next" without "more"');
    const more = announced || probe;
    const fresh = repeated
      ? []
      : place.kind === 'edge'
        ? texts.filter((_text, i) => !known.has(digests[i] ?? ''))
        : texts;
    const edge = place.kind === 'edge' && more && next === undefined;
    // The whole page has the same date added as the previous one. The objects after it cannot be requested by date.
    if (edge && !moved && texts.length > 1) throw peerErrors.tooManyAtOnce();
    // A page at the edge repeats objects that were already read. This is not a loop.
    if (place.kind !== 'edge' && !repeated) circle.look(texts, announced, digests);
    if (texts.length > 0) {
      if (last === undefined)
        odd('the server sends no dates added, so the next poll must start from the beginning');
      else if (moved) addedAfter = last;
      size = texts.length;
      known = new Set(digests);
    }
    const from = place.after;
    gaveNext ||= next !== undefined;
    lasting ||= place.kind === 'next' && next !== undefined && next !== place.next;
    if (!more) place = { kind: 'date', after: addedAfter };
    else if (next !== undefined) place = { kind: 'next', next, after: from };
    // The page contains one object whose date was already read. The poll continues after that date.
    else if (edge && !moved && texts.length === 1) place = { kind: 'date', after: addedAfter };
    else if (texts.length > 0 && (moved || probe)) {
      if (announced) odd('the server sends no "next", so the poll continues by date added');
      place = { kind: 'edge', after: justBefore(addedAfter) };
    } else throw peerErrors.noWayOn();
    probing = probe;
    // A page at the edge is asked for again, and brings the same members again.
    const skipped = repeated ? [] : page.skipped;
    if (fresh.length > 0 || skipped.length > 0 || !more)
      yield { texts: fresh, skipped, state: stateOf(addedAfter, place, lasting) };
    if (!more) return;
  }
}

/** True when a page may have been cut at the limit of the request, or at a limit of the server. */
function mayBeCut(length: number, limit: number | undefined): boolean {
  return length > 0 && (length % 10 === 0 || length === limit);
}

function pageUrl(
  collection: string,
  filters: PollQuery['filters'],
  limit: number | undefined,
  place: Place,
): string {
  const parameters = new URLSearchParams();
  if (limit !== undefined) parameters.set('limit', String(limit));
  for (const [name, value] of Object.entries(filters ?? {})) parameters.set(name, value);
  if (place.after !== undefined) parameters.set('added_after', place.after);
  if (place.kind === 'next') parameters.set('next', place.next);
  const text = parameters.toString();
  return `${withSlash(collection)}objects/${text === '' ? '' : `?${text}`}`;
}

/** Returns the date added of the last object of a page, if the server gives it in a readable format. */
function dateOf({ headers }: TaxiiAnswer, odd: (text: string) => void): string | undefined {
  const value = headers['x-taxii-date-added-last'];
  if (typeof value !== 'string') return undefined;
  const date = dateAdded(value);
  if (date === undefined) odd(`the server sends a date added that is not a date: "${value.slice(0, 80)}"`);
  else if (date !== value) odd('the server sends dates added in a form that differs from the standard');
  return date;
}

function later(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined) return false;
  if (b === undefined) return true;
  return (parseTaxiiTimestamp(a) ?? 0) > (parseTaxiiTimestamp(b) ?? 0);
}
