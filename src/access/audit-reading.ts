import { setImmediate } from 'node:timers/promises';
import type { CursorSeal } from '../kernel/cursor-seal.ts';
import { Problem } from '../kernel/problem.ts';
import type { AuditFact, Store } from '../store/store.ts';
import { withoutValueIds } from './audit.ts';
import type { Directory } from './directory.ts';
import { principalId, type Principal } from './principal.ts';
import { can } from './rights.ts';
import { VisibleNames } from './visible-names.ts';

const PAGE = 1_000;
/** Entries that one list looks through for somebody who may see few of them. */
const MOST_LOOKED_AT = 20_000;
/** Details that name nobody and nothing but what the fact is about. */
const PLAIN = new Set([
  'action', 'address', 'addresses', 'answer', 'because', 'changed', 'default_tlp', 'disabled', 'ends', 'expires', 'host', 'ids', 'kind', 'max_tlp',
  'modified', 'note', 'objects', 'on_behalf_of', 'password', 'person', 'read', 'reason', 'role', 'scopes', 'share', 'since', 'state', 'status', 'times', 'title', 'tlp',
  'type', 'until', 'value', 'versions', 'way', 'what', 'write',
]); // prettier-ignore

/** An entry of the audit as somebody sees it. Its place in the chain is for those who see all of it. */
export interface AuditShown {
  readonly seq?: number;
  readonly hash?: string;
  readonly fact: AuditFact;
}

/**
 * The audit, for whoever may see a part of it. Administrators of the hub see the chain as it stands. Others see their own acts and,
 * as officers, what concerns their member: without numbers, whose gaps would count what others do, and without names of what they
 * cannot list.
 */
export class AuditReading {
  readonly #store: Pick<Store, 'audit' | 'numberFacts'>;
  readonly #directory: Directory;
  readonly #seal: CursorSeal;

  constructor(store: Pick<Store, 'audit' | 'numberFacts'>, directory: Directory, seal: CursorSeal) {
    this.#store = store;
    this.#directory = directory;
    this.#seal = seal;
  }

  /** A page of what somebody may see, behind the place that the page before gave. */
  async list(
    actor: Principal,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly items: readonly AuditShown[]; readonly next: string | undefined }> {
    if (actor.kind === 'public')
      throw new Problem('forbidden', 'You may not see the audit', { code: 'TLN-A-403' });
    await this.#store.numberFacts();
    const directory = await this.#directory.current();
    // Whoever sees what nobody did, to nobody, sees all.
    const isWhole = can(actor, 'audit.read', { kind: 'fact', actor: '', member: undefined });
    const visible = VisibleNames.of(directory, actor);
    const items: AuditShown[] = [];
    let at = this.#placeIn(actor, after, isWhole);
    for (let looked = 0; looked < MOST_LOOKED_AT;) {
      const page = await this.#store.audit(at, PAGE);
      for (const entry of page) {
        // Entries of earlier versions know the name only, which was the id then.
        const { actor: name, actor_id: who = name, member } = entry.fact;
        if (can(actor, 'audit.read', { kind: 'fact', actor: who, member })) {
          // One more than asked for says whether there are more.
          if (items.length === limit) return { items, next: this.#place(actor, at, isWhole) };
          items.push(isWhole ? entry : { fact: shownTo(actor, entry.fact, visible) });
        }
        at = entry.seq;
      }
      looked += page.length;
      if (page.length < PAGE) return { items, next: undefined };
      await setImmediate();
    }
    return { items, next: this.#place(actor, at, isWhole) };
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
    throw new Problem('invalid-request', 'The parameter after cannot be read', {
      hint: 'Send the next of the page before.',
      code: 'TLN-P-400',
    });
  }
}

/** A fact without what somebody may not know of. Of one's own acts one knows what one has said. */
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

/** What was acted on, by name where the caller can list it; else by its kind. */
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
