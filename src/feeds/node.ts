/** A part of a document that is read without knowing that it is there: each question has an answer. */
export class Node {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  /** The member of that name; of a list, of its first item. */
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

  /** The members of a list; what is no list is a list of one, and nothing is an empty one. */
  all(...path: readonly string[]): readonly Node[] {
    const last = path.at(-1);
    const value = last === undefined ? this.value : this.at(...path).value;
    if (value === undefined || value === null) return [];
    return (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => new Node(item));
  }

  /** Its text: of an element of XML, what stands between its tags. */
  get text(): string | undefined {
    const value = Array.isArray(this.value) ? (this.value as unknown[])[0] : this.value;
    const plain =
      typeof value === 'object' && value !== null && '#' in value
        ? (value as Record<string, unknown>)['#']
        : value;
    if (typeof plain === 'number' || typeof plain === 'boolean') return String(plain);
    return typeof plain === 'string' && plain.trim() !== '' ? plain.trim() : undefined;
  }

  /** The texts of a list. */
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
