import type { Sealer } from '../../access/sealing.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import type { HeldHead, HeldObject } from '../../store/store.ts';

/** The sealing functions that the review queue needs. */
export type Sealing = Pick<Sealer, 'seal' | 'open' | 'fingerprint'>;

/**
 * Seals TLP:RED objects on hold, and objects that name them, bound to their id in the queue, so that a copy of the
 * store alone reveals nothing. The id in the queue is derived with a key as well. Otherwise somebody with a copy of the
 * store could test guesses of the text against the id.
 */
export class HeldSeal {
  readonly #sealing: Sealing;

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** Returns the object as it is stored. */
  seal(stored: HeldObject): HeldObject {
    if (this.isWhole(stored)) return stored;
    const item = this.open(stored);
    const name = this.#sealing.fingerprint(`${item.submitter}|${item.collection}|${item.text}`);
    const id = uuidV5(name, HUB_NAMESPACE);
    return {
      ...item,
      id,
      sealed: true,
      text: this.#sealing.seal(item.text, contextOf(id)),
      objectId: this.keyOf(item.objectId),
      objectSeal: this.#sealing.seal(item.objectId, objectContextOf(id)),
    };
  }

  /** Returns true if no part of the object is in the clear. Earlier versions left its id, or all of it. */
  isWhole({ sealed, objectSeal }: HeldHead): boolean {
    return sealed === true && objectSeal !== undefined;
  }

  /** Returns the object with everything in the clear. */
  open(stored: HeldObject): HeldObject {
    const { sealed, objectSeal: _, ...item } = this.openHead(stored);
    return sealed === true
      ? { ...item, text: this.#sealing.open(item.text, contextOf(item.id)) }
      : { ...item };
  }

  /** Returns the object with its STIX id in the clear. */
  openHead<T extends HeldHead>(head: T): T {
    if (head.objectSeal === undefined) return head;
    const objectId = this.#sealing.open(head.objectSeal, objectContextOf(head.id));
    return { ...head, objectId, objectSeal: undefined };
  }

  /**
   * Returns the digest by which a sealed object is found. The id of an observable is derived from its value, so the id
   * itself, or a digest without a key, could be guessed.
   */
  keyOf(objectId: string): string {
    return `sealed:${this.#sealing.fingerprint(`object id ${objectId}`)}`;
  }
}

function contextOf(id: string): string {
  return `held/${id}`;
}

function objectContextOf(id: string): string {
  return `held/${id}/object`;
}
