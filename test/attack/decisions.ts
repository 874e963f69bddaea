import type { CredentialWay, LastingWay, PlacingWay } from '../../src/access/keys/limits.ts';

/**
 * The effect of the limits of a key on an operation that changes something. A credential can neither create nor obtain
 * more than it has, so every such operation has one of these decisions:
 *
 * - `credential`: it creates a credential or binds one. Every dimension counts, against what is created.
 * - `lasting`: it creates something that works on without the key. A key with any limit is refused.
 * - `placing`: it places objects in collections. Scopes and collections count. The placement happens once, while the
 *   key is valid, so addresses and expiry count only for the request itself.
 * - `content`: it concerns one object. Its own scopes and the collections of the key count.
 * - `reading`: it changes nothing, and its result contains only collections that the key reaches. Only scopes count.
 * - `hub`: it changes records of the hub that give nobody access on their own. A key that is limited to
 *   collections is refused.
 * - `reducing`: it takes something away. A key that is limited to collections is refused, because it does not concern
 *   its collections.
 * - `session`: it requires a session, a code, a link or a key that the person created, so no other key can use it.
 * - `open`: everybody can use it without a credential.
 */
export type Decision =
  | { readonly kind: 'credential'; readonly way: CredentialWay }
  | { readonly kind: 'lasting'; readonly way: LastingWay }
  | { readonly kind: 'placing'; readonly way: PlacingWay }
  | { readonly kind: 'content' | 'reading' | 'hub' | 'reducing' | 'session' | 'open' };

export const credential = (way: CredentialWay): Decision => ({ kind: 'credential', way });
export const lasting = (way: LastingWay): Decision => ({ kind: 'lasting', way });
export const placing = (way: PlacingWay): Decision => ({ kind: 'placing', way });
export const content: Decision = { kind: 'content' };
export const reading: Decision = { kind: 'reading' };
export const hub: Decision = { kind: 'hub' };
export const reducing: Decision = { kind: 'reducing' };
export const session: Decision = { kind: 'session' };
export const open: Decision = { kind: 'open' };
