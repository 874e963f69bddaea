import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { MARKINGS } from '../../access/model.ts';
import type { Log } from '../../kernel/log.ts';
import { mayRevealItsValue } from '../../stix/identifiers.ts';
import type { StixObject } from '../../stix/types.ts';
import {
  isOfHub,
  LAST_VERSION,
  allEntries,
  type AuditFact,
  type HeldHead,
  type HeldObject,
  type Store,
} from '../../store/store.ts';
import type { HeldObjects } from '../review/held-objects.ts';
import type { Actor } from './actor.ts';
import { isByHubPerson } from './envelope-facts.ts';
import { heldActor } from './held-actor.ts';
import type { MarkingDefinitions } from './marking-definitions.ts';
import type { Outcome } from './outcome.ts';
import type { Submission } from './submission.ts';

interface RecoveryParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly log: Log;
  readonly audit: Audit;
  readonly held: HeldObjects;
  readonly markings: MarkingDefinitions;
  /** Submits objects again. */
  readonly submit: (submission: Submission) => Promise<readonly Outcome[]>;
}

/** Checks objects on hold again, when the objects that they waited for may have arrived. */
export class Recovery {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #log: Log;
  readonly #audit: Audit;
  readonly #held: HeldObjects;
  readonly #markings: MarkingDefinitions;
  readonly #submit: RecoveryParts['submit'];

  constructor({ store, directory, log, audit, held, markings, submit }: RecoveryParts) {
    this.#store = store;
    this.#directory = directory;
    this.#log = log;
    this.#audit = audit;
    this.#held = held;
    this.#markings = markings;
    this.#submit = submit;
  }

  /**
   * Continues where a process was killed after it committed a marking definition. Stored definitions are learned, and
   * objects that waited for them are checked again. Repeating this is harmless.
   */
  async recover(): Promise<void> {
    for await (const page of this.#held.pages({})) {
      for (const head of page) await this.#held.complete(head);
      const waiting = page.filter(({ waitsFor }) => waitsFor.length > 0);
      for (const { collection, waitsFor } of waiting) {
        const query = { collection, after: 0, limit: waitsFor.length, ids: waitsFor, versions: LAST_VERSION };
        const entries = await allEntries(this.#store, query);
        for (const { owner, text: found } of entries)
          if (found !== undefined) await this.#markings.learn(JSON.parse(found) as StixObject, owner);
      }
      for (const id of new Set(waiting.flatMap(({ waitsFor }) => waitsFor))) {
        const known = await MARKINGS.in(this.#store).try(id);
        if (known !== undefined && known !== 'damaged') await this.release(id, known.document.owner);
      }
    }
  }

  /** Checks the objects of a page again, one by one. */
  async #retryAll(heads: readonly HeldHead[]): Promise<void> {
    for (const { id } of heads) {
      const item = await this.#store.heldObject(id);
      if (item !== undefined) await this.retry(item);
    }
  }

  /**
   * Checks objects again that waited for the start of their IEP policy, if it has started. Objects whose policy has
   * ended remain on hold for a person.
   */
  async retryDates(): Promise<void> {
    for await (const page of this.#held.pages({}))
      await this.#retryAll(page.filter(({ reason }) => reason === 'iep-dates'));
  }

  /** Checks objects again that waited for a marking definition of this owner. */
  async release(marking: string, owner: string): Promise<void> {
    for await (const page of this.#held.pages({ waitsFor: marking }))
      await this.#retryAll(page.filter((item) => item.owner === owner || isOfHub(owner)));
  }

  /**
   * Checks a held object again, with the current rights of its submitter. Undefined when the account, its
   * member or the collection no longer exists. The owner does not change, unless hub staff release it on
   * behalf of a member (`actor` with `onBehalfOf`). The object leaves the queue once it is stored.
   */
  async retry(
    stored: HeldObject,
    { actor: as, facts }: { readonly actor?: Actor; readonly facts?: readonly AuditFact[] } = {},
  ): Promise<Outcome | undefined> {
    const item = this.#held.opened(stored);
    const directory = await this.#directory.refresh();
    const collection = directory.collections.get(item.collection);
    const actor = as ?? heldActor(item, directory);
    if (collection === undefined || actor === undefined) return undefined;
    const value = JSON.parse(item.text) as Record<string, unknown>;
    const [outcome] = await this.#submit({
      actor,
      collection,
      count: 1,
      item: () => ({ text: item.text, value }),
      ...this.#published(actor, collection.id),
    });
    this.#log.info('held.released', {
      ...(mayRevealItsValue(item.objectId) ? {} : { object: item.objectId }),
      collection: item.collection,
      outcome: outcome?.kind ?? 'none',
    });
    if (outcome?.kind === 'stored' || outcome?.kind === 'known')
      await this.#store.commit({
        released: [item.id],
        facts: facts ?? [this.#released(item)],
        scrub: stored.sealed === true,
      });
    return outcome;
  }

  /** Returns the audit entry by which people of the hub count as publishers of an object that was on hold. */
  #published(actor: Actor, collection: string): Pick<Submission, 'factIfStored'> {
    if (actor.kind === 'feed' || !isByHubPerson(actor.principal)) return {};
    const fact = this.#audit.fact(actor.principal, 'object.publish', `collection/${collection}`, {
      details: { because: 'it was on hold' },
    });
    return { factIfStored: { fact, listsObjects: true } };
  }

  /** Returns the audit entry of an object that is released automatically. */
  #released({ id, objectId, owner, reason, collection }: HeldObject): AuditFact {
    return this.#audit.ofHub('intake', 'held.release', `held/${id}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { collection, reason, ...(mayRevealItsValue(objectId) ? {} : { ids: [objectId] }) },
    });
  }
}
