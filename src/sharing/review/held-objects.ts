import type { ReasonCode } from '../../access/policy.ts';
import type { Clock } from '../../kernel/clock.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import type { HeldHead, HeldObject, HeldQuery, Store } from '../../store/store.ts';
import { submitterOf } from '../intake/actor.ts';
import type { Submission } from '../intake/submission.ts';
import { HeldSeal, type Sealing } from './held-seal.ts';

/** Number of held objects that are read in one page. Their texts are read one by one. */
const HELD_PAGE = 200;
/**
 * Reasons for which objects on hold are sealed. They are TLP:RED, or name an observable that may be TLP:RED by an id
 * that is derived from its value.
 */
const SEALED_FOR: readonly string[] = ['tlp-red', 'names-observable'] satisfies readonly ReasonCode[];

/** Reasons by the names that earlier versions stored. */
const FORMER_REASONS: Readonly<Record<string, string>> = {
  'foreign-owner': 'other-owner',
  'foreign-identity': 'other-identity',
};

/** The fields of a held object that do not come from the submission as a whole. */
export type Waiting = Omit<HeldObject, 'id' | 'collection' | 'submitter' | 'at' | 'onBehalfOf'>;

/** The objects on hold: their format in the store, which is sealed where needed, and how they are found and read. */
export class HeldObjects {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #seal: HeldSeal;

  constructor(store: Store, clock: Clock, sealing: Sealing) {
    this.#store = store;
    this.#clock = clock;
    this.#seal = new HeldSeal(sealing);
  }

  /** Returns an object as it is put on hold. */
  made(waiting: Waiting, { actor, collection }: Submission, isRed = false): HeldObject {
    const submitter = submitterOf(actor);
    const item: HeldObject = {
      // The same object is put on hold only once, even if it is sent again.
      id: uuidV5(`${submitter}|${collection.id}|${waiting.text}`, HUB_NAMESPACE),
      collection: collection.id,
      submitter,
      at: this.#clock.now(),
      ...(actor.kind === 'account' && actor.onBehalfOf !== undefined ? { onBehalfOf: actor.onBehalfOf } : {}),
      ...waiting,
    };
    return isRed || isSealedFor(item.reason) ? this.#seal.seal(item) : item;
  }

  /** Returns a held object with everything in the clear. */
  opened(item: HeldObject): HeldObject {
    return withPresentReason(this.#seal.open(item));
  }

  /** Returns a held object with its STIX id in the clear. */
  openedHead<T extends HeldHead>(head: T): T {
    return withPresentReason(this.#seal.openHead(head));
  }

  /** Returns objects on hold with a STIX id, without their texts, whether they are sealed or not. */
  async heldOf(objectId: string, limit: number): Promise<readonly HeldHead[]> {
    const found = await Promise.all(
      [objectId, this.#seal.keyOf(objectId)].map((id) => this.#store.held({ objectId: id, limit })),
    );
    return found
      .flat()
      .map((head) => this.openedHead(head))
      .slice(0, limit);
  }

  /** Returns the held objects page by page and without texts, so that a large queue needs little memory. */
  async *pages(query: Omit<HeldQuery, 'after' | 'limit'>): AsyncGenerator<readonly HeldHead[]> {
    // Objects that are checked again and stay on hold move to the end of the queue. This walk does not follow
    // them.
    const begun = this.#clock.now();
    let after: HeldHead | undefined;
    do {
      const page = await this.#store.held({
        ...query,
        ...(after === undefined ? {} : { after: { at: after.at, id: after.id } }),
        limit: HELD_PAGE,
      });
      yield page.filter(({ at }) => at <= begun);
      after = page.length < HELD_PAGE ? undefined : page.at(-1);
    } while (after !== undefined && after.at <= begun);
  }

  /** Seals an object that should be sealed and is not, or not completely. */
  async complete(head: HeldHead): Promise<void> {
    if ((head.sealed === true || isSealedFor(head.reason)) && !this.#seal.isWhole(head))
      await this.#sealOld(head.id);
  }

  /**
   * Seals an object that an earlier version of the hub stored in the clear, or with its id in the clear. An
   * object that was in the clear then has a different id in the queue.
   */
  async #sealOld(id: string): Promise<void> {
    const item = await this.#store.heldObject(id);
    if (item === undefined) return;
    const sealed = this.#seal.seal(item);
    await this.#store.commit({ held: [sealed], released: sealed.id === id ? [] : [id], scrub: true });
  }
}

function withPresentReason<T extends HeldHead>(head: T): T {
  const reason = FORMER_REASONS[head.reason];
  return reason === undefined ? head : { ...head, reason };
}

function isSealedFor(reason: string): boolean {
  return SEALED_FOR.includes(reason);
}
