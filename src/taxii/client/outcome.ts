import { textOf } from './text.ts';

/** An object that a server did not accept. Its id is empty if the server does not name it. */
export interface PushFailure {
  readonly id: string;
  readonly message: string;
}

/** The response of a server to the objects of an envelope. */
export interface StatedOutcome {
  readonly total: number;
  readonly successes: number;
  readonly failures: readonly PushFailure[];
}

type Json = Readonly<Record<string, unknown>>;

const LONGEST_MESSAGE = 1_000;
/** Members in which servers give the results of single objects. */
const RESULTS = ['failures', 'errors', 'results', 'objects', 'items'] as const;

/**
 * Reads a status resource (TAXII 2.1 §4.3.1), or the results of single objects as some servers return them: a list, or
 * an object with ids as its members. `sent` are the ids of the envelope. Failures that are only counted are included
 * without an id, so no count is lost.
 */
export function outcomeIn(answer: unknown, sent: readonly string[]): StatedOutcome {
  const status = isJson(answer) ? answer : {};
  const list = Array.isArray(answer) ? answer : RESULTS.map((name) => status[name]).find(holdsResults);
  const named = (Array.isArray(list) ? list.flatMap(failureIn) : isJson(list) ? mapFailures(list) : []).map(
    ({ id, message }) => ({ id: namedBy(id, sent), message }),
  );
  const total = countIn(status['total_count']) ?? sent.length;
  const successes = countIn(status['success_count']);
  const counted =
    countIn(status['failure_count']) ??
    (successes === undefined ? named.length : Math.max(0, total - successes));
  const missing = Math.min(sent.length, counted) - named.length;
  const unnamed = Array.from({ length: Math.max(0, missing) }, () => ({
    id: '',
    message: 'The server reports a failure without the object that failed.',
  }));
  const failures = [...named, ...unnamed];
  return { total, successes: successes ?? Math.max(0, total - failures.length), failures };
}

/** Returns the id of an object that a server names by its position. */
function namedBy(id: string, sent: readonly string[]): string {
  const at = /^(?:\/?objects?[./[])?(\d{1,6})\]?$/.exec(id)?.[1];
  return at === undefined ? id : (sent[Number(at)] ?? id);
}

function holdsResults(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isJson(value) && Object.keys(value).length > 0;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Returns the failure that one result states. Results of accepted objects are none. */
function failureIn(result: unknown): readonly PushFailure[] {
  if (typeof result === 'string') return [{ id: result, message: '' }];
  if (!isJson(result)) return [];
  if (isAccepted(result)) return [];
  return [{ id: idIn(result), message: messageIn(result) }];
}

function mapFailures(results: Json): readonly PushFailure[] {
  return Object.entries(results).flatMap(([id, result]) =>
    isJson(result) && isAccepted(result) ? [] : [{ id, message: messageIn(result) }],
  );
}

function isAccepted(result: Json): boolean {
  const code = countIn(result['status_code'] ?? result['http_status'] ?? result['code'] ?? result['status']);
  if (code !== undefined && code >= 100) return code < 400;
  if (typeof result['success'] === 'boolean') return result['success'];
  return /^(?:ok|success|succeeded|created|updated|accepted|complete|stored|unchanged|duplicate)$/i.test(
    textOf(result['status'] ?? result['result']),
  );
}

function idIn(result: Json): string {
  const inner = isJson(result['object']) ? result['object'] : {};
  return (
    [
      result['id'],
      result['object_id'],
      result['stix_id'],
      result['standard_id'],
      inner['id'],
      result['object'],
    ]
      .map(textOf)
      .find((id) => id !== '') ?? ''
  );
}

function messageIn(result: unknown): string {
  if (typeof result === 'string') return result.slice(0, LONGEST_MESSAGE);
  if (Array.isArray(result)) return result.map(messageIn).join('; ').slice(0, LONGEST_MESSAGE);
  if (!isJson(result)) return '';
  const said = ['message', 'error', 'errors', 'reason', 'description', 'detail', 'title']
    .map((name) => messageIn(result[name]))
    .find((text) => text !== '');
  return said ?? '';
}
