import type { Exercise, ExerciseCallRequest, ExerciseRequest } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { GROUPS } from '../../access/member-model.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames, suggestion } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { CONTACTS, type ContactRecord } from '../contacts/model.ts';
import { memberErrors } from '../errors.ts';
import { exerciseErrors } from './errors.ts';
import { EXERCISES, type ExerciseCall, type ExerciseRecord } from './model.ts';
import { courseOf, type TreeContact } from './rules.ts';

/** Maximum number of calls of one exercise. */
const MOST_CALLS = 2_000;

interface ExerciseParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
}

/**
 * Exercises of the phone tree: hub staff call the contacts of members in their order, and record each call. Members see their
 * own results. A number that was reached counts as verified.
 */
export class Exercises {
  readonly #s: ExerciseParts;

  constructor(parts: ExerciseParts) {
    this.#s = parts;
  }

  /** Returns the exercises that the caller may see, newest first. Officers see those of their member, with its results. */
  async list(actor: Principal): Promise<readonly Exercise[]> {
    const directory = await this.#s.directory.current();
    const contacts = await this.#contacts();
    return (await EXERCISES.all(this.#s.store))
      .flatMap((record) => this.#listed(record, contacts, directory, actor) ?? [])
      .toSorted((a, b) => (a.started < b.started ? 1 : -1));
  }

  async get(actor: Principal, id: string): Promise<Exercise> {
    return this.#shown(await this.#record(id), actor);
  }

  /** Starts an exercise with these members, or those of a group, or all active members. */
  async create(actor: Principal, { title, members, group }: ExerciseRequest): Promise<Exercise> {
    this.#demandStaff(actor);
    const { store, clock, ids, audit } = this.#s;
    const directory = await this.#s.directory.current();
    const named = members ?? (group === undefined ? undefined : await this.#groupMembers(group, directory, actor));
    const unknown = (members ?? []).filter((name) => directory.members.get(name)?.active !== true || name === 'hub');
    if (unknown.length > 0) throw exerciseErrors.unknownMembers({ members: unknown.join(', ').slice(0, 200) });
    const all = [...directory.members.values()].filter(({ active, name }) => active && name !== 'hub').map(({ name }) => name);
    const taking = [...new Set(named ?? all)].filter((name) => all.includes(name));
    if (taking.length === 0) throw exerciseErrors.nobody();
    const id = ids.uuid();
    const document: ExerciseRecord = { title, members: taking, by: principalId(actor), started: clock.now(), calls: [] };
    const facts = [audit.fact(actor, 'exercise.create', `exercise/${id}`, { details: { members: taking.length } })];
    await store.commit({ records: [EXERCISES.insert(id, document)], facts });
    return this.get(actor, id);
  } // prettier-ignore

  /** Records a call. A contact that was reached counts as verified, and one with a wrong number no longer does. */
  async call(actor: Principal, id: string, request: ExerciseCallRequest): Promise<Exercise> {
    this.#demandStaff(actor);
    const { store, clock, audit } = this.#s;
    const record = await this.#record(id);
    const { document: exercise } = record;
    if (exercise.ended !== undefined) throw exerciseErrors.ended();
    if (exercise.calls.length >= MOST_CALLS) throw exerciseErrors.full({ most: MOST_CALLS });
    const contact = await CONTACTS.in(store).get(request.contact);
    if (contact === undefined || !exercise.members.includes(contact.document.member)) throw exerciseErrors.notInIt();
    const { member, label } = contact.document;
    const call: ExerciseCall = {
      ...{ member, contact: contact.id, label, at: clock.now(), outcome: request.outcome, by: principalId(actor) },
      ...(request.note === undefined ? {} : { note: request.note }),
    };
    const changed = { ...exercise, calls: [...exercise.calls, call] };
    const details = { contact: contact.id, outcome: request.outcome };
    await store.commit({
      records: [EXERCISES.change(record, changed), ...verification(contact, call)],
      facts: [audit.fact(actor, 'exercise.call', `exercise/${id}`, { member, details })],
    });
    return this.get(actor, id);
  } // prettier-ignore

  async end(actor: Principal, id: string): Promise<Exercise> {
    this.#demandStaff(actor);
    const { store, clock, audit } = this.#s;
    const record = await this.#record(id);
    if (record.document.ended !== undefined) throw exerciseErrors.ended();
    await store.commit({
      records: [EXERCISES.change(record, { ...record.document, ended: clock.now() })],
      facts: [audit.fact(actor, 'exercise.end', `exercise/${id}`)],
    });
    return this.get(actor, id);
  }

  #demandStaff(actor: Principal): void {
    if (!can(actor, 'hub.read', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'run exercises' });
  }

  async #groupMembers(group: string, directory: Snapshot, actor: Principal): Promise<readonly string[]> {
    const found = await GROUPS.in(this.#s.store).get(group);
    if (found === undefined) throw memberErrors.groupNotFound({ name: group.slice(0, 64) }, suggestion(VisibleNames.of(directory, actor), 'group', group));
    return found.document.members;
  } // prettier-ignore

  async #record(id: string): Promise<Stored<ExerciseRecord>> {
    const record = await EXERCISES.in(this.#s.store).get(id);
    if (record === undefined) throw exerciseErrors.notFound({ id: id.slice(0, 64) });
    return record;
  }

  async #shown(record: Stored<ExerciseRecord>, actor: Principal): Promise<Exercise> {
    const directory = await this.#s.directory.current();
    const found = this.#listed(record, await this.#contacts(), directory, actor);
    if (found === undefined) throw exerciseErrors.notFound({ id: record.id.slice(0, 64) });
    return found;
  }

  /** Returns an exercise with the results of those members whose history the caller may see. */
  #listed(
    { id, document }: Stored<ExerciseRecord>,
    contacts: ReadonlyMap<string, readonly TreeContact[]>,
    directory: Snapshot,
    actor: Principal,
  ): Exercise | undefined {
    const visible = VisibleNames.of(directory, actor);
    const members = document.members.filter((name) => can(actor, 'contact.history', { kind: 'member', name }));
    if (members.length === 0) return undefined;
    const time = (at: number): string => new Date(at).toISOString();
    return {
      ...{ id, title: document.title, started: time(document.started), by: visible.actor(document.by) },
      ...(document.ended === undefined ? {} : { ended: time(document.ended) }),
      results: members.map((member) => {
        const { next, calls, ...course } = courseOf(document, member, contacts.get(member) ?? []);
        return {
          ...{ member, team: directory.members.get(member)?.title ?? member, ...course },
          calls: calls.map(({ contact, label, at, outcome, by, note }) => ({
            ...{ contact, label, at: time(at), outcome, by: visible.actor(by) },
            ...(note === undefined ? {} : { note }),
          })),
          ...(next === undefined || document.ended !== undefined
            ? {}
            : { next: { contact: next.contact.id, label: next.contact.contact.label, numbers: next.contact.contact.phones.map(({ number }) => number), due: time(next.due) } }),
        };
      }),
    };
  } // prettier-ignore

  async #contacts(): Promise<ReadonlyMap<string, readonly TreeContact[]>> {
    const found = new Map<string, TreeContact[]>();
    for (const { id, document } of await CONTACTS.all(this.#s.store)) {
      const present = found.get(document.member);
      if (present === undefined) found.set(document.member, [{ id, contact: document }]);
      else present.push({ id, contact: document });
    }
    return found;
  }
}

/** Returns the change of the contact that a call verifies or puts in doubt. */
function verification(record: Stored<ContactRecord>, { outcome, at, by }: ExerciseCall) {
  if (outcome === 'reached')
    return [CONTACTS.change(record, { ...record.document, verified: { at, by, method: 'call' } })];
  return outcome === 'wrong-number'
    ? [CONTACTS.change(record, withoutFields(record.document, ['verified']))]
    : [];
}
