import type { CollectionInfo, Rule, Snapshot } from '../../access/snapshot.ts';
import type { Constituency, Match } from '../../members/constituency.ts';
import { rankOf } from '../../stix/markings.ts';
import { concernsOf } from '../../stix/observables.ts';
import { texts, type StixObject } from '../../stix/types.ts';
import { isRelayed } from '../intake/owner.ts';
import { decidePassing, type Passed, type PassingContext } from './passing.ts';
import { isOfHub } from '../../store/store.ts';

/** A member's own collection in which an object is to be placed, and the reason. */
export interface Target {
  readonly member: string;
  readonly collection: CollectionInfo;
  readonly match: Match;
  /** The client for which its national CERT receives the object, instead of the client or in addition to it. */
  readonly client?: string;
}

/** A collection to which a rule forwards an object. */
export interface RuleTarget {
  readonly rule: Rule;
  readonly collection: CollectionInfo;
}

/**
 * Returns the members' own collections to which an object is routed. The national CERT of a client receives the object
 * if the client cannot (it has no collection, or the object is too strict for it), and if the CERT wants copies. Apart
 * from that, the policy is checked later, when the object is placed.
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

/** Returns the rules that forward an object from a collection, and their targets. */
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

/** Returns why a rule does not apply to an object. Undefined if it does. */
export function misfit(
  { types, labels, owners, max_tlp: max }: Rule,
  object: StixObject,
  passed: Passed,
  directory: Snapshot,
): string | undefined {
  const { level, owner } = passed;
  const type = String(object['type']);
  if (types !== undefined && !types.includes(type)) return `it forwards ${types.join(', ')}, not ${type}`;
  if (labels !== undefined && !texts(object, 'labels').some((label) => labels.includes(label)))
    return `it forwards objects with the label ${labels.join(' or ')}`;
  if (owners !== undefined && !owners.includes(owner)) return `it forwards objects of ${owners.join(' or ')}`;
  // A relayed object is in another member's name. Rules with owners apply only to objects that their owners
  // submit in their own name.
  if (owners !== undefined && !isOfHub(owner) && isRelayed(passed, directory))
    return `it forwards objects that ${owners.join(' or ')} submitted in its own name, not relayed objects`;
  if (max !== undefined && level > rankOf(max))
    return `it forwards nothing stricter than TLP:${max.toUpperCase()}`;
  return undefined;
}

/** Returns why an object is routed to a member, in words. */
export function targetWords({ match, client }: Pick<Target, 'match' | 'client'>): string {
  const what = match.role === 'brand' ? `it abuses the ${match.claim}` : `it affects ${match.claim}`;
  if (client !== undefined) return `${what} of its client ${client}`;
  return match.role === 'copy' ? `${what}, of which it receives copies` : what;
}
