import type { Audit } from '../../access/audit/audit.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { GatedDocument } from '../../kernel/json-gate.ts';
import { Slices } from '../../kernel/slices.ts';
import { idsOf } from './envelope-items.ts';
import type { Submission } from './submission.ts';

/** An envelope whose submission the audit log may record. */
export interface Submitted {
  readonly principal: Principal;
  /** The member on behalf of which hub staff submit the envelope. */
  readonly onBehalfOf?: string;
  readonly collection: CollectionInfo;
  /** Its unpacked bytes, and the objects that the parser found in them. */
  readonly document: GatedDocument;
  /** Somebody published the objects with the API, a command or the console, which the audit log records. */
  readonly isPublication?: boolean;
}

/**
 * Returns the audit entries of an envelope: that hub staff acted for a member, or that an account published objects
 * with the API, a command or the console, or a person of the hub over TAXII. Envelopes that machines submit over TAXII
 * have none, because they would fill the log. An envelope that is submitted in parts has an entry for each part of a
 * publication that stores something: objects that are refused, on hold, TLP:RED or already known are not published.
 */
export async function factsOf(
  audit: Audit,
  clock: Clock,
  { principal, collection, document, onBehalfOf, isPublication }: Submitted,
  isFirstPart: boolean,
): Promise<Pick<Submission, 'facts' | 'factIfStored'>> {
  const resource = `collection/${collection.id}`;
  if (onBehalfOf !== undefined) {
    if (!isFirstPart) return {};
    const ids = await idsOf(document, new Slices(clock));
    const details = { on_behalf_of: onBehalfOf, objects: document.objects.length, ids };
    return { facts: [audit.fact(principal, 'object.represent', resource, { member: onBehalfOf, details })] };
  }
  if (isPublication !== true && !isByHubPerson(principal)) return {};
  const member = principal.kind === 'account' ? principal.member : undefined;
  const fact = audit.fact(principal, 'object.publish', resource, { member });
  return { factIfStored: { fact, listsObjects: true } };
}

/** True for a person of the hub, who must not approve alone what they published, in whatever way. */
export function isByHubPerson(principal: Principal): boolean {
  return principal.kind === 'account' && principal.person && principal.member === undefined;
}
