import type { Range, ValueType } from '../../../stix/values/observed-values.ts';

/** A line of a list. Times are in milliseconds since 1970. */
export interface ListEntry {
  readonly type: ValueType;
  /** The value as tools write it. It consists of printable ASCII characters without spaces. */
  readonly text: string;
  /** Of addresses and networks. */
  readonly range: Range | undefined;
  readonly confidence: number | undefined;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly validUntil: number;
  readonly sources: number;
  /** The TLP label, such as `TLP:AMBER`. */
  readonly tlp: string;
  readonly labels: readonly string[];
  /** The STIX id of the indicator with the most facts about the value. */
  readonly id: string;
}

/** The facts about a list that are known when it is complete. */
export interface ListFacts {
  /** The name of the collection, of letters, digits, dots, hyphens and underscores only. */
  readonly name: string;
  readonly lines: number;
  /** The requested types. The list replaces what the tool has of these, and nothing else. */
  readonly types: readonly ValueType[];
  /** The time of the last change of what the list contains, in milliseconds since 1970. It never decreases. */
  readonly changed: number;
}

/** Writes the lines of one list, in their order. */
export interface ListWriter {
  /** Returns the text for an entry. Undefined for one that the format cannot carry. */
  line(entry: ListEntry): string | undefined;
  /** Returns the text after the last entry. */
  end(): string;
}

/** A format in which a tool reads a list. */
export interface ListFormat {
  readonly name: string;
  /** The tools that read it, for people. */
  readonly tools: string;
  readonly media: string;
  /**
   * The use of a value: a person reads it, the tool raises an alert, or it interrupts traffic. The disclosure policy
   * (PAP, IEP) and the rules for lists that block depend on it.
   */
  readonly acts: 'read' | 'detect' | 'block';
  /** The types that the format can carry, in their order in the list. */
  readonly carries: readonly ValueType[];
  /** The types without `types` in the request. */
  readonly usual: readonly ValueType[];
  /** True for a list that may contain one group of types only: addresses, domains, URLs, email addresses or hashes. */
  readonly isOfOneKind?: true;
  /** Maximum number of lines that the tool accepts. */
  readonly most?: number;
  /** Networks and addresses of the list must not overlap. */
  readonly needsDisjoint?: true;
  head(facts: ListFacts): string;
  writer(): ListWriter;
}

export const ADDRESSES = ['ipv4', 'ipv6'] as const satisfies readonly ValueType[];
export const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const satisfies readonly ValueType[];
/** All types whose values are complete texts. */
export const VALUES = [
  ...ADDRESSES,
  'domain',
  'url',
  'email',
  ...HASHES,
  'certificate',
] as const satisfies readonly ValueType[];

/** The group of a type, for lists of one kind. */
export function kindOfType(type: ValueType): string {
  if (type === 'ipv4' || type === 'ipv6') return 'address';
  return HASHES.some((hash) => hash === type) ? 'hash' : type;
}

const NOTHING = { head: (): string => '', end: (): string => '' } as const;

/** Returns a format of which each line depends on its entry alone. */
export function linesFormat(
  format: Omit<ListFormat, 'head' | 'writer'> & {
    readonly head?: (facts: ListFacts) => string;
    readonly line: (entry: ListEntry) => string | undefined;
  },
): ListFormat {
  const { head = NOTHING.head, line, ...rest } = format;
  const ended = (entry: ListEntry): string | undefined => {
    const text = line(entry);
    return text === undefined ? undefined : `${text}\n`;
  };
  return { ...rest, head, writer: () => ({ line: ended, end: NOTHING.end }) };
}

/** Returns a comment with the name of a list, its number of lines and its time. */
export function comment(sign: string, { name, lines, changed }: ListFacts): string {
  return `${sign} Talanoa list ${name}, ${lines} entries, changed ${isoTime(changed)}\n`;
}

/** Returns a time with seconds, in UTC. */
export function isoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Returns the address and path of a URL, without its scheme. Undefined when a tool would read it as a pattern. */
export function withoutScheme(url: string): string | undefined {
  return /[*^\\]/.test(url) ? undefined : url.replace(/^[a-z]+:\/\//, '');
}
