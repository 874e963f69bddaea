import type { Group, LeftGroup } from '../api/schema-types.ts';
import { groupedBy } from '../store/pages.ts';
import type { Stored } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import { demandLasting } from '../access/keys/limits.ts';
import { can } from '../access/rights.ts';
import { readingBack, type Principal } from '../access/principal.ts';
import { GROUPS, type Dates, type GroupRecord } from '../access/member-model.ts';
import { GRANTS } from '../access/model.ts';
import { VisibleNames, suggestion } from '../access/visible-names.ts';
import { demandManaged, managedBy } from '../access/managed.ts';
import { memberErrors } from './errors.ts';
import { accessErrors } from '../access/errors.ts';

/** Groups: their members, and the effects of a member leaving. */
export class GroupService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: { flush(): Promise<void> };
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, ledger: { flush(): Promise<void> }, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#audit = audit;
  }

  /** Returns the groups that the caller may know about. For other callers a group does not exist. */
  async list(actor: Principal): Promise<readonly Group[]> {
    const [records, grants, directory] = await Promise.all([
      GROUPS.all(this.#store),
      GRANTS.all(this.#store),
      this.#directory.current(),
    ]);
    const all = can(actor, 'hub.read', { kind: 'hub' });
    const visible = VisibleNames.of(directory, actor);
    const given = groupedBy(grants, ({ document }) => document.to);
    return records
      .filter(
        ({ id, document }) =>
          all || (actor.kind === 'account' && (actor.groups.includes(id) || document.listed === true)),
      )
      .map(({ id, document, revision }) => ({
        name: id,
        title: document.title ?? id,
        members: document.members,
        dates: document.dates ?? {},
        listed: document.listed === true,
        // The collections of a group are visible only to its members and to the hub.
        collections: (given.get(`group:${id}`) ?? [])
          .filter(() => all || (actor.kind === 'account' && actor.groups.includes(id)))
          .filter(({ document: grant }) => grant.read)
          .flatMap(({ document: grant }) => {
            const collection = directory.collections.get(grant.collection);
            return collection !== undefined && visible.collection(collection)
              ? [collection.alias ?? collection.id]
              : [];
          }),
        managed: managedBy({ document }),
        revision,
      }));
  }

  async get(actor: Principal, name: string): Promise<Group> {
    const found = (await this.list(actor)).find((group) => group.name === name);
    if (found === undefined) throw memberErrors.groupNotFound({ name: name.slice(0, 64) });
    return found;
  }

  async create(
    actor: Principal,
    request: { readonly name: string; readonly title?: string; readonly listed?: boolean },
  ): Promise<Group> {
    this.#demand(actor);
    if (await GROUPS.in(this.#store).get(request.name))
      throw memberErrors.groupExists({ name: request.name });
    await this.#store.commit({
      records: [
        GROUPS.insert(request.name, {
          title: request.title ?? request.name,
          members: [],
          listed: request.listed === true,
          managed: 'hub',
        }),
      ],
      facts: [this.#audit.fact(actor, 'group.create', `group/${request.name}`)],
    });
    await this.#directory.refresh();
    return this.get(readingBack(actor), request.name);
  }

  /**
   * Adds a member to a group, permanently or between two dates. While it is in the group, the member can read the
   * group's collections from their beginning. History that begins at a date needs a separate collection, because a
   * reader of a collection can read all of it.
   */
  async join(actor: Principal, name: string, member: string, dates: Dates = {}): Promise<Group> {
    this.#demand(actor);
    demandLasting(actor, 'group.join');
    if (
      dates.since !== undefined &&
      dates.until !== undefined &&
      Date.parse(dates.since) >= Date.parse(dates.until)
    )
      throw memberErrors.invalidMembership({ since: dates.since, until: dates.until });
    const record = await this.#own(name);
    const directory = await this.#directory.refresh();
    const { members } = directory;
    if (member === 'hub' || !members.has(member)) {
      throw accessErrors.memberNotFound(
        { name: member.slice(0, 60) },
        { ...suggestion(VisibleNames.of(directory, actor), 'member', member) },
      );
    }
    const present = record.document.members;
    const isSame = JSON.stringify(record.document.dates?.[member] ?? {}) === JSON.stringify(dates);
    if (!present.includes(member) || !isSame)
      await this.#put(actor, record, [...new Set([...present, member])], 'group.join', member, dates);
    return this.get(readingBack(actor), name);
  }

  /**
   * Removes a member from a group. The member loses access through the group immediately, even between two pages of a
   * poll. The result lists what it has already read, so that the hub can ask for it back.
   */
  async leave(actor: Principal, name: string, member: string): Promise<LeftGroup> {
    this.#demand(actor);
    const record = await this.#own(name);
    const before = await this.#directory.refresh();
    const present = record.document.members;
    if (!present.includes(member))
      throw memberErrors.notInGroup({ member: member.slice(0, 60), group: name });
    const readable = [...before.collections.values()].filter(
      (collection) => before.grantFor(member, collection) !== undefined,
    );
    await this.#put(
      actor,
      record,
      present.filter((one) => one !== member),
      'group.leave',
      member,
    );
    const after = await this.#directory.refresh();
    await this.#ledger.flush();
    const lost = new Map(
      readable
        .filter((collection) => after.grantFor(member, collection) === undefined)
        .map((collection) => [collection.id, collection.alias ?? collection.id]),
    );
    const recall = (await this.#store.readers())
      .filter(
        ({ account, collection }) => lost.has(collection) && after.accounts.get(account)?.member === member,
      )
      .map(({ account, collection, objects, seen }) => ({
        collection: lost.get(collection) ?? collection,
        account: after.accountLabel(account),
        objects,
        last_seen: new Date(seen).toISOString(),
      }));
    return { group: await this.get(readingBack(actor), name), recall };
  }

  async #put(
    actor: Principal,
    record: Stored<GroupRecord>,
    members: readonly string[],
    action: string,
    member: string,
    dates: Dates = {},
  ): Promise<void> {
    const { [member]: _before, ...others } = record.document.dates ?? {};
    const isDated = dates.since !== undefined || dates.until !== undefined;
    const fact = this.#audit.fact(actor, action, `group/${record.id}`, {
      member,
      ...(isDated ? { details: { ...dates } } : {}),
    });
    await this.#store.commit({
      records: [
        GROUPS.change(record, {
          ...record.document,
          members,
          dates: isDated ? { ...others, [member]: dates } : others,
          joined: joinedSince(record.document, members, fact.at * 1_000),
        }),
      ],
      facts: [fact],
    });
    await this.#directory.refresh();
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'manage groups' });
  }

  async #own(name: string): Promise<Stored<GroupRecord>> {
    const record = await GROUPS.in(this.#store).get(name);
    if (record === undefined) throw memberErrors.groupNotFound({ name: name.slice(0, 64) });
    demandManaged(record, `The group "${name}"`);
    return record;
  }
}

/**
 * The times at which members joined a group, in microseconds since 1970. Absent for members that joined
 * before these times were recorded.
 */
export function joinedSince(
  present: GroupRecord | undefined,
  members: readonly string[],
  now: number,
): Readonly<Record<string, number>> {
  const before = new Set(present?.members ?? []);
  const joined = present?.joined ?? {};
  return Object.fromEntries(
    members.flatMap((member) => {
      const since = before.has(member) ? joined[member] : now;
      return since === undefined ? [] : [[member, since]];
    }),
  );
}
