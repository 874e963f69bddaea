import type { Rule as ListedRule, RuleRequest } from '../../api/schema-types.ts';
import type { Problem } from '../../kernel/problem.ts';
import { rankOf, type Tlp } from '../../stix/markings.ts';
import { removal, type Store } from '../../store/store.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { readingBack, type Principal } from '../../access/principal.ts';
import { demandLasting } from '../../access/keys/limits.ts';
import { RULES } from '../../access/model.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Rule, Snapshot } from '../../access/snapshot.ts';
import { demandManaged, managedBy } from '../../access/managed.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import { sharingErrors } from '../errors.ts';
import { accessErrors } from '../../access/errors.ts';

/** The properties of a collection that rules depend on. */
export type RuleEnd = Pick<CollectionInfo, 'id' | 'alias' | 'ownOf' | 'max_tlp'>;

/** Returns why a rule between two collections is invalid, given the other rules. Undefined for a valid rule. */
export function ruleFault(
  from: RuleEnd,
  to: RuleEnd,
  max: Tlp | undefined,
  others: readonly Pick<Rule, 'name' | 'from' | 'to'>[],
): string | undefined {
  if (from.id === to.id) return 'a collection cannot forward to itself';
  if (to.ownOf !== undefined)
    return `${nameOf(to)} is the collection of ${to.ownOf}, which only the hub fills`;
  if (from.ownOf !== undefined) return `${nameOf(from)} is the collection of ${from.ownOf}; objects that were placed there are not forwarded`; // prettier-ignore
  // Forwarded objects are not forwarded again. This prevents loops and keeps the origin of an object clear.
  const before = others.find((rule) => rule.to === from.id);
  if (before !== undefined)
    return `the rule ${before.name} forwards to ${nameOf(from)}, and forwarded objects are not forwarded again. Create a rule from the collection where that rule begins`;
  const after = others.find((rule) => rule.from === to.id);
  if (after !== undefined)
    return `the rule ${after.name} forwards from ${nameOf(to)}, and forwarded objects are not forwarded again. Create a rule from ${nameOf(from)} to the collection where that rule ends`;
  return max !== undefined && rankOf(max) > rankOf(to.max_tlp)
    ? `${nameOf(to)} accepts nothing stricter than TLP:${to.max_tlp.toUpperCase()}`
    : undefined;
}

function nameOf({ alias, id }: RuleEnd): string {
  return alias ?? id;
}

/** Rules that forward objects between collections, for example to `public`. */
export class RuleService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
  }

  async list(actor: Principal): Promise<readonly ListedRule[]> {
    if (!can(actor, 'hub.read', { kind: 'hub' })) throw refused();
    const records = await RULES.in(this.#store).whole();
    const directory = await this.#directory.refresh();
    const managed = new Map(records.map((record) => [record.id, managedBy(record)]));
    return directory.rules.map((rule) => listed(rule, managed.get(rule.name) ?? 'hub', directory));
  }

  /**
   * Creates a rule. It also applies to all objects that are already in the source collection. The disclosure policy is
   * checked for each object.
   */
  async create(actor: Principal, { name, ...request }: RuleRequest): Promise<ListedRule> {
    this.#demand(actor);
    demandLasting(actor, 'rule.create');
    const directory = await this.#directory.refresh();
    if (await RULES.in(this.#store).get(name)) throw sharingErrors.ruleExists({ name });
    const visible = VisibleNames.of(directory, readingBack(actor));
    const [from, to] = [request.from, request.to].map((one) => {
      const found = visible.chosen(one);
      if (found === undefined)
        throw accessErrors.collectionNotFound(
          { name: one.slice(0, 64) },
          { hint: 'To list the collections, run: talanoa collection list' },
        );
      return found;
    }) as [CollectionInfo, CollectionInfo];
    const fault = ruleFault(from, to, request.max_tlp, directory.rules);
    if (fault !== undefined) throw sharingErrors.invalidRule({ description: fault });
    await this.#store.commit({
      records: [
        RULES.insert(name, { ...request, from: from.id, to: to.id, managed: 'hub' }),
      ],
      facts: [this.#audit.fact(actor, 'rule.create', `rule/${name}`, { details: { from: from.id, to: to.id } })],
    }); // prettier-ignore
    const after = await this.#directory.refresh();
    const rule = after.rules.find((one) => one.name === name);
    if (rule === undefined) throw new Error('a rule that was just written is not there');
    return listed(rule, 'hub', after);
  }

  /** Deletes a rule. Objects that it has forwarded stay where they are. */
  async delete(actor: Principal, name: string): Promise<void> {
    this.#demand(actor);
    const record = await RULES.in(this.#store).get(name);
    if (record === undefined) throw sharingErrors.ruleNotFound({ name: name.slice(0, 64) });
    demandManaged(record, `The rule "${name}"`);
    await this.#store.commit({
      records: [removal(record)],
      facts: [this.#audit.fact(actor, 'rule.delete', `rule/${name}`)],
    });
    await this.#directory.refresh();
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' })) throw refused();
  }
}

function refused(): Problem {
  return accessErrors.notPermitted({ action: 'manage rules between collections' });
}

function listed(rule: Rule, managed: string, directory: Snapshot): ListedRule {
  const name = (id: string): string => directory.collections.get(id)?.alias ?? id;
  const { types, labels, owners, max_tlp: max } = rule;
  return {
    name: rule.name,
    from: name(rule.from),
    to: name(rule.to),
    ...(types === undefined ? {} : { types }),
    ...(labels === undefined ? {} : { labels }),
    ...(owners === undefined ? {} : { owners }),
    ...(max === undefined ? {} : { max_tlp: max }),
    managed,
  };
}
