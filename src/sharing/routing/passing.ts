import { decidePlacement } from '../../access/policy.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { namedObservables } from '../../stix/identifiers.ts';
import { markingFacts, rankOf, stricter, tlpOf, type Tlp } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import type { EntryFacts } from '../../store/store.ts';

/**
 * The known properties of an object that is to be forwarded: its TLP at the source, its owner and its specification
 * version.
 */
export type Passed = Pick<EntryFacts, 'id' | 'level' | 'owner' | 'creator' | 'spec'>;

/** The other facts that the decision depends on. */
export interface PassingContext {
  readonly directory: Snapshot;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The TLP rank at the source of observables that the objects name by ids that are derived from their values. */
  readonly named: ReadonlyMap<string, number>;
  /** The objects at the source that observations and sightings refer to, by id. */
  readonly seen: ReadonlyMap<string, StixObject>;
}

/**
 * Decides whether an object may be placed in another collection. If not, returns the reason. The policy is the same as
 * at intake.
 */
export function decidePassing(
  object: StixObject,
  { level, owner, spec }: Passed,
  target: CollectionInfo,
  { directory, now, named }: PassingContext,
):
  | { readonly verdict: 'allow'; readonly effective: Tlp }
  | { readonly verdict: 'withheld'; readonly reason: string; readonly message: string } {
  const kept = whyKept(owner, directory);
  if (kept !== undefined) return { verdict: 'withheld', reason: 'licence', message: kept };
  const facts = markingFacts(object, (ref) => directory.marking(ref, owner));
  // Forwarding never makes an object less strict: its TLP at the source is the minimum.
  const decision = decidePlacement(
    facts,
    {
      ...target,
      min_tlp: stricter(target.min_tlp, tlpOf(level)),
      // An object that the hub routes to a member always has a level, whether it is marked or not.
      unmarked: target.ownOf === undefined ? target.unmarked : 'default',
    },
    tlpOf(level),
    now,
  );
  if (decision.verdict !== 'allow')
    return { verdict: 'withheld', reason: decision.reason, message: decision.message };
  // An id that is derived from a value reveals the value.
  if (namedObservables(object).some((id) => (named.get(id) ?? 0) > rankOf(target.max_tlp)))
    return {
      verdict: 'withheld',
      reason: 'names-observable',
      message:
        'it refers to an observable by an id that is derived from its value, and that observable must not be there',
    };
  return target.accept.includes(spec)
    ? { verdict: 'allow', effective: decision.effective }
    : {
        verdict: 'withheld',
        reason: 'spec-version',
        message: `it is STIX ${spec}, which the collection does not accept`,
      };
}

/**
 * Returns why an object stays at the hub, whichever members it affects: the licence of its feed does not allow
 * redistribution. The licence of a feed that was removed is unknown.
 */
function whyKept(owner: string, { feeds }: Snapshot): string | undefined {
  if (!owner.startsWith('feed:')) return undefined;
  const feed = feeds.find(({ name }) => owner === `feed:${name}`);
  if (feed === undefined) return `${owner} was removed, so its licence is not known`;
  return feed.passedOn
    ? undefined
    : `the licence of ${owner} does not allow the hub to forward it (redistribute: no)`;
}
