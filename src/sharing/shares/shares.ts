import type { Share, ShareRequest } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { principalId, principalName, memberOf, type Principal } from '../../access/principal.ts';
import { demandPlacing, isInReach } from '../../access/keys/limits.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { rankOf, tlpLabel, tlpOf } from '../../stix/markings.ts';
import { isOfHub, LAST_VERSION, type AuditFact, type Store } from '../../store/store.ts';
import type { Stored } from '../../store/records.ts';
import { SHARES, type ShareRecord } from './model.ts';
import { answersFor, rightfulOwner } from '../intake/owner.ts';
import { noObject } from '../reading/outlet.ts';
import type { Problem } from '../../kernel/problem.ts';
import { replacedForm } from '../intake/placement-facts.ts';
import {
  candidateOf,
  companionsOf,
  companionsFor,
  contextOf,
  itemOf,
  type Item,
} from '../routing/placing.ts';
import { nameOf } from '../routing/reasons.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import { memberNamed } from '../deliveries/explain.ts';
import { accessErrors } from '../../access/errors.ts';
import { shareErrors } from './errors.ts';
import { sharingErrors } from '../errors.ts';

/**
 * The strictest TLP that is shared without the owner's consent. The community may pass on TLP:CLEAR and TLP:GREEN
 * within itself.
 */
const FREE = rankOf('green');
/** The fields of a record that callers see, except names of accounts. */
type ShareOfRecord = Omit<ShareRecord, 'source'>;

const MOST_LISTED = 1_000;
/** Maximum number of unanswered requests for consent per account. */
const MOST_ASKED = 100;

/**
 * Sharing by hand: into the collections of chosen members, or into another collection. The owner of an object may
 * always share it. TLP:CLEAR and TLP:GREEN are shared within the community without the owner's consent. Everything else
 * needs it. The policy is checked in every case: no consent lets an object into a collection that its marking does not
 * allow.
 */
export class Shares {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #placed: () => void;

  constructor(
    store: Store,
    directory: Directory,
    ids: Ids,
    clock: Clock,
    audit: Audit,
    placed: () => void = () => undefined,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
    this.#placed = placed;
  }

  /**
   * Shares the newest version of an object. Later versions follow automatically. If consent is needed, this sends a
   * request to the owner. `listedIn`: a collection whose object was listed to the caller for a decision, which hub staff
   * share even if no grant lets them read the collection.
   */
  async share(actor: Principal, object: string, request: ShareRequest, listedIn?: string): Promise<Share> {
    demandPlacing(actor, 'share.create');
    const directory = await this.#directory.refresh();
    const { source, item } = await this.#find(actor, object, directory, listedIn);
    const { level } = item.entry;
    const owner = answersFor(item.entry, directory);
    // Hub staff decide on the triage list of collections that they cannot read. The TLP of the objects still binds.
    const isListed = source.id === listedIn && can(actor, 'object.triage', { kind: 'hub' });
    const rights = isListed ? { read: true, write: true } : directory.rights(actor, source);
    if (actor.kind !== 'account' || !can(actor, 'object.share', { kind: 'object', rights, owners: [owner] }))
      throw accessErrors.notPermitted(
        { action: 'share this object further' },
        {
          description: 'The object has another owner, and you cannot write to the collection that it is in.',
          hint: 'Ask the hub to share it.',
        },
      );
    const targets = placesMeant(actor, request, directory, false);
    if (!targets.every(({ id: target }) => isInReach(actor, target))) throw shareErrors.keyLimited();
    const isPublic = targets.some(({ readers }) => readers.some(({ kind }) => kind === 'public'));
    const isFree = isOwner(actor, owner) || (level <= FREE && !(isPublic && level > rankOf('clear')));
    const asked = isFree ? [] : await SHARES.in(this.#store).by('asked_by', principalId(actor), { limit: MOST_ASKED }); // prettier-ignore
    if (asked.length >= MOST_ASKED) throw shareErrors.tooManyAsked({ most: MOST_ASKED });
    const id = this.#ids.uuid();
    const fact = this.#audit.fact(actor, isFree ? 'share.create' : 'share.ask', `object/${object}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { tlp: tlpLabel(tlpOf(level)), to: targets.map((target) => nameOf(target)) },
    });
    const outcomes = isFree ? await this.#place(actor, source, item, targets, directory, fact) : [];
    const share: ShareOfRecord = {
      id,
      object,
      ...unmistakable(request, targets, directory),
      owner,
      by: principalId(actor),
      at: new Date(this.#clock.now()).toISOString(),
      state: isFree ? 'done' : 'asked',
      outcomes,
    };
    await this.#store.commit({
      records: [SHARES.insert(id, { ...share, source: source.id }, { member: memberOf(actor) })],
      facts: isFree ? [] : [fact],
    });
    if (isFree) this.#placed();
    return shownTo(VisibleNames.of(directory, actor), share);
  }

  /**
   * Returns the shares and requests of the caller, and the requests that the caller can answer, newest first. Hub
   * analysts see all.
   */
  async list(actor: Principal): Promise<readonly Share[]> {
    const visible = VisibleNames.of(await this.#directory.current(), actor);
    const newest = { newestFirst: true, limit: MOST_LISTED };
    const own = memberOf(actor);
    // The caller's own shares and requests are looked up apart, so that those of others cannot crowd them out.
    const lists = await Promise.all([
      SHARES.in(this.#store).list(newest),
      SHARES.in(this.#store).by('owner', own, newest),
      SHARES.in(this.#store).by('member', own, newest),
    ]);
    return [...new Map(lists.flat().map((record) => [record.id, record])).values()]
      .map(shareOf)
      .filter(({ by, owner }) => can(actor, 'share.see', { kind: 'share', by, owner }))
      .map((share) => shownTo(visible, share))
      .toSorted((a, b) => (a.at < b.at ? 1 : -1));
  }

  /**
   * Records the owner's answer. If the owner answered by other means, a hub administrator records it. The note then
   * says who answered, and how.
   */
  async answer(actor: Principal, id: string, verdict: 'granted' | 'refused', note?: string): Promise<Share> {
    const record = await SHARES.in(this.#store).get(id);
    const share = record === undefined ? undefined : shareOf(record);
    if (record === undefined || share === undefined || !can(actor, 'share.see', { kind: 'share', ...share }))
      throw shareErrors.notFound({ id: id.slice(0, 64) });
    if (!can(actor, 'share.answer', { kind: 'share', ...share }))
      throw accessErrors.notPermitted(
        { action: 'answer this request' },
        { description: `An officer of ${share.owner} answers it.` },
      );
    if (verdict === 'granted') demandPlacing(actor, 'share.answer');
    if (share.state !== 'asked') throw shareErrors.answered();
    const isForOther = memberOf(actor) !== share.owner && !isOfHub(share.owner);
    if (verdict === 'granted' && isForOther && note === undefined)
      throw shareErrors.consentRequired({ owner: share.owner });
    const directory = await this.#directory.refresh();
    const source = directory.collections.get(record.document.source);
    const isGranted = verdict === 'granted';
    const fact = this.#audit.fact(
      actor,
      `share.${isGranted ? 'grant' : 'refuse'}`,
      `object/${share.object}`,
      {
        member: isOfHub(share.owner) ? undefined : share.owner,
        details: { share: id, ...(note === undefined ? {} : { note }) },
      },
    );
    let outcomes = share.outcomes;
    if (isGranted) {
      const item = source === undefined ? undefined : await this.#newest(source.id, share.object);
      if (source === undefined || item === undefined) throw noObject(share.object);
      if (answersFor(item.entry, directory) !== share.owner)
        throw shareErrors.ownerChanged({ owner: share.owner });
      outcomes = await this.#place(
        actor,
        source,
        item,
        placesMeant(actor, share, directory, true),
        directory,
        fact,
      );
    }
    const answered: ShareOfRecord = {
      ...share,
      state: isGranted ? 'done' : 'refused',
      answer: {
        by: principalName(actor),
        at: new Date(this.#clock.now()).toISOString(),
        ...(note === undefined ? {} : { note }),
      },
      outcomes,
    };
    await this.#store.commit({
      records: [SHARES.change(record, { ...record.document, ...answered })],
      facts: isGranted ? [] : [fact],
    });
    if (isGranted) this.#placed();
    return shownTo(VisibleNames.of(directory, actor), answered);
  }

  /** Returns the object from the collection in which its TLP is loosest, among those that the actor may read. */
  async #find(
    actor: Principal,
    object: string,
    directory: Snapshot,
    listedIn: string | undefined,
  ): Promise<{ readonly source: CollectionInfo; readonly item: Item }> {
    const isListed = can(actor, 'object.triage', { kind: 'hub' });
    const found: { source: CollectionInfo; item: Item }[] = [];
    for (const source of directory.collections.values()) {
      const rights = directory.rights(actor, source);
      const isRead = can(actor, 'collection.read', { kind: 'collection', rights });
      if (!isRead && !(isListed && source.id === listedIn && isInReach(actor, source.id))) continue;
      const item = await this.#newest(source.id, object);
      if (item !== undefined) found.push({ source, item });
    }
    // If several owners have this id, the rightful owner's object is shared. Otherwise a looser copy that
    // somebody relays could be shared in its place.
    const owner = rightfulOwner(
      found.map(({ item }) => item.entry),
      directory,
    );
    const [first] = found
      .filter(({ item }) => item.entry.owner === owner)
      .toSorted((a, b) => a.item.entry.level - b.item.entry.level);
    if (first === undefined) throw await this.#notFound(actor, object, directory);
    return first;
  }

  /** Hub staff, who can ask where an object is, learn which grant they need to share it. */
  async #notFound(actor: Principal, object: string, directory: Snapshot): Promise<Problem> {
    if (can(actor, 'hub.read', { kind: 'hub' }))
      for (const collection of directory.collections.values())
        if (collection.ownOf === undefined && (await this.#newest(collection.id, object)) !== undefined)
          return shareErrors.notReadable({
            collection: nameOf(collection),
            role: actor.kind === 'account' ? actor.role : 'analyst',
          });
    return noObject(object);
  }

  async #newest(collection: string, id: string): Promise<Item | undefined> {
    const { entries } = await this.#store.entries(
      { collection, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
      true,
    );
    return entries[0] === undefined ? undefined : itemOf(entries[0]);
  }

  /**
   * Places the object and writes the audit entry in the same commit. Only hub staff learn whether the targets already
   * contain it.
   */
  async #place(
    actor: Principal,
    source: CollectionInfo,
    item: Item,
    targets: readonly CollectionInfo[],
    directory: Snapshot,
    fact: AuditFact,
  ): Promise<ShareRecord['outcomes']> {
    const objects = [item.object];
    const about = await contextOf(this.#store, source.id, objects, directory, this.#clock.now());
    const { companions, context } = await companionsOf(this.#store, source.id, objects, about);
    const found = targets.map((target) => ({ target, found: candidateOf(item, target, context) }));
    const placing = found.flatMap(({ target, found: { candidate } }) => {
      if (candidate === undefined) return [];
      const beside = companionsFor(companions, [item]).flatMap(
        (one) => candidateOf(one, target, context).candidate ?? [],
      );
      return [{ collection: target.id, candidates: [...beside, candidate] }];
    });
    const { placed } = await this.#store.commit({
      placements: placing,
      facts: [fact],
      replaced: replacedForm(this.#audit),
    });
    const became = new Map(placing.map(({ collection }, i) => [collection, placed[i]?.at(-1)?.kind]));
    const sees = can(actor, 'hub.read', { kind: 'hub' });
    return found.map(({ target, found: one }): ShareRecord['outcomes'][number] => {
      const to = nameOf(target);
      if (one.candidate === undefined)
        return { to, outcome: 'withheld', message: `${one.reason}: ${one.message}` };
      const outcome = sees ? became.get(target.id) : 'stored';
      if (outcome === 'stored') return { to, outcome: 'placed' };
      return outcome === 'known'
        ? { to, outcome }
        : {
            to,
            outcome: 'withheld',
            message: `${outcome ?? 'lost'}: the collection contains another object with this id`,
          };
    });
  }
}

/** Returns the collection with a name. Undefined if several have it, because a request means only one of them. */
function onlyNamed(directory: Snapshot, name: string): CollectionInfo | undefined {
  const [first, ...others] = directory.named(name);
  return others.length === 0 ? first : undefined;
}

/** Returns a request in which the collection has a name that no other collection has. */
function unmistakable(
  { collection, ...request }: ShareRequest,
  targets: readonly CollectionInfo[],
  directory: Snapshot,
): ShareRequest {
  if (collection === undefined) return request;
  const named = directory.named(collection);
  const target = named.length > 1 ? targets.find((one) => named.includes(one)) : undefined;
  return { ...request, collection: target?.id ?? collection };
}

/** Returns the collections that a request refers to. */
function placesMeant(
  actor: Principal,
  { members, collection }: ShareRequest,
  directory: Snapshot,
  isAnswer: boolean,
): readonly CollectionInfo[] {
  const targets = (members ?? []).map((name) => {
    const { collection: own } = memberNamed(directory, actor, name);
    const target = own === undefined ? undefined : directory.collections.get(own);
    if (target === undefined) throw shareErrors.noOwnCollection({ name });
    return target;
  });
  if (collection !== undefined) {
    // An owner who answers has seen the targets in the request. A requester may name only collections that they can
    // list.
    const target = isAnswer
      ? onlyNamed(directory, collection)
      : VisibleNames.of(directory, actor).chosen(collection);
    if (target === undefined) throw sharingErrors.notWritable({ name: collection.slice(0, 64) });
    targets.push(target);
  }
  if (targets.length === 0) throw shareErrors.noRecipients();
  return [...new Set(targets)];
}

function isOwner(actor: Principal, owner: string): boolean {
  return memberOf(actor) === (isOfHub(owner) ? 'hub' : owner);
}

/** Returns a share without account names that the caller cannot list. */
function shownTo(visible: VisibleNames, share: ShareOfRecord): Share {
  const { by, answer } = share;
  return {
    ...share,
    by: visible.actor(by),
    ...(answer === undefined ? {} : { answer: { ...answer, by: visible.actor(answer.by) } }),
  };
}

function shareOf({ document }: Stored<ShareRecord>): ShareOfRecord {
  const { source: _source, ...share } = document;
  return share;
}
