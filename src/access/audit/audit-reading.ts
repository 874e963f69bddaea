import type { AuditEntry as AuditShown } from '../../api/schema-types.ts';
import type { CursorSeal } from '../../kernel/cursor-seal.ts';
import {
  AUDIT_END,
  auditKey,
  type AuditFact,
  type AuditOrder,
  type AuditPart,
  type Store,
} from '../../store/store.ts';
import { withoutValueIds } from './audit.ts';
import type { Directory } from '../directory.ts';
import type { MemberSecret, MemberSecrets } from '../member-secrets.ts';
import { memberOf, principalId, type Principal } from '../principal.ts';
import { can, type Resource } from '../rights.ts';
import { VisibleNames } from '../visible-names.ts';
import { accessErrors } from '../errors.ts';

/** How many entries of an earlier version one request adds to the index, if the hub has not finished this itself. */
const INDEXED_AT_ONCE = 2_000;
/** Details that name nothing but the subject of the entry. */
const PLAIN = new Set([
  'action', 'address', 'addresses', 'answer', 'because', 'changed', 'default_tlp', 'disabled', 'ends', 'expires', 'further', 'host', 'ids', 'kind', 'max_tlp',
  'modified', 'note', 'objects', 'on_behalf_of', 'password', 'person', 'read', 'reason', 'role', 'scopes', 'share', 'since', 'state', 'status', 'times', 'title', 'tlp',
  'type', 'until', 'value', 'versions', 'way', 'what', 'within_s', 'write',
]); // prettier-ignore

/** Begins a position of a list with the newest entry first. A plain number is the position of a collector of entries. */
const NEWEST = 'newest-';
const PLAIN_PLACE = /^(newest-)?(\d{1,15})$/;
const SEQ_BYTES = 8;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The start of a page of the audit log. */
export interface AuditPlace {
  /** The position from the previous page, or for callers who see numbers the number of an entry. */
  readonly after?: string | undefined;
  readonly order?: AuditOrder | undefined;
}

/** A position: beyond an entry, or at the start of the list. */
interface Place {
  readonly seq: number | undefined;
  readonly order: AuditOrder;
}

type AuditStore = Pick<Store, 'audit' | 'auditBy' | 'indexFacts' | 'numberFacts'>;

/**
 * The audit log, as far as a caller may see it. Administrators of the hub see the complete chain. Other
 * accounts see their own actions and, as officers, entries about their member. They see no entry numbers,
 * because gaps would show how much others do, and no names that they cannot list.
 */
export class AuditReading {
  readonly #store: AuditStore;
  readonly #directory: Directory;
  readonly #seal: CursorSeal;
  readonly #secrets: Pick<MemberSecrets, 'readBy'>;

  constructor(
    store: AuditStore,
    directory: Directory,
    seal: CursorSeal,
    secrets: Pick<MemberSecrets, 'readBy'>,
  ) {
    this.#secrets = secrets;
    this.#store = store;
    this.#directory = directory;
    this.#seal = seal;
  }

  /**
   * Returns one page of the entries that the caller may see, starting after the position from the previous page. Without
   * an order, the page continues in the order of that position, and a list without a position begins with the newest
   * entry. A position is valid in both orders.
   */
  async list(
    actor: Principal,
    { after, order: requested }: AuditPlace,
    limit: number,
  ): Promise<{
    readonly items: readonly AuditShown[];
    readonly next: string | undefined;
    readonly names: Readonly<Record<string, string>>;
  }> {
    if (actor.kind === 'public') throw accessErrors.notPermitted({ action: 'read the audit log' });
    await this.#store.numberFacts();
    const directory = await this.#directory.current();
    // A caller who may see entries that concern no account and no member may see the whole log.
    const isWhole = can(actor, 'audit.read', { kind: 'fact', actor: '', member: undefined });
    const visible = VisibleNames.of(directory, actor);
    const place = this.#placeIn(actor, after, isWhole);
    const order = requested ?? place?.order ?? 'newest';
    const from = place?.seq ?? (order === 'oldest' ? 0 : AUDIT_END);
    const { entries, unindexedFrom } = await this.#read(actor, { from, limit: limit + 1, order }, isWhole);
    const shown = entries.slice(0, limit);
    const readsSeals = await this.#secrets.readBy(actor, 'seal.see');
    const items = shown
      // The index only finds entries. Whether the caller may see them is decided here, as everywhere.
      .filter(
        ({ fact }) =>
          can(actor, 'audit.read', about(fact)) && (isWhole || readsOrigin(actor, fact, readsSeals)),
      )
      .map((entry): AuditShown => {
        const fact = withoutOrigin(actor, entry.fact);
        return isWhole ? { ...entry, fact } : { fact: shownTo(actor, fact, visible) };
      });
    // One more entry than requested shows that there is another page.
    const last = entries.length > limit ? shown.at(-1)?.seq : unindexedFrom;
    return {
      items,
      names: namesIn(items, visible),
      next: last === undefined ? undefined : this.#place(actor, { seq: last, order }, isWhole),
    };
  }

  /**
   * Reads only entries that the caller may see, so that the time of a response depends on nothing else. Entries
   * of others cost nothing, however many there are.
   */
  async #read(
    actor: Principal,
    { from, limit, order }: { readonly from: number; readonly limit: number; readonly order: AuditOrder },
    isWhole: boolean,
  ): Promise<AuditPart> {
    if (isWhole) return { entries: await this.#store.audit(from, limit, order) };
    const member = actor.kind === 'account' ? actor.member : undefined;
    const readsMember = member !== undefined && can(actor, 'audit.read', { kind: 'fact', actor: '', member });
    const keys = [auditKey.actor(principalId(actor)), ...(readsMember ? [auditKey.member(member)] : [])];
    const part = await this.#store.auditBy(keys, from, limit, order);
    if (part.unindexedFrom !== undefined) await this.#store.indexFacts(INDEXED_AT_ONCE);
    return part;
  }

  #place(actor: Principal, { seq, order }: Place & { readonly seq: number }, isWhole: boolean): string {
    if (isWhole) return order === 'oldest' ? String(seq) : `${NEWEST}${seq}`;
    const place = Buffer.alloc(SEQ_BYTES + 1);
    place.writeBigUInt64BE(BigInt(seq));
    place.writeUInt8(order === 'newest' ? 1 : 0, SEQ_BYTES);
    return this.#seal.seal(place, ['audit', principalId(actor)]);
  }

  /** Returns the position that a text names. Undefined for the start of the list. */
  #placeIn(actor: Principal, after: string | undefined, isWhole: boolean): Place | undefined {
    if (after === undefined) return undefined;
    if (after === '0') return { seq: undefined, order: 'oldest' };
    const [, newest, seq] = (isWhole ? PLAIN_PLACE.exec(after) : undefined) ?? [];
    if (seq !== undefined) return { seq: Number(seq), order: newest === undefined ? 'oldest' : 'newest' };
    const place = isWhole ? undefined : this.#seal.open(after, ['audit', principalId(actor)]);
    if (place === undefined) throw accessErrors.invalidAfter();
    // Positions of earlier versions have no byte for the order, which was always the oldest entry first.
    const isNewest = place.length > SEQ_BYTES && place.readUInt8(SEQ_BYTES) === 1;
    return { seq: Number(place.readBigUInt64BE()), order: isNewest ? 'newest' : 'oldest' };
  }
}

/**
 * Returns the names of collections whose ids are in entries. The entries themselves stay as they are, because their
 * hashes prove them.
 */
function namesIn(items: readonly AuditShown[], visible: VisibleNames): Readonly<Record<string, string>> {
  const ids = new Set(
    JSON.stringify(items.map(({ fact: { resource, details } }) => [resource, details])).match(UUID),
  );
  return Object.fromEntries(
    [...ids].flatMap((id) => {
      const collection = visible.find(id);
      const name = collection === undefined ? id : visible.nameOf(collection);
      return name === id ? [] : [[id, name]];
    }),
  );
}

/** Entries of versions before 0.2 contain only the name, which served as the id. */
function about({ actor, actor_id: id = actor, member }: AuditFact): Resource {
  return { kind: 'fact', actor: id, member };
}

/**
 * Removes from the entry about an opened seal whose object it was, except for the member itself. The people who opened it
 * could read that for one day, and the entry stays for years. The hash of the entry still proves what the store contains.
 */
function withoutOrigin(actor: Principal, fact: AuditFact): AuditFact {
  const { member, details, ...rest } = fact;
  if (fact.action !== 'seal.open' || member === memberOf(actor)) return fact;
  const { original: _original, ...kept } = details ?? {};
  return { ...rest, details: kept };
}

/**
 * False for the entry about an opened seal of the caller's member if the caller must not learn whose object it was. The
 * people who opened a seal see their own entries, without the member.
 */
function readsOrigin(
  actor: Principal,
  { action, at, member }: AuditFact,
  reads: (secret: MemberSecret) => boolean,
): boolean {
  return action !== 'seal.open' || member !== memberOf(actor) || reads({ at });
}

/** Removes from an entry what the caller must not learn. Callers see everything in entries about their own actions. */
function shownTo(actor: Principal, fact: AuditFact, visible: VisibleNames): AuditFact {
  const { key, address, details, actor_id: id, ...rest } = withoutValueIds(fact);
  const isOwn = (fact.actor_id ?? fact.actor) === principalId(actor);
  const isKnown = isOwn || visible.accountOf(id ?? fact.actor);
  const kept = Object.entries(details ?? {}).filter(([name]) => isOwn || PLAIN.has(name));
  return {
    ...rest,
    actor: isOwn ? fact.actor : visible.actor(id ?? fact.actor, fact.actor),
    ...(isKnown && id !== undefined ? { actor_id: id } : {}),
    resource: isOwn ? rest.resource : resourceFor(rest.resource, visible),
    ...(isKnown && key !== undefined ? { key } : {}),
    ...(isKnown && address !== undefined ? { address } : {}),
    ...(kept.length === 0 ? {} : { details: Object.fromEntries(kept) }),
  };
}

/** The resource of an entry: by name when the caller can list it, otherwise only its kind. */
function resourceFor(resource: string, visible: VisibleNames): string {
  const cut = resource.indexOf('/');
  const [kind, name] = [resource.slice(0, cut), resource.slice(cut + 1)];
  const isShown = {
    collection: () => visible.find(name) !== undefined,
    account: () => visible.account(name),
    member: () => visible.member(name),
    group: () => visible.group(name),
    feed: () => visible.list('feed').includes(name),
    rule: () => visible.list('rule').includes(name),
  }[kind];
  return isShown === undefined || isShown() ? resource : kind;
}
