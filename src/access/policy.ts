import { rankOf, stricter, type MarkingFacts, type Tlp } from '../stix/markings.ts';
import {
  isHubAdministrator,
  isHubAnalyst,
  memberOf,
  type Principal,
  type Role,
  type Scope,
} from './principal.ts';

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
  | 'object.revoke'
  | 'held.read'
  | 'held.decide'
  | 'receipt.read'
  | 'hub.read'
  | 'hub.write'
  | 'feed.run'
  | 'member.read'
  | 'member.claim'
  | 'account.read'
  | 'account.write'
  | 'key.write'
  | 'audit.read'
  | 'metrics.read';

/** An account as far as rights on it go. */
export interface AccountResource {
  readonly kind: 'account';
  readonly account: string;
  readonly role: Role;
  readonly member: string | undefined;
}

export type Resource =
  | { readonly kind: 'collection'; readonly rights: CollectionRights }
  | { readonly kind: 'object'; readonly rights: CollectionRights; readonly owners: readonly string[] }
  | { readonly kind: 'receipt'; readonly account: string }
  | { readonly kind: 'held'; readonly submitter: string }
  | AccountResource
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'fact'; readonly actor: string; readonly member: string | undefined }
  | { readonly kind: 'hub' };

/** The scope that a limited key needs for an action. */
const SCOPE_OF: Readonly<Record<Action, Scope>> = {
  // Whoever may write only knows of a collection, too: `can` asks for either scope there.
  'collection.see': 'taxii:read',
  'collection.read': 'taxii:read',
  'collection.write': 'taxii:write',
  'object.delete': 'taxii:write',
  'receipt.read': 'taxii:write',
  'object.revoke': 'api:write',
  'held.read': 'api:read',
  'held.decide': 'api:write',
  'hub.read': 'api:read',
  'hub.write': 'api:write',
  'feed.run': 'api:write',
  'member.read': 'api:read',
  'member.claim': 'api:write',
  'account.read': 'api:read',
  'account.write': 'api:write',
  'key.write': 'api:write',
  'audit.read': 'api:read',
  'metrics.read': 'metrics:read',
};

function inScope(actor: Principal, action: Action): boolean {
  const scopes = actor.kind === 'account' ? actor.key?.scopes : undefined;
  if (scopes === undefined) return true;
  return scopes.includes(SCOPE_OF[action]) || (action === 'collection.see' && scopes.includes('taxii:write'));
}

/** May `actor` do `action` to `resource`? Unknown combinations are refused, and what a limited key is not made for. */
export function can(actor: Principal, action: Action, resource: Resource): boolean {
  if (!inScope(actor, action)) return false;
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
    case 'held.read':
      // What waits is seen by whoever decides, and by whoever has sent it.
      return (
        resource.kind === 'held' &&
        (isHubAnalyst(actor) || (actor.kind === 'account' && actor.account === resource.submitter))
      );
    case 'held.decide':
      return resource.kind === 'held' && isHubAnalyst(actor);
    case 'hub.read':
    case 'feed.run':
    case 'object.revoke':
      return resource.kind === 'hub' && isHubAnalyst(actor);
    case 'hub.write':
    case 'metrics.read':
      return resource.kind === 'hub' && (isHubAdministrator(actor) || machineFor(actor, action));
    case 'member.read':
      return (
        resource.kind === 'member' &&
        (isHubAnalyst(actor) || (actor.kind === 'account' && actor.member === resource.name))
      );
    case 'member.claim':
      return (
        resource.kind === 'member' &&
        (isHubAdministrator(actor) ||
          (actor.kind === 'account' && actor.role === 'officer' && actor.member === resource.name))
      );
    case 'account.read':
      return resource.kind === 'account' && (isOwn(actor, resource) || answersFor(actor, resource));
    case 'account.write':
      return resource.kind === 'account' && answersFor(actor, resource);
    case 'key.write':
      // One's own keys one changes oneself; a machine gets its keys from whoever answers for it.
      return (
        resource.kind === 'account' &&
        (answersFor(actor, resource) || (isOwn(actor, resource) && resource.role !== 'machine'))
      );
    case 'audit.read':
      // Everybody sees his own acts, an officer what concerns his member (security.md R-103).
      return (
        resource.kind === 'fact' &&
        actor.kind === 'account' &&
        (isHubAdministrator(actor) ||
          resource.actor === actor.account ||
          (actor.role === 'officer' && actor.member !== undefined && resource.member === actor.member))
      );
  }
}

/** A machine of the hub whose key is made for just this (a monitoring system that reads metrics). */
function machineFor(actor: Principal, action: Action): boolean {
  return (
    action === 'metrics.read' &&
    actor.kind === 'account' &&
    actor.member === undefined &&
    actor.role === 'machine' &&
    actor.key?.scopes?.includes('metrics:read') === true
  );
}

function isOwn(actor: Principal, { account }: AccountResource): boolean {
  return actor.kind === 'account' && actor.account === account;
}

/**
 * An administrator of the hub answers for every account; an officer for the officers and machines of its own member. Nobody
 * answers for an account with rights beyond his own (security.md R-033).
 */
function answersFor(actor: Principal, { role, member }: AccountResource): boolean {
  if (isHubAdministrator(actor)) return true;
  return (
    actor.kind === 'account' &&
    actor.role === 'officer' &&
    actor.member !== undefined &&
    actor.member === member &&
    (role === 'officer' || role === 'machine')
  );
}
