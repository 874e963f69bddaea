import type { Reason, Recipient, Recipients as RecipientsPreview } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { can } from '../../access/rights.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo, MemberInfo, Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { readObject, type GatedDocument } from '../../kernel/json-gate.ts';
import { Slices } from '../../kernel/slices.ts';
import { Constituency } from '../../members/constituency.ts';
import type { StixObject } from '../../stix/types.ts';
import type { Store } from '../../store/store.ts';
import { accountActor } from '../intake/actor.ts';
import type { Intake } from '../intake/intake.ts';
import type { Judged } from '../intake/judge.ts';
import { notAllowed } from '../reading/outlet.ts';
import { representedBy } from '../intake/on-behalf.ts';
import { decidePassing, type Passed, type PassingContext } from '../routing/passing.ts';
import { contextOf } from '../routing/placing.ts';
import { MOST_REASONS, reasonsNotRouted, distinct, nameOf, noCollection } from '../routing/reasons.ts';
import { ruleTargetsOf, targetWords, targetsOf, type RuleTarget, type Target } from '../routing/targets.ts';
import { sharingErrors } from '../errors.ts';

/** Previews who would receive objects. It uses the same policy and claims as routing. */
export class Recipients {
  readonly #store: Store;
  readonly #intake: Pick<Intake, 'foresee'>;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor(store: Store, intake: Pick<Intake, 'foresee'>, directory: Directory, clock: Clock) {
    this.#store = store;
    this.#intake = intake;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Returns who would receive objects if the actor submitted them to a collection. Nothing is written. */
  async preview(
    actor: Principal,
    name: string,
    document: GatedDocument,
    onBehalfOf?: string,
  ): Promise<RecipientsPreview> {
    const directory = await this.#directory.current();
    const visible = VisibleNames.of(directory, actor);
    const collection = visible.chosen(name);
    if (collection === undefined) throw sharingErrors.notWritable({ name: name.slice(0, 64) });
    const rights = directory.rights(actor, collection);
    if (!can(actor, 'collection.write', { kind: 'collection', rights })) throw notAllowed('write to');
    const judged = await this.#intake.foresee({
      actor: {
        ...accountActor(actor, collection, directory),
        ...(onBehalfOf === undefined ? {} : { onBehalfOf: representedBy(actor, onBehalfOf, directory) }),
      },
      collection,
      count: document.objects.length,
      item: (i) => {
        const span = document.objects[i];
        return span === undefined ? { pointer: '', message: 'is not there' } : readObject(document, span);
      },
    });
    const good = judged.flatMap((item) =>
      item.kind === 'candidate' ? [{ object: item.object, passed: item.candidate }] : [],
    );
    // A caller without read access must not learn from the preview what the collection contains.
    const readsCollection = can(actor, 'collection.read', { kind: 'collection', rights });
    const slices = new Slices(this.#clock);
    const { context, plans } = await this.#plans(good, collection, directory, readsCollection, slices);
    const seesMembers = can(actor, 'hub.read', { kind: 'hub' });
    const members = [...directory.members.values()].filter(
      (member) =>
        member.name !== 'hub' &&
        (seesMembers || can(actor, 'member.read', { kind: 'member', name: member.name })),
    );
    const items: Recipient[] = [];
    for (const member of members) {
      items.push(recipientOf(member, collection, plans, context, visible));
      if (slices.isOver()) await slices.next();
    }
    return {
      limited: !seesMembers,
      public: [
        ...(good.length > 0 ? [collection] : []),
        ...plans.flatMap(({ rules }) => rules.map((rule) => rule.collection)),
      ].some(({ readers }) => readers.some(({ kind }) => kind === 'public')),
      objects: judged.map(outcomeOf),
      items,
    };
  }

  /** Returns where each object would be placed. */
  async #plans(
    good: readonly { readonly object: StixObject; readonly passed: Passed }[],
    collection: CollectionInfo,
    directory: Snapshot,
    readsCollection: boolean,
    slices: Slices,
  ): Promise<{ readonly context: PassingContext; readonly plans: readonly Plan[] }> {
    const constituency = Constituency.of(directory);
    const now = this.#clock.now();
    const all = good.map(({ object }) => object);
    const context: PassingContext = readsCollection
      ? await contextOf(this.#store, collection.id, all, directory, now)
      : {
          directory,
          now,
          named: new Map(),
          seen: new Map(all.map((object) => [String(object['id']), object])),
        };
    // Objects of the same preview count as if they were already stored.
    const named = new Map(context.named);
    for (const { passed } of good) named.set(passed.id, Math.max(passed.level, named.get(passed.id) ?? 0));
    const here = { ...context, named };
    const plans: Plan[] = [];
    for (const { object, passed } of good) {
      plans.push({
        object,
        passed,
        targets: targetsOf(object, passed, constituency, here),
        passes: (target) => decidePassing(object, passed, target, here),
        rules: ruleTargetsOf(object, passed, collection.id, here).filter(
          ({ collection: to }) => decidePassing(object, passed, to, here).verdict === 'allow',
        ),
      });
      if (slices.isOver()) await slices.next();
    }
    return { context, plans };
  }
}

function outcomeOf(item: Judged): RecipientsPreview['objects'][number] {
  switch (item.kind) {
    case 'candidate':
      return { id: item.candidate.id, outcome: 'stored' };
    case 'held':
      return { id: item.checked.id, outcome: 'held', message: `${item.reason}: ${item.message}` };
    case 'refused':
    case 'sealed': {
      const { id, kind, message } = item.outcome;
      return { id, outcome: kind, ...(message === undefined ? {} : { message }) };
    }
  }
}

/** Where an object of a preview would be placed. */
interface Plan {
  readonly object: StixObject;
  readonly passed: Passed;
  readonly targets: readonly Target[];
  readonly passes: (target: CollectionInfo) => ReturnType<typeof decidePassing>;
  /** Rules that forward it. */
  readonly rules: readonly RuleTarget[];
}

function recipientOf(
  member: MemberInfo,
  collection: CollectionInfo,
  plans: readonly Plan[],
  context: PassingContext,
  visible: VisibleNames,
): Recipient {
  const { directory } = context;
  const granted = (to: string | undefined): string => visible.grant(to ?? '') ?? 'a grant';
  const { name, title } = member;
  const grant = directory.grantFor(name, collection);
  if (grant !== undefined || !member.active || plans.length === 0)
    return {
      member: name,
      title,
      objects: grant === undefined ? 0 : plans.length,
      by: grant === undefined || plans.length === 0 ? [] : [`${granted(grant)} reads ${nameOf(collection)}`],
      reasons: member.active ? [] : [{ code: 'member-inactive', message: `${name} is not active` }],
    };
  const by = new Set<string>();
  const reasons: Reason[] = [];
  let objects = 0;
  const own = member.collection === undefined ? undefined : directory.collections.get(member.collection);
  for (const plan of plans) {
    const ways = plan.rules.filter((rule) => directory.grantFor(name, rule.collection) !== undefined);
    for (const { rule, collection: to } of ways)
      by.add(
        visible.collection(to)
          ? `${granted(directory.grantFor(name, to))} reads ${nameOf(to)}, to which ${visible.list('rule').includes(rule.name) ? `the rule ${rule.name}` : 'a rule'} forwards it`
          : 'a rule forwards it',
      );
    const found = plan.targets.find((one) => one.member === name);
    const passing = found === undefined || own === undefined ? undefined : plan.passes(own);
    if (found !== undefined && passing?.verdict === 'allow') by.add(targetWords(found));
    if (ways.length > 0 || passing?.verdict === 'allow') objects++;
    else if (passing !== undefined) reasons.push({ code: passing.reason, message: passing.message });
    else
      reasons.push(
        ...(own === undefined
          ? [noCollection(name)]
          : reasonsNotRouted(plan.object, member, context, visible)),
      );
  }
  return { member: name, title, objects, by: [...by].slice(0, MOST_REASONS), reasons: distinct(reasons) };
}
