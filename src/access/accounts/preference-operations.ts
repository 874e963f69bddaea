import { unauthenticated } from '../authenticate.ts';
import { operation, type Operation } from '../operation.ts';
import type { AccountPrincipal, Principal } from '../principal.ts';
import type { PreferenceService } from './preferences.ts';

const tag = 'Accounts';

/** Operations on the caller's own preferences. */
export function preferenceOperations(preferences: PreferenceService): readonly Operation[] {
  // Preferences are about pages, and only sessions have pages.
  const person = (actor: Principal): AccountPrincipal => {
    if (actor.kind !== 'account' || actor.session === undefined) throw unauthenticated();
    return actor;
  };
  return [
    operation({
      method: 'GET',
      path: '/account/preferences',
      name: 'getPreferences',
      summary: 'Get the language, time zone and colours of your own pages',
      tag,
      permission: 'session',
      status: 200,
      answer: 'preferences',
      run: async ({ actor }) => ({ body: await preferences.get(person(actor)) }),
    }),
    operation({
      method: 'PUT',
      path: '/account/preferences',
      name: 'updatePreferences',
      summary: 'Replace the language, time zone and colours of your own pages',
      tag,
      permission: 'session',
      status: 200,
      body: 'api/preferences-request.json',
      answer: 'preferences',
      run: async ({ actor, body }) => ({ body: await preferences.update(person(actor), body) }),
    }),
  ];
}
