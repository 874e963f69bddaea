import type { Sealer } from '../../access/sealing.ts';
import type { Stored } from '../../store/records.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import { giveTurn } from '../../kernel/slices.ts';
import { ANONYMOUS, ORIGIN, type AnonymousRecord, type Origin } from './model.ts';

/** Number of seals that are opened before other requests have their turn. */
const OPENED_AT_ONCE = 200;

/** An anonymous object with its opened origin. */
export interface Opened {
  readonly record: Stored<AnonymousRecord>;
  readonly origin: Origin;
}

/** The sealed origins in the store. They are found only by fingerprints of their member and their ids. */
export class SealedOrigins {
  readonly #store: Pick<Store, 'countRecords' | 'record' | 'records'>;
  readonly #sealer: Pick<Sealer, 'seal' | 'open' | 'fingerprint'>;

  constructor(
    store: Pick<Store, 'countRecords' | 'record' | 'records'>,
    sealer: Pick<Sealer, 'seal' | 'open' | 'fingerprint'>,
  ) {
    this.#store = store;
    this.#sealer = sealer;
  }

  /** Returns the change that stores an origin. */
  put(
    origin: Origin,
    rest: Omit<AnonymousRecord, 'sealed'>,
    before: Stored<AnonymousRecord> | undefined,
  ): RecordChange {
    const id = this.#idOf(origin.member, origin.original);
    const sealed = this.#sealer.seal(JSON.stringify(origin), `anonymous-object/${id}`);
    const keys = { by: this.#memberKey(origin.member), released: this.#releasedKey(origin.released) };
    return ANONYMOUS.put(id, before, { ...rest, sealed }, keys);
  }

  /** Returns the object of a member that was made from one of its own ids. */
  async ofOriginal(member: string, original: string): Promise<Opened | undefined> {
    const record = await ANONYMOUS.in(this.#store).get(this.#idOf(member, original));
    return record === undefined ? undefined : this.#opened(record);
  }

  /** Returns the object that the hub releases under an id. */
  async ofReleased(id: string): Promise<Opened | undefined> {
    const [record] = await ANONYMOUS.in(this.#store).by('released', this.#releasedKey(id), { limit: 1 });
    return record === undefined ? undefined : this.#opened(record);
  }

  /** Returns the objects of a member. Other requests have their turn in between. */
  async ofMember(member: string, limit: number): Promise<readonly Opened[]> {
    const records = await ANONYMOUS.in(this.#store).by('by', this.#memberKey(member), { limit });
    const opened: Opened[] = [];
    for (const [i, record] of records.entries()) {
      opened.push(this.#opened(record));
      if (i % OPENED_AT_ONCE === OPENED_AT_ONCE - 1) await giveTurn();
    }
    return opened;
  }

  /** True if a member has anonymous objects. Each submission asks, and stores keep counts in memory. */
  async hasAny(member: string): Promise<boolean> {
    const index = { name: 'by', value: this.#memberKey(member) };
    return (await this.#store.countRecords(ANONYMOUS.kind, index)) > 0;
  }

  /** Returns objects that have ended. */
  async ended(limit: number): Promise<readonly Stored<AnonymousRecord>[]> {
    return ANONYMOUS.in(this.#store).by('state', 'ended', { limit });
  }

  /** Returns the objects that wait for their release. */
  async waiting(limit: number): Promise<readonly Stored<AnonymousRecord>[]> {
    return ANONYMOUS.in(this.#store).by('state', 'waiting', { limit });
  }

  /** Returns an object as it is stored now. */
  async again(id: string): Promise<Opened | undefined> {
    const record = await ANONYMOUS.in(this.#store).get(id);
    return record === undefined ? undefined : this.#opened(record);
  }

  /** Opens the seal of a record. */
  open(record: Stored<AnonymousRecord>): Opened {
    return this.#opened(record);
  }

  #opened(record: Stored<AnonymousRecord>): Opened {
    const text = this.#sealer.open(record.document.sealed, `anonymous-object/${record.id}`);
    return { record, origin: ORIGIN(JSON.parse(text), '') };
  }

  #idOf(member: string, original: string): string {
    return this.#sealer.fingerprint(`anonymous object ${member} ${original}`).slice(0, 22);
  }

  #memberKey(member: string): string {
    return this.#sealer.fingerprint(`anonymous objects of ${member}`).slice(0, 22);
  }

  #releasedKey(id: string): string {
    return this.#sealer.fingerprint(`anonymous object released ${id}`).slice(0, 22);
  }
}
