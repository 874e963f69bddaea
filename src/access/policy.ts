import { rankOf, stricter, type MarkingFacts, type Tlp } from '../stix/markings.ts';
import { isHubAnalyst, memberOf, type Principal } from './principal.ts';

/**
 * The only two decisions of the hub (DESIGN.md section 6): `decide` on disclosure and `can` on rights. Both are pure
 * and total: what they do not know, they refuse.
 */

/** Who would have an object. */
export type Audience =
  | { readonly kind: 'public' }
  | { readonly kind: 'members' }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'clients'; readonly of: string }
  | { readonly kind: 'person'; readonly account: string }
  | { readonly kind: 'hub' };

/** Strictest TLP that an audience of this kind may have from a collection (FIRST TLP 2.0; sharing.md 6.4). */
const AUDIENCE_CEILING: Readonly<Record<Audience['kind'], Tlp>> = {
  public: 'clear',
  clients: 'amber',
  members: 'amber+strict',
  group: 'amber+strict',
  member: 'amber+strict',
  // RED goes to named persons as a hub record, never from a collection.
  person: 'amber+strict',
  hub: 'amber+strict',
};

/** Strictest TLP that an audience may have. */
export function audienceCeiling(audience: Audience): Tlp {
  return AUDIENCE_CEILING[audience.kind];
}

/** Ways out of the hub. Each has a row in the table below, so a new one cannot be forgotten. */
export type Outlet = 'taxii' | 'console' | 'push' | 'export' | 'mail' | 'public-site';

/** Strictest TLP that an outlet carries, whoever reads it (sharing.md 6.4). */
export const OUTLET_CEILING: Readonly<Record<Outlet, Tlp>> = {
  taxii: 'amber+strict',
  console: 'amber+strict',
  push: 'amber+strict',
  export: 'amber+strict',
  mail: 'green',
  'public-site': 'clear',
};

/** What decides about one object: its own marking facts and the level that counts for it in a place. */
export interface DisclosureFacts {
  readonly effective: Tlp;
  readonly marking: MarkingFacts;
}

export type ReasonCode =
  | 'marking-unknown'
  | 'marking-family'
  | 'marking-granular'
  | 'tlp-red'
  | 'audience-ceiling'
  | 'outlet-ceiling'
  | 'collection-ceiling'
  | 'unmarked'
  | 'names-observable';

export type Decision =
  | { readonly verdict: 'allow' }
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

/**
 * May `audience` have an object with these facts by this outlet? `now` is part of the question because markings with
 * dates will depend on it. Markings that the hub cannot honour yet hold the object: nothing is shown by mistake.
 */
export function decide(facts: DisclosureFacts, audience: Audience, outlet: Outlet, _now: number): Decision {
  const { marking, effective } = facts;
  if (marking.missing.length > 0) {
    return hold(
      'marking-unknown',
      `it waits for the definition of ${marking.missing.join(', ')}`,
      marking.missing,
    );
  }
  if (marking.families.size > 0) {
    return hold(
      'marking-family',
      `its ${[...marking.families].join(', ').toUpperCase()} marking needs a person to decide`,
    );
  }
  if (marking.granular)
    return hold('marking-granular', 'parts of it are marked apart, which needs a person to decide');
  if (effective === 'red')
    return hold('tlp-red', 'TLP:RED goes to named persons only, never into a collection');
  const ceiling = audienceCeiling(audience);
  if (rankOf(effective) > rankOf(ceiling)) {
    return {
      verdict: 'refuse',
      reason: 'audience-ceiling',
      message: `TLP:${effective.toUpperCase()} is too strict for ${audienceWords(audience)}`,
    };
  }
  if (rankOf(effective) > rankOf(OUTLET_CEILING[outlet])) {
    return {
      verdict: 'refuse',
      reason: 'outlet-ceiling',
      message: `TLP:${effective.toUpperCase()} does not leave by ${outlet}`,
    };
  }
  return ALLOW;
}

/** An audience in words. */
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

/** What placement needs to know of a collection. */
export interface PlacementRules {
  readonly unmarked: 'default' | 'refuse';
  readonly default_tlp: Tlp | undefined;
  readonly min_tlp: Tlp;
  readonly max_tlp: Tlp;
  /** Everyone who may read it. */
  readonly readers: readonly Audience[];
}

/** The level that counts for an object in a collection: its own, else the default of its source, else the collection's. */
export function effectiveTlp(
  marking: MarkingFacts,
  rules: PlacementRules,
  sourceDefault: Tlp | undefined,
): Tlp {
  const own = marking.tlp ?? sourceDefault ?? rules.default_tlp ?? 'amber';
  return stricter(own, rules.min_tlp);
}

/** May the object stand in the collection? Only if every reader of the collection may have it (DESIGN.md section 4). */
export function decidePlacement(
  marking: MarkingFacts,
  rules: PlacementRules,
  sourceDefault: Tlp | undefined,
  now: number,
): Decision & { readonly effective: Tlp } {
  const effective = effectiveTlp(marking, rules, sourceDefault);
  const facts = { effective, marking };
  // What holds an object holds it for everybody, so the hub as the widest audience is asked first.
  const general = decide(facts, { kind: 'hub' }, 'taxii', now);
  if (general.verdict !== 'allow') return { ...general, effective };
  if (marking.tlp === undefined && rules.unmarked === 'refuse') {
    return {
      verdict: 'refuse',
      reason: 'unmarked',
      message: 'it has no TLP marking, which this collection asks for',
      effective,
    };
  }
  if (rankOf(effective) > rankOf(rules.max_tlp)) {
    return {
      verdict: 'refuse',
      reason: 'collection-ceiling',
      message: `TLP:${effective.toUpperCase()} is stricter than this collection takes (TLP:${rules.max_tlp.toUpperCase()})`,
      effective,
    };
  }
  for (const reader of rules.readers) {
    const decision = decide(facts, reader, 'taxii', now);
    if (decision.verdict !== 'allow') return { ...decision, effective };
  }
  return { ...ALLOW, effective };
}

/** May a reader be let into a collection? Only if he may have everything up to its ceiling. */
export function grantFits(audience: Audience, max: Tlp): boolean {
  return rankOf(max) <= rankOf(audienceCeiling(audience));
}

// ---- rights

/** Rights on a collection that grants have given. */
export interface CollectionRights {
  readonly read: boolean;
  readonly write: boolean;
}

export type Action =
  | 'collection.see'
  | 'collection.read'
  | 'collection.write'
  | 'object.delete'
  | 'receipt.read'
  | 'admin.read'
  | 'admin.write';

export type Resource =
  | { readonly kind: 'collection'; readonly rights: CollectionRights }
  | { readonly kind: 'object'; readonly rights: CollectionRights; readonly owners: readonly string[] }
  | { readonly kind: 'receipt'; readonly account: string }
  | { readonly kind: 'hub' };

/** May `actor` do `action` to `resource`? Unknown combinations are refused. */
export function can(actor: Principal, action: Action, resource: Resource): boolean {
  switch (action) {
    case 'collection.see':
      return resource.kind === 'collection' && (resource.rights.read || resource.rights.write);
    case 'collection.read':
      return resource.kind === 'collection' && resource.rights.read;
    case 'collection.write':
      return actor.kind === 'account' && resource.kind === 'collection' && resource.rights.write;
    case 'object.delete':
      // Deleting needs to see what goes. A member takes out its own; others' objects only the hub (DESIGN.md section 6).
      return (
        actor.kind === 'account' &&
        resource.kind === 'object' &&
        resource.rights.read &&
        resource.rights.write &&
        (isHubAnalyst(actor) || resource.owners.every((owner) => owner === memberOf(actor)))
      );
    case 'receipt.read':
      return actor.kind === 'account' && resource.kind === 'receipt' && resource.account === actor.account;
    case 'admin.read':
    case 'admin.write':
      return (
        actor.kind === 'account' &&
        actor.role === 'administrator' &&
        actor.member === undefined &&
        resource.kind === 'hub'
      );
  }
}
