import { decidePlacement } from '../access/policy.ts';
import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import { markingFacts, stricter, tlpOf, type Tlp } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import type { EntryFacts } from '../store/store.ts';

/** What is known of an object that is to be passed on: how strict it counted at its source, whose it is, its specification. */
export type Passed = Pick<EntryFacts, 'level' | 'owner' | 'spec'>;

/** Whether an object may be passed on into another collection, and why not. The policy decides, as at intake. */
export function decidePassing(
  object: StixObject,
  { level, owner, spec }: Passed,
  target: CollectionInfo,
  directory: Snapshot,
  now: number,
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
    { ...target, min_tlp: stricter(target.min_tlp, tlpOf(level)), unmarked: 'default' },
    tlpOf(level),
    now,
  );
  if (decision.verdict !== 'allow')
    return { verdict: 'withheld', reason: decision.reason, message: decision.message };
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
