import { timeText } from '../kernel/time-text.ts';
import { rankOf, stricter, type MarkingFacts, type Tlp } from '../stix/markings.ts';

/**
 * All disclosure decisions of the hub are made in this file. The functions are pure and total: objects with unknown
 * properties are not disclosed. Rights are decided in rights.ts.
 */

/** The kind of recipient that an object may be disclosed to. */
export type Audience =
  | { readonly kind: 'public' }
  | { readonly kind: 'members' }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'clients'; readonly of: string }
  | { readonly kind: 'person'; readonly account: string }
  | { readonly kind: 'hub' };

/** The strictest TLP that each kind of audience may receive from a collection (FIRST TLP 2.0). */
const AUDIENCE_MAXIMUM: Readonly<Record<Audience['kind'], Tlp>> = {
  public: 'clear',
  clients: 'amber',
  members: 'amber+strict',
  group: 'amber+strict',
  member: 'amber+strict',
  // A person can also receive TLP:RED that was given to them (`DisclosureFacts.named`).
  person: 'amber+strict',
  hub: 'amber+strict',
};

/** Returns the strictest TLP that an audience may receive. */
export function audienceMaximum(audience: Audience): Tlp {
  return AUDIENCE_MAXIMUM[audience.kind];
}

/** The rule for one outlet, which is a way by which objects leave the hub. */
interface OutletRule {
  /** The strictest TLP that may leave by this outlet, whoever the recipient is. */
  readonly maximum: Tlp;
  /**
   * For outlets that others can read in transit: the strictest TLP that is sent in full. For stricter objects only a
   * notice without values is sent.
   */
  readonly whole?: Tlp;
  /** The outlet feeds tools that act without a person: they alert (detect) or interrupt traffic (block). */
  readonly acts?: 'detect' | 'block';
}

/**
 * Every outlet of the hub. A new outlet needs a row here. The property test of the disclosure rules runs over this
 * table.
 */
export const OUTLETS = {
  taxii: { maximum: 'amber+strict' },
  console: { maximum: 'amber+strict' },
  push: { maximum: 'amber+strict' },
  webhook: { maximum: 'amber+strict' },
  mail: { maximum: 'amber+strict', whole: 'green' },
  digest: { maximum: 'amber+strict', whole: 'green' },
  detection: { maximum: 'amber+strict', acts: 'detect' },
  blocking: { maximum: 'amber+strict', acts: 'block' },
  // The tenant of a member at a provider, whose operators could read what is in it.
  provider: { maximum: 'amber' },
  'public-site': { maximum: 'clear' },
} as const satisfies Readonly<Record<string, OutletRule>>;

export type Outlet = keyof typeof OUTLETS;

/**
 * The facts that determine the outcome for one object: its own marking and the TLP level that applies to it in a
 * collection.
 */
export interface DisclosureFacts {
  readonly effective: Tlp;
  readonly marking: MarkingFacts;
  /** Accounts of the people to whom TLP:RED was given. */
  readonly named?: readonly string[];
}

export type ReasonCode =
  | 'marking-unknown'
  | 'marking-conflict'
  | 'marking-family'
  | 'tlp-red'
  | 'pap'
  | 'iep-dates'
  | 'iep-attribution'
  | 'iep-actions'
  | 'iep-encryption'
  | 'audience-maximum'
  | 'outlet-maximum'
  | 'collection-maximum'
  | 'unmarked'
  | 'names-observable'
  | 'other-identity';

export type Decision =
  | { readonly verdict: 'allow' }
  /** The audience may learn that an object exists, but none of its values. */
  | { readonly verdict: 'notice'; readonly reason: ReasonCode; readonly message: string }
  | {
      readonly verdict: 'hold';
      readonly reason: ReasonCode;
      readonly message: string;
      readonly waitsFor: readonly string[];
    }
  | { readonly verdict: 'refuse'; readonly reason: ReasonCode; readonly message: string };

const ALLOW: Decision = { verdict: 'allow' };

function hold(reason: ReasonCode, message: string, waitsFor: readonly string[] = []): Decision {
  return { verdict: 'hold', reason, message, waitsFor };
}

function refuse(reason: ReasonCode, message: string): Decision {
  return { verdict: 'refuse', reason, message };
}

/**
 * Decides whether `audience` may receive an object with these facts through an outlet. `now` (milliseconds since 1970)
 * matters because FIRST IEP policies have start and end dates. An object with a marking that the hub cannot honour is
 * put on hold, so nothing is disclosed by mistake.
 */
export function decide(facts: DisclosureFacts, audience: Audience, outlet: Outlet, now: number): Decision {
  const { marking, effective, named = [] } = facts;
  if (marking.missing.length > 0) {
    return hold(
      'marking-unknown',
      `the definition of its marking has not been submitted: ${marking.missing.join(', ')}`,
      marking.missing,
    );
  }
  if (marking.families.size > 0)
    return hold('marking-family', `it has a marking (${[...marking.families].join(', ').toUpperCase()}) that needs a person to decide`); // prettier-ignore
  for (const { start, end, isAnonymous } of marking.iep) {
    if (start !== undefined && now < start)
      return hold('iep-dates', `its IEP policy begins on ${timeText(start)}`);
    if (end !== undefined && now >= end) return hold('iep-dates', `its IEP policy ended on ${timeText(end)}`);
    if (isAnonymous && marking.isAttributed)
      return hold('iep-attribution', 'its IEP policy does not allow naming its author (attribution: must-not), and it names the author'); // prettier-ignore
  }
  if (effective === 'red') return ofRed(named, audience, outlet);
  const rule: OutletRule = OUTLETS[outlet];
  const label = `TLP:${effective.toUpperCase()}`;
  if (rankOf(effective) > rankOf(audienceMaximum(audience)))
    return refuse('audience-maximum', `${label} is too strict for ${audienceWords(audience)}`);
  if (rankOf(effective) > rankOf(rule.maximum))
    return refuse('outlet-maximum', `${label} must not be sent by ${outlet}`);
  if (rule.acts !== undefined) return ofTools(marking, rule.acts);
  if (rule.whole === undefined) return ALLOW;
  if (rankOf(effective) > rankOf(rule.whole))
    return { verdict: 'notice', reason: 'outlet-maximum', message: `${label} must not be sent by ${outlet} without encryption` }; // prettier-ignore
  return marking.iep.some(({ isEncrypted }) => isEncrypted)
    ? { verdict: 'notice', reason: 'iep-encryption', message: 'its IEP policy requires encryption in transit' } // prettier-ignore
    : ALLOW;
}

/**
 * TLP:RED is shown only in the console, to the people to whom it was given. An email tells them that something is
 * waiting for them, and a digest does not mention it at all.
 */
function ofRed(named: readonly string[], audience: Audience, outlet: Outlet): Decision {
  if (audience.kind !== 'person' || !named.includes(audience.account))
    return hold('tlp-red', 'TLP:RED goes to named people only, never into a collection');
  if (outlet === 'console') return ALLOW;
  return outlet === 'mail'
    ? { verdict: 'notice', reason: 'tlp-red', message: 'TLP:RED can be read only in the console' }
    : refuse('tlp-red', `TLP:RED must not be sent by ${outlet}`);
}

/**
 * Decides what tools may do without a person (PAP and IEP permitted_actions). Tools receive nothing that is meant for a
 * person only, and they must not block where the attacker could notice it.
 */
function ofTools({ pap, iep }: MarkingFacts, acts: 'detect' | 'block'): Decision {
  if (iep.some(({ isActedOn }) => !isActedOn))
    return refuse('iep-actions', 'its IEP policy requires asking the author before any action');
  return pap === 'red' || (pap === 'amber' && acts === 'block')
    ? refuse('pap', `PAP:${pap.toUpperCase()} does not allow tools to ${acts} with it`)
    : ALLOW;
}

/** Returns a description of an audience for people. */
export function audienceWords(audience: Audience): string {
  switch (audience.kind) {
    case 'public':
      return 'the public';
    case 'members':
      return 'all members';
    case 'group':
      return `the group ${audience.name}`;
    case 'member':
      return `the member ${audience.name}`;
    case 'clients':
      return `clients of ${audience.of}`;
    case 'person':
      return `the person ${audience.account}`;
    case 'hub':
      return 'the hub';
  }
}

/** The properties of a collection that placement depends on. */
export interface PlacementRules {
  readonly unmarked: 'default' | 'refuse';
  readonly default_tlp: Tlp | undefined;
  readonly min_tlp: Tlp;
  readonly max_tlp: Tlp;
  /** Every audience that may read the collection. */
  readonly readers: readonly Audience[];
}

/**
 * Returns the TLP level that applies to an object in a collection: the object's own, else the default of its source,
 * else the default of the collection.
 */
function effectiveTlp(marking: MarkingFacts, rules: PlacementRules, sourceDefault: Tlp | undefined): Tlp {
  const own = marking.tlp ?? sourceDefault ?? rules.default_tlp ?? 'amber';
  return stricter(own, rules.min_tlp);
}

/** Decides whether a collection may contain an object. Every reader of the collection must be allowed to receive it. */
export function decidePlacement(
  marking: MarkingFacts,
  rules: PlacementRules,
  sourceDefault: Tlp | undefined,
  now: number,
): Exclude<Decision, { verdict: 'notice' }> & { readonly effective: Tlp } {
  const effective = effectiveTlp(marking, rules, sourceDefault);
  const facts = { effective, marking };
  // A reason to hold an object applies to every audience. The hub is the widest audience, so it is checked first.
  const general = decide(facts, { kind: 'hub' }, 'taxii', now);
  if (general.verdict === 'hold' || general.verdict === 'refuse') return { ...general, effective };
  if (marking.tlp === undefined && rules.unmarked === 'refuse') {
    return {
      verdict: 'refuse',
      reason: 'unmarked',
      message: 'it has no TLP marking, which this collection requires',
      effective,
    };
  }
  if (rankOf(effective) > rankOf(rules.max_tlp)) {
    return {
      verdict: 'refuse',
      reason: 'collection-maximum',
      message: `TLP:${effective.toUpperCase()} is stricter than the maximum TLP of this collection (TLP:${rules.max_tlp.toUpperCase()})`,
      effective,
    };
  }
  for (const reader of rules.readers) {
    const decision = decide(facts, reader, 'taxii', now);
    if (decision.verdict === 'hold') return { ...decision, effective };
    // The submitter must not learn who reads the collection.
    if (decision.verdict === 'refuse')
      return {
        verdict: 'refuse',
        reason: decision.reason,
        message: `TLP:${effective.toUpperCase()} is too strict for a reader of this collection`,
        effective,
      };
  }
  return { verdict: 'allow', effective };
}

/** The removals of a collection that a reader may see, by the TLP rank of the removed objects. */
export interface RemovalReach {
  /** The strictest rank that every reader of the collection may see. */
  readonly upTo: number;
  /** Stricter removals that the reader may see, if they happened after a given time (microseconds since 1970). */
  readonly beyond?: { readonly upTo: number; readonly since: number };
}

/**
 * Returns the removals that a reader may see. A reader may see removals up to the maximum TLP of the
 * collection, like the objects in it. After the maximum was lowered, a reader also sees stricter removals if
 * a grant by name let the reader in before the object was removed.
 */
export function removalsFor(audience: Audience, max: Tlp, since: number | undefined): RemovalReach {
  const [upTo, most] = [rankOf(max), rankOf(audienceMaximum(audience))];
  return since === undefined || most <= upTo ? { upTo } : { upTo, beyond: { upTo: most, since } };
}

/**
 * Decides whether a reader may get access to a collection. The reader must be allowed to receive everything up to its
 * maximum TLP.
 */
export function grantFits(audience: Audience, max: Tlp): boolean {
  return rankOf(max) <= rankOf(audienceMaximum(audience));
}
