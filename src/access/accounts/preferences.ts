import { isDeepStrictEqual } from 'node:util';
import { isTimeZone } from '../../kernel/time-zones.ts';
import type { Preferences, PreferencesRequest } from '../../api/schema-types.ts';
import type { Store } from '../../store/store.ts';
import type { Audit } from '../audit/audit.ts';
import { unauthenticated } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import type { AccountPrincipal } from '../principal.ts';
import { accountErrors } from './errors.ts';
import { ACCOUNTS } from './model.ts';

/** The language, time zone and colours that people choose for their own account. */
export class PreferenceService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
  }

  /** Returns the preferences of the caller. Those that are absent are left to the browser and the hub. */
  async get(actor: AccountPrincipal): Promise<Preferences> {
    return (await this.#directory.current()).accounts.get(actor.account)?.preferences ?? {};
  }

  /**
   * Replaces the preferences of the caller, also of an account that the settings file declares. Preferences that are the
   * same as before write nothing, not even to the audit log. Throws a Problem of kind
   * invalid-content for an unknown time zone.
   */
  async update(actor: AccountPrincipal, request: PreferencesRequest): Promise<Preferences> {
    const { language, time_zone: zone, theme, contrast, first_steps: steps } = request;
    if (zone !== undefined && !isTimeZone(zone))
      throw accountErrors.unknownTimeZone({ zone: zone.slice(0, 64) });
    const preferences: Preferences = {
      ...(language === undefined ? {} : { language }),
      ...(zone === undefined ? {} : { time_zone: zone }),
      ...(theme === undefined ? {} : { theme }),
      ...(contrast === undefined ? {} : { contrast }),
      ...(steps === undefined ? {} : { first_steps: steps }),
    };
    const record = await ACCOUNTS.in(this.#store).get(actor.name);
    if (record === undefined) throw unauthenticated();
    if (isDeepStrictEqual(record.document.preferences ?? {}, preferences)) return preferences;
    await this.#store.commit({
      records: [ACCOUNTS.change(record, { ...record.document, preferences })],
      facts: [
        this.#audit.fact(actor, 'account.preferences', `account/${actor.name}`, { member: actor.member }),
      ],
    });
    await this.#directory.refresh();
    return preferences;
  }
}
