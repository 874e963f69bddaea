import { decidePlacement } from '../access/policy.ts';
import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import { namedObservables } from '../stix/identifiers.ts';
import { markingFacts, rankOf, stricter, tlpOf, type Tlp } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import type { EntryFacts } from '../store/store.ts';

/** What is known of an object that is to be passed on: how strict it counted at its source, whose it is, its specification. */
export type Passed = Pick<EntryFacts, 'id' | 'level' | 'owner' | 'creator' | 'spec'>;

/** What decides beside the object itself. */
export interface PassingContext {
  readonly directory: Snapshot;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The TLP rank at which observables stand at the source that the objects name by ids made from their values. */
  readonly named: ReadonlyMap<string, number>;
  /** What observations and sightings among the objects speak of, by id, as it stands at the source. */
  readonly seen: ReadonlyMap<string, StixObject>;
}

/** Whether an object may be passed on into another collection, and why not. The policy decides, as at intake. */
export function decidePassing(
  object: StixObject,
  { level, owner, spec }: Passed,
  target: CollectionInfo,
  { directory, now, named }: PassingContext,
):
  | { readonly verdict: 'allow'; readonly effective: Tlp }
  | { readonly verdict: 'withheld'; readonly reason: string; readonly message: string } {
  if (isKept(owner, directory))
    return {
      verdict: 'withheld',
      reason: 'licence',
      message: `the licence of ${owner} does not let the hub pass it on (redistribute: no)`,
    };
  const facts = markingFacts(object, (ref) => directory.marking(ref, owner));
  // Passing on never loosens: what counted at the source counts here at least.
  const decision = decidePlacement(
    facts,
    {
      ...target,
      min_tlp: stricter(target.min_tlp, tlpOf(level)),
      // What the hub places with a member by itself has a level, said or not.
      unmarked: target.ownOf === undefined ? target.unmarked : 'default',
    },
    tlpOf(level),
    now,
  );
  if (decision.verdict !== 'allow')
    return { verdict: 'withheld', reason: decision.reason, message: decision.message };
  // An id made from a value is as good as the value (DESIGN.md section 6).
  if (namedObservables(object).some((id) => (named.get(id) ?? 0) > rankOf(target.max_tlp)))
    return {
      verdict: 'withheld',
      reason: 'names-observable',
      message: 'it names an observable by an id made from its value, and that observable may not stand there',
    };
  return target.accept.includes(spec)
    ? { verdict: 'allow', effective: decision.effective }
    : {
        verdict: 'withheld',
        reason: 'spec-version',
        message: `it is STIX ${spec}, which the collection does not take`,
      };
}

/** What a licence keeps at the hub is not passed on, whomever it concerns. */
function isKept(owner: string, { feeds }: Snapshot): boolean {
  return feeds.some(({ name, passedOn }) => !passedOn && owner === `feed:${name}`);
}
