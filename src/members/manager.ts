import { accessErrors } from '../access/errors.ts';
import type { Principal } from '../access/principal.ts';
import { can } from '../access/rights.ts';

/** Throws unless the caller manages the members of the hub. */
export function demandManager(actor: Principal): void {
  if (!can(actor, 'hub.write', { kind: 'hub' }))
    throw accessErrors.notPermitted({ action: 'manage members' });
}
