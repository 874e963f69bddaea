import { Problem } from '../kernel/problem.ts';
import { storeErrors } from './errors.ts';
import { allOf, eachOf } from './pages.ts';
import { UNREADABLE, type HubRecord, type RecordChange, type RecordQuery, type Store } from './store.ts';

/**
 * Reads one field of a stored document. `at` is the path of the field, for the error about a damaged record. Throws a
 * `Damage` for a value of another type.
 */
export type Field<V> = (value: unknown, at: string) => V;

/** One reader for each field of a document. A document type and its codec therefore cannot differ. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** Index keys of a record. */
export type Keys = Readonly<Record<string, string>>;

/** A record whose document was decoded. */
export interface Stored<T> extends Omit<HubRecord, 'document'> {
  readonly document: T;
}

/** A document of a later format contains its number under this name. Documents of format 1 contain no number. */
const VERSION = 'record_version';

/** A field whose value cannot be read. A reader of a field throws it. */
export class Damage extends Error {}

/** Any text. */
export const text: Field<string> = (value, at) => {
  if (typeof value === 'string') return value;
  throw new Damage(`"${at}" must be a text`);
};

/** Any number. */
export const number: Field<number> = (value, at) => {
  if (typeof value === 'number') return value;
  throw new Damage(`"${at}" must be a number`);
};

/** True or false. */
export const flag: Field<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value;
  throw new Damage(`"${at}" must be true or false`);
};

/** True or false. Records of earlier versions leave out what is false. */
export const flagOrFalse: Field<boolean> = (value, at) => (value === undefined ? false : flag(value, at));

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Field<W> {
  return (value, at) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new Damage(`"${at}" must be one of: ${words.join(', ')}`);
  };
}

/** A field that can be absent. */
export function maybe<V>(field: Field<V>): Field<V | undefined> {
  return (value, at) => (value === undefined ? undefined : field(value, at));
}

/** A field that can be null. Null means that a value was removed. */
export function nullable<V>(field: Field<V>): Field<V | null> {
  return (value, at) => (value === null ? null : field(value, at));
}

/** A list whose items are all of one type. */
export function list<V>(field: Field<V>): Field<readonly V[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Damage(`"${at}" must be a list`);
    return value.map((item: unknown, i) => field(item, `${at}[${i}]`));
  };
}

/** An object with freely chosen names and values of one type. */
export function mapOf<V>(field: Field<V>): Field<Readonly<Record<string, V>>> {
  return (value, at) => {
    if (!isObject(value)) throw new Damage(`"${at}" must be an object`);
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, field(item, `${at}.${name}`)]),
    );
  };
}

/** An object with fields of its own. Fields that the hub does not know stay in the object. */
export function shape<T extends object>(fields: Fields<T>): Field<T> {
  const entries = Object.entries<Field<unknown>>(fields);
  return (value, at) => {
    if (!isObject(value)) throw new Damage(`"${at}" must be an object`);
    const found: Record<string, unknown> = { ...value };
    for (const [name, field] of entries) {
      const read = field(found[name], at === '' ? name : `${at}.${name}`);
      if (read === undefined) Reflect.deleteProperty(found, name);
      else found[name] = read;
    }
    // Each field of T was read by its own reader, so this is the one place where the type is asserted.
    return found as T;
  };
}

/** An object that was validated before it was stored, such as a STIX object. Only its outermost structure is checked. */
export function validated<T extends object>(): Field<T> {
  return (value, at) => {
    if (!isObject(value)) throw new Damage(`"${at}" must be an object`);
    return value as T;
  };
}

/** The names of the optional fields of a document. */
type OptionalName<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** Returns a document without some of its optional fields. */
export function withoutFields<T extends object>(document: T, names: readonly OptionalName<T>[]): T {
  const rest = { ...document };
  for (const name of names) Reflect.deleteProperty(rest, name);
  return rest;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The definition of one kind of record. */
export interface Definition<T extends object> {
  /** The name under which records of this kind are stored. */
  readonly kind: string;
  /** The name that earlier versions of the hub used. `moveFormerKinds` renames such records when the hub starts. */
  readonly formerKind?: string;
  readonly fields: Fields<T>;
  /**
   * The index keys of a document. `given` has the keys that the record had before, or those that a new record gets from
   * its writer. Without this function these keys stay.
   */
  readonly keys?: (document: T, given: Keys) => Keys;
  /**
   * True for records that belong to one account, by the index key `account`. They are removed together with the account.
   */
  readonly isPersonal?: boolean;
  /** The id of a record, where its document determines it. */
  readonly idOf?: (document: T) => string;
  /** The number of the document format. It increases when older versions of the hub cannot read new documents. */
  readonly version?: number;
}

/**
 * The codec of one kind of record: the only place that knows the names of the fields in the stored document. It makes
 * the changes that write such records, and reads them through `in(store)`.
 */
export class RecordKind<T extends object> {
  readonly kind: string;
  readonly formerKind: string | undefined;
  readonly version: number;
  readonly isPersonal: boolean;
  readonly #fields: Fields<T>;
  readonly #read: Field<T>;
  readonly #keys: NonNullable<Definition<T>['keys']>;
  readonly #idOf: Definition<T>['idOf'];
  /** Undefined is a damaged record. */
  readonly #decoded = new WeakMap<HubRecord, Stored<T> | undefined>();

  constructor({
    kind,
    formerKind,
    fields,
    keys = (_document, given) => given,
    idOf,
    version = 1,
    isPersonal = false,
  }: Definition<T>) {
    this.kind = kind;
    this.formerKind = formerKind;
    this.isPersonal = isPersonal;
    this.version = version;
    this.#fields = fields;
    this.#read = shape(fields);
    this.#keys = keys;
    this.#idOf = idOf;
  }

  /** Returns the record with its document as a typed value. Throws a Problem that names the field of a damaged one. */
  decode(record: HubRecord): Stored<T> {
    const { document: stored } = record;
    const { [VERSION]: version = 1, ...document } = isObject(stored) ? stored : UNREADABLE;
    if (typeof version !== 'number')
      throw storeErrors.recordDamaged({ record: labelOf(record), fault: `"${VERSION}" must be a number` });
    if (version > this.version) throw storeErrors.recordOfLaterVersion({ record: labelOf(record) });
    try {
      return { ...record, document: this.#read(document, '') };
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      throw storeErrors.recordDamaged({ record: labelOf(record), fault: error.message });
    }
  }

  /**
   * Returns the same value for the same record. The store keeps records that did not change, so what was decoded before
   * is not decoded again. Undefined for a damaged record.
   */
  decodeOnce(record: HubRecord): Stored<T> | undefined {
    if (!this.#decoded.has(record)) this.#decoded.set(record, this.#whole(record));
    return this.#decoded.get(record);
  }

  /** Returns a record with its document as a typed value, or undefined for a damaged one. */
  #whole(record: HubRecord): Stored<T> | undefined {
    try {
      return this.decode(record);
    } catch (error) {
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }

  /** Returns those of the records that are not damaged. */
  whole(records: readonly HubRecord[]): readonly Stored<T>[] {
    return records.flatMap((record) => this.decodeOnce(record) ?? []);
  }

  /**
   * Returns the fields of a damaged record that can still be read. They may be used only to withhold something, because
   * the fields that are lost could mean the opposite.
   */
  salvage({ document }: HubRecord): Partial<T> {
    if (!isObject(document)) return {};
    const { [VERSION]: version = 1 } = document;
    if (typeof version !== 'number' || version > this.version) return {};
    const found: Partial<T> = {};
    for (const name of Object.keys(this.#fields) as (keyof T & string)[])
      try {
        found[name] = this.#fields[name](document[name], name);
      } catch (error) {
        if (!(error instanceof Damage)) throw error;
      }
    return found;
  }

  /**
   * Returns all records in the order of their ids, except damaged ones. The store keeps them in memory, so only what
   * changed is read.
   */
  async all(store: Pick<Store, 'view'>): Promise<readonly Stored<T>[]> {
    return this.whole([...(await allOf(store, this.kind)).values()]);
  }

  /** Returns the document as it is stored. Fields that are undefined are left out. */
  encode(document: T): HubRecord['document'] {
    return {
      ...Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined)),
      ...(this.version === 1 ? {} : { [VERSION]: this.version }),
    };
  }

  /** Returns the index keys of a document. */
  keys(document: T, given: Keys = {}): Keys {
    return this.#keys(document, given);
  }

  /** Returns the id that a document determines. Undefined for kinds whose ids are chosen or random. */
  id(document: T): string | undefined {
    return this.#idOf?.(document);
  }

  /** The change that creates a record. `given` has index keys that the document does not contain. */
  insert(id: string, document: T, given: Keys = {}): RecordChange {
    const ruled = this.id(document);
    if (ruled !== undefined && ruled !== id)
      throw new Error(`a record of the kind "${this.kind}" must have the id ${ruled}`);
    return this.#write(id, 0, document, given);
  }

  /** The change that replaces the document of a record that was read. */
  change({ id, revision, index }: Pick<Stored<T>, 'id' | 'revision' | 'index'>, document: T): RecordChange {
    return this.#write(id, revision, document, index);
  }

  /** The change that replaces a record, or creates it if there was none when it was read. */
  put(
    id: string,
    present: Pick<Stored<T>, 'id' | 'revision' | 'index'> | undefined,
    document: T,
    given: Keys = {},
  ): RecordChange {
    return present === undefined
      ? this.insert(id, document, given)
      : this.#write(id, present.revision, document, { ...present.index, ...given });
  }

  #write(id: string, expected: number, document: T, given: Keys): RecordChange {
    return {
      kind: this.kind,
      id,
      expected,
      document: this.encode(document),
      index: this.keys(document, given),
    };
  }

  /** Returns the records of this kind in a store. */
  in(store: Reading): Records<T> {
    return new Records(store, this);
  }
}

type Reading = Pick<Store, 'record' | 'records'>;

/** The records of one kind in a store, decoded. Reading through this port needs no cast and no name of a field. */
class Records<T extends object> {
  readonly #store: Reading;
  readonly #kind: RecordKind<T>;

  constructor(store: Reading, kind: RecordKind<T>) {
    this.#store = store;
    this.#kind = kind;
  }

  /** Returns a record by its id. Undefined if there is none. */
  async get(id: string): Promise<Stored<T> | undefined> {
    const record = await this.#store.record(this.#kind.kind, id);
    return record === undefined ? undefined : this.#kind.decode(record);
  }

  /** Returns a record by its id, or `damaged` when it cannot be read. Undefined if there is none. */
  async try(id: string): Promise<Stored<T> | 'damaged' | undefined> {
    const record = await this.#store.record(this.#kind.kind, id);
    return record === undefined ? undefined : (this.#kind.decodeOnce(record) ?? 'damaged');
  }

  /** Returns records as `list` does, except damaged ones. */
  async whole(query?: RecordQuery): Promise<readonly Stored<T>[]> {
    return this.#kind.whole(await this.#store.records(this.#kind.kind, query));
  }

  /** Returns records in the order of their ids: all of them, a page, or those with an index key. */
  async list(query?: RecordQuery): Promise<readonly Stored<T>[]> {
    return (await this.#store.records(this.#kind.kind, query)).map((record) => this.#kind.decode(record));
  }

  /** Yields all records. They are read in pages, and other requests have their turn after each page. */
  async *each(): AsyncGenerator<Stored<T>> {
    for await (const record of eachOf(this.#store, this.#kind.kind)) yield this.#kind.decode(record);
  }

  /** Returns the records with an index key. */
  by(name: string, value: string, page: Omit<RecordQuery, 'index'> = {}): Promise<readonly Stored<T>[]> {
    return this.list({ ...page, index: { name, value } });
  }
}

/** The name of a record in messages. Ids of keys are digests, of which a part is enough. */
export function labelOf({ kind, id }: Pick<HubRecord, 'kind' | 'id'>): string {
  return `${kind}/${kind === 'key' ? id.slice(0, 16) : id}`;
}
