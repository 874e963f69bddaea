import { Problem, type ProblemDetails, type ProblemKind } from './problem.ts';

/**
 * One error of the hub: its code, its kind, and its texts. Texts contain parameters as `{name}`. A code has one meaning,
 * and clients may rely on it; texts may change.
 */
export interface ErrorEntry {
  /** Stable code, for example `TLN-F-404`. */
  readonly code: string;
  readonly kind: ProblemKind;
  /** The fault, in one sentence. */
  readonly title: string;
  /** The cause. */
  readonly description?: string;
  /** The next step for the user. */
  readonly hint?: string;
}

/** Details of one occurrence. A description or hint replaces that of the entry. */
export type Occurrence = Omit<ProblemDetails, 'code'>;

/** Names of the parameters in a text. JSON in a text, such as `{"objects": []}`, is not a parameter. */
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name extends `${string}${'"' | ' '}${string}`
    ? Names<Rest>
    : Name | Names<Rest>
  : never;

type Parameters<Entry> =
  | Names<Entry extends { readonly title: infer Text } ? Text : never>
  | Names<Entry extends { readonly description: infer Text } ? Text : never>
  | Names<Entry extends { readonly hint: infer Text } ? Text : never>;

/** Creates the problem of an entry. Entries whose texts have parameters require their values. */
type Make<Entry> = [Parameters<Entry>] extends [never]
  ? (occurrence?: Occurrence) => Problem
  : (values: Readonly<Record<Parameters<Entry>, string | number>>, occurrence?: Occurrence) => Problem;

const ENTRIES = Symbol('entries');

/** The errors of one room: a function for each entry, which returns its Problem. */
export type Errors<Table> = { readonly [Key in keyof Table]: Make<Table[Key]> } & {
  readonly [ENTRIES]: Readonly<Record<string, ErrorEntry>>;
};

/** Makes the errors of a room from its table. */
export function errorTable<const Table extends Readonly<Record<string, ErrorEntry>>>(
  table: Table,
): Errors<Table> {
  const makers = Object.fromEntries(
    Object.entries(table).map(([key, entry]) => [
      key,
      hasParameters(entry)
        ? (values: Readonly<Record<string, string | number>>, occurrence?: Occurrence) =>
            problemOf(entry, values, occurrence)
        : (occurrence?: Occurrence) => problemOf(entry, {}, occurrence),
    ]),
  );
  return { ...makers, [ENTRIES]: table } as unknown as Errors<Table>;
}

/** Returns the entries of a room, by their keys, for the reference page and the tests. */
export function entriesOf(errors: {
  readonly [ENTRIES]: Readonly<Record<string, ErrorEntry>>;
}): Readonly<Record<string, ErrorEntry>> {
  return errors[ENTRIES];
}

const PARAMETER = /\{([a-z]\w*)\}/gi;

function hasParameters({ title, description, hint }: ErrorEntry): boolean {
  return [title, description, hint].some((text) => text !== undefined && text.search(PARAMETER) >= 0);
}

function problemOf(
  { code, kind, title, description, hint }: ErrorEntry,
  values: Readonly<Record<string, string | number>>,
  occurrence: Occurrence = {},
): Problem {
  const filled = (text: string): string =>
    text.replaceAll(PARAMETER, (whole, name: string) => String(values[name] ?? whole));
  return new Problem(kind, filled(title), {
    ...(description === undefined ? {} : { description: filled(description) }),
    ...(hint === undefined ? {} : { hint: filled(hint) }),
    ...occurrence,
    code,
  });
}

/** Returns a problem that another thread made from its table. Only its texts arrive from there. */
export function fromThread(
  kind: ProblemKind,
  title: string,
  details: Pick<ProblemDetails, 'description' | 'hint' | 'code'>,
): Problem {
  return new Problem(kind, title, details);
}

/** Returns a problem again with another kind or title. Its code and its details stay, because its meaning does. */
export function reworded(
  problem: Problem,
  { kind = problem.kind, title = problem.title }: { readonly kind?: ProblemKind; readonly title?: string },
): Problem {
  const { code, description, hint } = problem;
  return new Problem(kind, title, {
    code,
    ...(description === undefined ? {} : { description }),
    ...(hint === undefined ? {} : { hint }),
    cause: problem,
  });
}
