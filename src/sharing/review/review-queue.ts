import type { Held, Red as RedListed, Released } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import { can } from '../../access/rights.ts';
import { demandPlacing, isConfined, limitsOf } from '../../access/keys/limits.ts';
import { memberOf, principalId, type Principal } from '../../access/principal.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Directory } from '../../access/directory.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { isOfHub, type HeldHead, type HeldObject, type Store } from '../../store/store.ts';
import { mayRevealItsValue } from '../../stix/identifiers.ts';
import { accountActor } from '../intake/actor.ts';
import { defaultOf } from '../intake/held-actor.ts';
import type { Recovery } from '../intake/recovery.ts';
import type { HeldObjects } from './held-objects.ts';
import { representedBy } from '../intake/on-behalf.ts';
import type { Red } from '../red/red.ts';
import { accessErrors } from '../../access/errors.ts';
import { sharingErrors } from '../errors.ts';
import { versionFact } from '../../stix/versions.ts';

/** The next step for an object on hold, by its reason. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  'marking-unknown':
    'The hub continues when the owner submits the definition of the marking. Otherwise discard the object.',
  'marking-conflict':
    'Find out which definition is right. A definition from the hub counts for everybody. Otherwise discard the object.',
  'marking-family': 'Ask the owner to give it a TLP marking, or discard it.',
  'iep-dates': 'The hub continues when the policy begins. Discard an object whose policy has ended.',
  'iep-attribution': 'Ask its owner to send it without created_by_ref, or discard it.',
  'tlp-red':
    'Give it to its named recipients: talanoa held give ID --to ACCOUNT. No collection can contain it.',
  'names-observable':
    'Release it when the collection may contain the observable, or submit it to a collection with a higher maximum TLP.',
  'other-owner': 'Discard it. If the owner of the id agrees, release it with --on-behalf-of MEMBER instead.',
  'other-identity':
    'Discard it. If the member confirms its contact data, release it with --on-behalf-of MEMBER instead.',
  'version-conflict': 'Ask for a version with a later "modified"; then discard this one.',
};

/** Maximum number of held objects that are examined for a key that is limited to collections. */
const MOST_LOOKED_AT = 1_000;

/** The review queue: objects that wait for a person's decision. */
export class Waiting {
  readonly #store: Store;
  readonly #held: Pick<HeldObjects, 'opened' | 'openedHead'>;
  readonly #recovery: Pick<Recovery, 'retry'>;
  readonly #directory: Directory;
  readonly #audit: Audit;
  readonly #red: Pick<Red, 'store'>;

  constructor(
    store: Store,
    held: Pick<HeldObjects, 'opened' | 'openedHead'>,
    recovery: Pick<Recovery, 'retry'>,
    directory: Directory,
    audit: Audit,
    red: Pick<Red, 'store'>,
  ) {
    this.#red = red;
    this.#store = store;
    this.#held = held;
    this.#recovery = recovery;
    this.#directory = directory;
    this.#audit = audit;
  }

  /** Returns the objects on hold, oldest first. Hub analysts see all of them, other callers only their own. */
  async list(actor: Principal, limit: number): Promise<readonly Held[]> {
    const all = can(actor, 'held.decide', {
      kind: 'held',
      submitter: '',
      collection: limitsOf(actor).collections?.[0] ?? '',
    });
    if (!all && actor.kind !== 'account') throw accessErrors.notPermitted({ action: 'see objects on hold' });
    const directory = await this.#directory.current();
    const items = await this.#store.held({
      ...(all || actor.kind !== 'account' ? {} : { submitter: actor.account }),
      limit: isConfined(actor) ? MOST_LOOKED_AT : limit,
    });
    return items
      .filter(({ submitter, collection }) => can(actor, 'held.read', { kind: 'held', submitter, collection }))
      .slice(0, limit)
      .map((item) => listed(this.#held.openedHead(item), directory, actor));
  }

  /**
   * Returns a held object with its content. Each reading of a sealed object is recorded in the audit log before
   * the content is shown.
   */
  async show(actor: Principal, id: string): Promise<Held & { readonly text: string }> {
    const item = await this.#find(actor, id);
    const { text } = this.#held.opened(item);
    if (isSealed(item))
      await this.#store.commit({
        facts: [
          this.#audit.fact(actor, 'held.read', `held/${id}`, {
            member: isOfHub(item.owner) ? undefined : item.owner,
            details: { reason: item.reason },
          }),
        ],
      });
    return { ...listed(item, await this.#directory.current(), actor), text };
  }

  /**
   * Checks a held object again, with the current rights of its submitter. Its owner does not change, unless
   * hub staff release it on behalf of a member, which the audit log records. If the policy still does not
   * accept the object, it stays on hold, with the reason.
   */
  async release(actor: Principal, id: string, onBehalfOf?: string): Promise<Released> {
    const item = await this.#find(actor, id);
    this.#demand(actor, item);
    demandPlacing(actor, 'held.release');
    const directory = await this.#directory.refresh();
    const collection = directory.collections.get(item.collection);
    const as =
      onBehalfOf === undefined || collection === undefined
        ? undefined
        : {
            ...accountActor(actor, collection, directory),
            // An object without a marking counts as it did at submission.
            defaultTlp: defaultOf(item, directory),
            onBehalfOf: representedBy(actor, onBehalfOf, directory),
          };
    const outcome = await this.#recovery.retry(item, {
      ...(as === undefined ? {} : { actor: as }),
      facts: [
        this.#audit.fact(actor, 'held.release', `held/${id}`, {
          member: isOfHub(as?.onBehalfOf ?? item.owner) ? undefined : (as?.onBehalfOf ?? item.owner),
          details: {
            reason: item.reason,
            ...(mayRevealItsValue(item.objectId) ? {} : { object: item.objectId }),
            ...(as === undefined ? {} : { on_behalf_of: as.onBehalfOf }),
          },
        }),
      ],
    });
    if (outcome === undefined)
      return { outcome: 'gone', message: 'its submitter or the collection no longer exists' };
    return {
      outcome: outcome.kind,
      ...(outcome.message === undefined ? {} : { message: outcome.message }),
    };
  }

  /** Gives a TLP:RED object on hold to named people. It then leaves the queue. */
  async give(actor: Principal, id: string, to: readonly string[], note?: string): Promise<RedListed> {
    const item = await this.#find(actor, id);
    this.#demand(actor, item);
    if (actor.kind !== 'account' || item.reason !== 'tlp-red') throw sharingErrors.notRedItem();
    // A key that is limited to collections may decide on what waits for them, but people are in no collection.
    if (!can(actor, 'red.give', { kind: 'red', by: principalId(actor), to }))
      throw accessErrors.notPermitted({ action: 'give TLP:RED to people' });
    // The object is given before it leaves the queue. If the process is killed in between, it is both given and on
    // hold. In the other order, it would be lost.
    const request = { to, ...(note === undefined ? {} : { note }) };
    const listed = await this.#red.store(actor, this.#held.opened(item).text, request, { held: id });
    await this.#store.commit({ released: [id], scrub: true });
    return listed;
  }

  /** Discards an object on hold permanently. */
  async discard(actor: Principal, id: string, reason: string): Promise<void> {
    const item = await this.#find(actor, id);
    this.#demand(actor, item);
    await this.#store.commit({
      released: [id],
      scrub: isSealed(item),
      facts: [
        this.#audit.fact(actor, 'held.discard', `held/${id}`, {
          details: {
            ...(mayRevealItsValue(item.objectId) ? {} : { object: item.objectId }),
            because: item.reason,
            reason,
          },
        }),
      ],
    });
  }

  async #find(actor: Principal, id: string): Promise<HeldObject> {
    const item = await this.#store.heldObject(id);
    if (
      item === undefined ||
      !can(actor, 'held.read', {
        kind: 'held',
        submitter: item.submitter,
        collection: item.collection,
      })
    )
      throw sharingErrors.heldNotFound({ id: id.slice(0, 200) });
    return this.#held.openedHead(item);
  }

  #demand(actor: Principal, { submitter, collection }: HeldObject): void {
    if (!can(actor, 'held.decide', { kind: 'held', submitter, collection }))
      throw accessErrors.notPermitted(
        { action: 'decide on objects on hold' },
        { description: 'Analysts of the hub decide on them.' },
      );
  }
}

/**
 * Returns true for sealed objects: TLP:RED, even if the object also waits for something else, and objects that may name
 * it.
 */
function isSealed({ reason, sealed }: HeldHead): boolean {
  return sealed === true || reason === 'tlp-red';
}

/** The reasons that submitters see. They contain no names, whatever the reasons for reviewers say. */
const TOLD: Readonly<Record<string, string>> = {
  'other-owner': 'the id belongs to another owner in this collection',
};

function listed(item: HeldHead, directory: Snapshot, actor: Principal): Held {
  const decides = can(actor, 'held.decide', {
    kind: 'held',
    submitter: item.submitter,
    collection: item.collection,
  });
  const visible = VisibleNames.of(directory, actor);
  const { id, objectId, version, submitter, owner, reason, message, at } = item;
  const collection = directory.collections.get(item.collection);
  return {
    id,
    object: objectId,
    ...versionFact(version),
    type: objectId.split('--')[0] ?? '',
    collection:
      collection !== undefined && !visible.collection(collection)
        ? ''
        : (collection?.alias ?? item.collection),
    submitter: directory.accountLabel(submitter),
    owner: decides || owner === 'hub' || owner === memberOf(actor) || visible.member(owner) ? owner : '',
    reason,
    message: decides ? message : (TOLD[reason] ?? message),
    next_step: NEXT_STEPS[reason] ?? 'Release it to try again, or discard it.',
    at: new Date(at).toISOString(),
  };
}
