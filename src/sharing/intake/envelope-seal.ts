import { isSealed, type Sealer } from '../../access/sealing.ts';
import type { Micros } from '../../kernel/clock.ts';
import type { Slices } from '../../kernel/slices.ts';
import type { EnvelopeHead, Receipt } from '../../store/store.ts';
import type { Waiting } from './envelope-items.ts';
import type { Outcome } from './outcome.ts';
import { headOfLongList, readLongList, writeLongList } from './long-lists.ts';

/** A pending envelope: what its submitter sees, and what the worker needs to know. */
export interface Pending {
  readonly requested: Micros;
  readonly waiting: readonly Waiting[];
  readonly on_behalf_of?: string;
  /** The audit log records the envelope as a publication. */
  readonly publication?: boolean;
}

/** The outcome of an envelope. */
export interface Finished {
  readonly requested: Micros;
  readonly outcomes: readonly Outcome[];
}

/**
 * Seals what the store keeps of envelopes, bound to the id of their status. The markings of a pending envelope have not
 * been checked yet, so each one may contain TLP:RED. The outcomes name objects by ids, and the id of an observable
 * reveals its value. Earlier versions stored all of it in the clear, which is still readable.
 */
export class EnvelopeSeal {
  readonly #sealer: Pick<Sealer, 'seal' | 'open' | 'sealBytes' | 'openBytes'>;

  constructor(sealer: Pick<Sealer, 'seal' | 'open' | 'sealBytes' | 'openBytes'>) {
    this.#sealer = sealer;
  }

  body(id: string, bytes: Uint8Array): Promise<Buffer> {
    return this.#sealer.sealBytes(bytes, bodyContext(id));
  }

  bodyOf(id: string, stored: Buffer): Buffer {
    return isSealed(stored) ? this.#sealer.openBytes(stored, bodyContext(id)) : stored;
  }

  pending(id: string, { waiting, ...head }: Pending, slices: Slices): Promise<string> {
    return writeLongList(head, 'waiting', waiting, slices, this.#sealing(pendingContext(id)));
  }

  /** Returns what is known of a pending envelope without the list of its pending objects, which can be long. */
  pendingHead({ id, pending }: EnvelopeHead): Omit<Pending, 'waiting'> {
    return headOfLongList(pending, this.#opening(pendingContext(id))) as Omit<Pending, 'waiting'>;
  }

  async pendingOf(head: EnvelopeHead, slices: Slices): Promise<Pending> {
    const open = this.#opening(pendingContext(head.id));
    const waiting = (await readLongList(head.pending, 'waiting', slices, open)) as readonly Waiting[];
    return { ...this.pendingHead(head), waiting };
  }

  receipt(id: string, { requested, outcomes }: Finished, slices: Slices): Promise<string> {
    return writeLongList({ requested }, 'outcomes', outcomes, slices, this.#sealing(receiptContext(id)));
  }

  async receiptOf({ id, body }: Receipt, slices: Slices): Promise<Finished> {
    const open = this.#opening(receiptContext(id));
    const outcomes = (await readLongList(body, 'outcomes', slices, open)) as readonly Outcome[];
    return { requested: headOfLongList(body, open)['requested'] as Micros, outcomes };
  }

  /** Returns a function that seals the lines of a text one by one. A line can be opened only at its own position. */
  #sealing(context: string): (line: string, place: number) => string {
    return (line, place) => this.#sealer.seal(line, placed(context, place));
  }

  #opening(context: string): (line: string, place: number) => string {
    return (line, place) => this.#opened(line, placed(context, place));
  }

  #opened(stored: string, context: string): string {
    return isSealed(stored) ? this.#sealer.open(stored, context) : stored;
  }
}

function placed(context: string, place: number): string {
  return place === 0 ? context : `${context}/${place}`;
}

function bodyContext(id: string): string {
  return `envelope/${id}`;
}

function pendingContext(id: string): string {
  return `envelope/${id}/pending`;
}

function receiptContext(id: string): string {
  return `receipt/${id}`;
}
