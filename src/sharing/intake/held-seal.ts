import type { Sealer } from '../../access/sealing.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import type { HeldObject } from '../../store/store.ts';

/** The sealing functions that the review queue needs. */
export type Sealing = Pick<Sealer, 'seal' | 'open' | 'fingerprint'>;

/**
 * Seals TLP:RED objects on hold, bound to their id in the queue, so that a copy of the store alone reveals
 * nothing. The id is derived with a key as well. Otherwise somebody with a copy could check guesses at the
 * text against the id.
 */
export class HeldSeal {
  readonly #sealing: Sealing;

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** Returns the object as it is stored. */
  seal(item: HeldObject): HeldObject {
    if (item.sealed === true) return item;
    const name = this.#sealing.fingerprint(`${item.submitter}|${item.collection}|${item.text}`);
    const id = uuidV5(name, HUB_NAMESPACE);
    return { ...item, id, sealed: true, text: this.#sealing.seal(item.text, contextOf(id)) };
  }

  /** Returns the object with its text in the clear. Earlier versions stored the text in the clear. */
  open(item: HeldObject): HeldObject {
    if (item.sealed !== true) return item;
    const { sealed: _, ...rest } = item;
    return { ...rest, text: this.#sealing.open(item.text, contextOf(item.id)) };
  }
}

function contextOf(id: string): string {
  return `held/${id}`;
}
