import { isSealed, type Sealer } from '../access/sealing.ts';
import type { Micros } from '../kernel/clock.ts';
import type { EnvelopeHead, Receipt } from '../store/store.ts';
import type { Waiting } from './envelopes.ts';
import type { Outcome } from './intake/outcome.ts';

/** What the submitter of a pending envelope is told, and what the worker needs to know. */
export interface Pending {
  readonly requested: Micros;
  readonly waiting: readonly Waiting[];
  readonly on_behalf_of?: string;
}

/** What became of an envelope. */
export interface Finished {
  readonly requested: Micros;
  readonly outcomes: readonly Outcome[];
}

/**
 * Seals what the store keeps of envelopes, bound to the id of their status. Nobody has looked at the markings
 * of a pending envelope yet, so each one may contain TLP:RED. The outcomes name objects by ids, and the id of
 * an observable reveals its value. Earlier versions stored all of it in the clear, which is still readable.
 */
export class EnvelopeSeal {
  readonly #sealer: Pick<Sealer, 'seal' | 'open' | 'sealBytes' | 'openBytes'>;

  constructor(sealer: Pick<Sealer, 'seal' | 'open' | 'sealBytes' | 'openBytes'>) {
    this.#sealer = sealer;
  }

  body(id: string, bytes: Uint8Array): Buffer {
    return this.#sealer.sealBytes(bytes, bodyContext(id));
  }

  bodyOf(id: string, stored: Buffer): Buffer {
    return isSealed(stored) ? this.#sealer.openBytes(stored, bodyContext(id)) : stored;
  }

  pending(id: string, pending: Pending): string {
    return this.#sealer.seal(JSON.stringify(pending), pendingContext(id));
  }

  pendingOf({ id, pending }: EnvelopeHead): Pending {
    return JSON.parse(this.#opened(pending, pendingContext(id))) as Pending;
  }

  receipt(id: string, finished: Finished): string {
    return this.#sealer.seal(JSON.stringify(finished), receiptContext(id));
  }

  receiptOf({ id, body }: Receipt): Finished {
    return JSON.parse(this.#opened(body, receiptContext(id))) as Finished;
  }

  #opened(stored: string, context: string): string {
    return isSealed(stored) ? this.#sealer.open(stored, context) : stored;
  }
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
