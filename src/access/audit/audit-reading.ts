import type { AuditEntry as AuditShown } from '../../api/schema-types.ts';
import type { CursorSeal } from '../../kernel/cursor-seal.ts';
import { auditKey, type AuditFact, type AuditPart, type Store } from '../../store/store.ts';
import { withoutValueIds } from './audit.ts';
import type { Directory } from '../directory.ts';
import { principalId, type Principal } from '../principal.ts';
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

  constructor(store: AuditStore, directory: Directory, seal: CursorSeal) {
    this.#store = store;
    this.#directory = directory;
    this.#seal = seal;
  }

  /** Returns one page of the entries that the caller may see, starting after the position from the previous page. */
  async list(
    actor: Principal,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly items: readonly AuditShown[]; readonly next: string | undefined }> {
    if (actor.kind === 'public') throw accessErrors.notPermitted({ action: 'read the audit log' });
    await this.#store.numberFacts();
    const directory = await this.#directory.current();
    // A caller who may see entries that concern no account and no member may see the whole log.
    const isWhole = can(actor, 'audit.read', { kind: 'fact', actor: '', member: undefined });
    const visible = VisibleNames.of(directory, actor);
    const { entries, unindexedAfter } = await this.#read(
      actor,
      this.#placeIn(actor, after, isWhole),
      limit + 1,
      isWhole,
    );
    const shown = entries.slice(0, limit);
    const items = shown
      // The index only finds entries. Whether the caller may see them is decided here, as everywhere.
      .filter(({ fact }) => can(actor, 'audit.read', about(fact)))
      .map((entry): AuditShown => (isWhole ? entry : { fact: shownTo(actor, entry.fact, visible) }));
    // One more entry than requested shows that there is another page.
    const last = entries.length > limit ? shown.at(-1)?.seq : unindexedAfter;
    return { items, next: last === undefined ? undefined : this.#place(actor, last, isWhole) };
  }

  /**
   * Reads only entries that the caller may see, so that the time of a response depends on nothing else. Entries
   * of others cost nothing, however many there are.
   */
  async #read(actor: Principal, after: number, limit: number, isWhole: boolean): Promise<AuditPart> {
    if (isWhole) return { entries: await this.#store.audit(after, limit) };
    const member = actor.kind === 'account' ? actor.member : undefined;
    const readsMember = member !== undefined && can(actor, 'audit.read', { kind: 'fact', actor: '', member });
    const keys = [auditKey.actor(principalId(actor)), ...(readsMember ? [auditKey.member(member)] : [])];
    const part = await this.#store.auditBy(keys, after, limit);
    if (part.unindexedAfter !== undefined) await this.#store.indexFacts(INDEXED_AT_ONCE);
    return part;
  }

  #place(actor: Principal, at: number, isWhole: boolean): string {
    if (isWhole) return String(at);
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(BigInt(at));
    return this.#seal.seal(place, ['audit', principalId(actor)]);
  }

  #placeIn(actor: Principal, after: string | undefined, isWhole: boolean): number {
    if (after === undefined || after === '0') return 0;
    if (isWhole && /^\d{1,15}$/.test(after)) return Number(after);
    const place = isWhole ? undefined : this.#seal.open(after, ['audit', principalId(actor)]);
    if (place !== undefined) return Number(place.readBigUInt64BE());
    throw accessErrors.invalidAfter();
  }
}

/** Entries of versions before 0.2 contain only the name, which served as the id. */
function about({ actor, actor_id: id = actor, member }: AuditFact): Resource {
  return { kind: 'fact', actor: id, member };
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
