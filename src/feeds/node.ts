const YES = new Set(['true', '1', 'yes', 'y', 't', 'on']);
const NO = new Set(['false', '0', 'no', 'n', 'f', 'off']);

/** True for a text that means no. */
export function isNegative(text: string): boolean {
  return NO.has(text.trim().toLowerCase());
}

/** A part of a document with unknown structure. Every access returns a result, even when the part is absent. */
export class Node {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  /** Returns the member with this name. For a list, the member of its first item. */
  at(...path: readonly string[]): Node {
    let value = this.value;
    for (const name of path) {
      if (Array.isArray(value)) [value] = value as unknown[];
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined;
    }
    return new Node(value);
  }

  /** Returns the members of a list. A single value counts as a list of one, and an absent value as an empty list. */
  all(...path: readonly string[]): readonly Node[] {
    const last = path.at(-1);
    const value = last === undefined ? this.value : this.at(...path).value;
    if (value === undefined || value === null) return [];
    return (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => new Node(item));
  }

  /** Its text. For an XML element, the text between its tags. */
  get text(): string | undefined {
    const value = Array.isArray(this.value) ? (this.value as unknown[])[0] : this.value;
    const plain =
      typeof value === 'object' && value !== null && '#' in value
        ? (value as Record<string, unknown>)['#']
        : value;
    if (typeof plain === 'number' || typeof plain === 'boolean') return String(plain);
    return typeof plain === 'string' && plain.trim() !== '' ? plain.trim() : undefined;
  }

  /** Its truth value, written as a boolean, a number or a word. Undefined when it has none. */
  get flag(): boolean | undefined {
    const word = this.text?.toLowerCase();
    return word === undefined ? undefined : YES.has(word) ? true : NO.has(word) ? false : undefined;
  }

  /** Returns the texts of a list. */
  texts(...path: readonly string[]): readonly string[] {
    return this.all(...path).flatMap((node) => node.text ?? []);
  }

  get there(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }
}
