import { isOfHub, type CollectionInfo, type Rule, type Snapshot } from '../access/snapshot.ts';
import type { Constituency, Match } from '../members/constituency.ts';
import { rankOf } from '../stix/markings.ts';
import { concernsOf } from '../stix/observables.ts';
import { texts, type StixObject } from '../stix/types.ts';
import { isRelayed } from './intake/owner.ts';
import { decidePassing, type Passed, type PassingContext } from './passing.ts';

/** A member's own collection that an object is to be placed in, and why. */
export interface Target {
  readonly member: string;
  readonly collection: CollectionInfo;
  readonly match: Match;
  /** The client in whose stead, or beside whom, its national CERT hears of it. */
  readonly client?: string;
}

/** A collection into which a rule passes an object on. */
export interface RuleTarget {
  readonly rule: Rule;
  readonly collection: CollectionInfo;
}

/**
 * Where an object goes that names these things (sharing.md section 10): to whom it concerns. Who answers for a client hears
 * of it where the client cannot have it (it has no collection, or the object is too strict for clients), and where it
 * wants copies. Policy is not asked for the rest: placement does.
 */
export function targetsOf(
  object: StixObject,
  passed: Passed,
  constituency: Constituency,
  context: PassingContext,
): readonly Target[] {
  const { directory } = context;
  const found = new Map<string, Target>();
  const put = (member: string, match: Match, client?: string): CollectionInfo | undefined => {
    const own = directory.members.get(member)?.collection;
    const collection = own === undefined ? undefined : directory.collections.get(own);
    if (collection !== undefined && !found.has(member))
      found.set(member, { member, collection, match, ...(client === undefined ? {} : { client }) });
    return collection;
  };
  for (const match of constituency.match(concernsOf(object, (id) => context.seen.get(id)))) {
    const own = put(match.member, match);
    const parent = directory.activeParent(match.member);
    if (parent === undefined) continue;
    const has = own !== undefined && decidePassing(object, passed, own, context).verdict === 'allow';
    if (!has || directory.members.get(parent)?.copies === true) put(parent, match, match.member);
  }
  return [...found.values()];
}

/** Where rules pass an object on that stands in a collection. */
export function ruleTargetsOf(
  object: StixObject,
  passed: Passed,
  source: string,
  { directory }: PassingContext,
): readonly RuleTarget[] {
  return directory.rules.flatMap((rule) => {
    const collection = directory.collections.get(rule.to);
    return rule.from === source &&
      collection !== undefined &&
      misfit(rule, object, passed, directory) === undefined
      ? [{ rule, collection }]
      : [];
  });
}

/** Why a rule does not fit an object; undefined where it does. */
export function misfit(
  { types, labels, owners, max_tlp: max }: Rule,
  object: StixObject,
  passed: Passed,
  directory: Snapshot,
): string | undefined {
  const { level, owner } = passed;
  const type = String(object['type']);
  if (types !== undefined && !types.includes(type)) return `it passes ${types.join(', ')}, not ${type}`;
  if (labels !== undefined && !texts(object, 'labels').some((label) => labels.includes(label)))
    return `it passes what is labelled ${labels.join(' or ')}`;
  if (owners !== undefined && !owners.includes(owner)) return `it passes what is of ${owners.join(' or ')}`;
  // A relayed object is in another member's name. Rules with owners apply only to objects that their owners
  // submit in their own name.
  if (owners !== undefined && !isOfHub(owner) && isRelayed(passed, directory))
    return `it forwards objects that ${owners.join(' or ')} submitted in its own name, not relayed objects`;
  if (max !== undefined && level > rankOf(max))
    return `it passes nothing stricter than TLP:${max.toUpperCase()}`;
  return undefined;
}

/** Why an object goes to a member, in words. */
export function targetWords({ match, client }: Pick<Target, 'match' | 'client'>): string {
  const what = match.role === 'brand' ? `it abuses the ${match.claim}` : `it concerns ${match.claim}`;
  if (client !== undefined) return `${what} of its client ${client}`;
  return match.role === 'copy' ? `${what}, of which it wants copies` : what;
}
