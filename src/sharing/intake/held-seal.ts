import type { Sealer } from '../../access/sealing.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import type { HeldObject } from '../../store/store.ts';

/** What the review queue needs of the sealing of secrets. */
export type Sealing = Pick<Sealer, 'seal' | 'open' | 'fingerprint'>;

/**
 * Seals TLP:RED that waits, bound to its id in the queue: a copy of the store alone shows nothing of it. The id is keyed as well,
 * since a guess at the text could otherwise be checked against it.
 */
export class HeldSeal {
  readonly #sealing: Sealing;

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** The object as it is stored. */
  seal(item: HeldObject): HeldObject {
    if (item.sealed === true) return item;
    const name = this.#sealing.fingerprint(`${item.submitter}|${item.collection}|${item.text}`);
    const id = uuidV5(name, HUB_NAMESPACE);
    return { ...item, id, sealed: true, text: this.#sealing.seal(item.text, contextOf(id)) };
  }

  /** The object with its text in clear. What earlier versions stored is in clear already. */
  open(item: HeldObject): HeldObject {
    if (item.sealed !== true) return item;
    const { sealed: _, ...rest } = item;
    return { ...rest, text: this.#sealing.open(item.text, contextOf(item.id)) };
  }
}

function contextOf(id: string): string {
  return `held/${id}`;
}
