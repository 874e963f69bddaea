import type { Clock } from '../kernel/clock.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { AccountReset } from './accounts/account-reset.ts';
import { AccountService, personalRecords, type Holding } from './accounts/account-service.ts';
import { EmailService, type EmailServices } from './accounts/email-service.ts';
import { InvitationService } from './accounts/invitation-service.ts';
import type { Notifications } from './accounts/notifications.ts';
import { rehash } from './accounts/rehash.ts';
import type { Audit } from './audit/audit.ts';
import { Authenticator } from './authenticate.ts';
import type { Directory } from './directory.ts';
import { FactorService, type FactorServices } from './factors/factor-service.ts';
import { FactorSessions } from './factors/factor-sessions.ts';
import { SignInHistory } from './factors/history.ts';
import { KeyList } from './keys/key-list.ts';
import { KeyService } from './keys/key-service.ts';
import type { Ledger } from './ledger.ts';
import type { OidcSetting, Provider } from './oidc/provider.ts';
import { SingleSignOn } from './oidc/single-sign-on.ts';
import type { Sealer } from './sealing.ts';
import { OwnPassword } from './sessions/own-password.ts';
import { Places } from './sessions/places.ts';
import { SessionService } from './sessions/session-service.ts';
import { SignInRate } from './sessions/sign-in-rate.ts';
import { SignInWatch } from './sessions/sign-in-watch.ts';
import { THROTTLE_DAY_TALLIES, THROTTLE_TALLIES, Throttle } from './sessions/throttle.ts';
import { PreferenceService } from './accounts/preferences.ts';
import { sharedKey } from './shared-keys.ts';
import { Tallies } from './tallies.ts';

/** The services that sign-in and the accounts need from elsewhere. */
export interface SignInParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly sealer: Sealer;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly notifications: Notifications;
  readonly http: HttpClient;
  readonly hub: EmailServices['hub'];
  /** Sends an email. Undefined when the hub sends no email. */
  readonly send: EmailServices['send'];
  readonly secondFactor: FactorServices['policy'];
  readonly oidc: OidcSetting | undefined;
  /** Correct sign-ins of an account within a window. Undefined means the usual limit. */
  readonly signInsOfAccount: number | undefined;
  /** The kinds of records that are removed together with their account. */
  readonly personalKinds: readonly string[];
  /** TLP:RED that was given to accounts. */
  readonly red: {
    holding(account: string): ReturnType<Holding>;
    isGivenTo(account: string): Promise<boolean>;
  };
}

/** Creates the guards of sign-in: counts of failures, known places, the throttle and what is learned from it. */
async function createGuards({ store, directory, clock, ids, log, notifications, audit }: SignInParts) {
  const failures = new Tallies(store, clock, log, THROTTLE_TALLIES);
  const guesses = new Tallies(store, clock, log, THROTTLE_DAY_TALLIES);
  const devices = await sharedKey(store, ids, 'devices');
  const places = new Places(store, devices, clock, ids, async (account) => {
    const found = (await directory.current()).accounts.get(account);
    return found?.passwordHash === undefined ? undefined : String(found.epoch);
  });
  const signIns = new SignInWatch({ store, directory, places, notifications, audit, clock, log });
  const throttle = new Throttle(failures, guesses, places, signIns, clock);
  return { failures, guesses, places, signIns, throttle };
}

/** Creates accounts, their credentials and all ways to sign in. */
export async function createSignIn(parts: SignInParts) {
  const { store, clock, ids, log, sealer, directory, ledger, audit, notifications, http, hub, red } = parts;
  const { url } = hub;
  const guards = await createGuards(parts);
  const { places, signIns, throttle } = guards;
  const reset = new AccountReset(store, directory, audit, clock, places, notifications);
  const authenticator = new Authenticator(directory, clock, ledger, throttle, signIns);
  const factors = new FactorService({
    store, directory, sealer, clock, audit, notifications, url, given: reset,
    policy: parts.secondFactor,
    issuer: hub.title,
  }); // prettier-ignore
  authenticator.replaceOldHashes((account, password) => rehash(store, directory, log, account, password));
  authenticator.demandSecondFactor(async (account) => (await factors.needOf(account)) === 'none');
  const history = new SignInHistory(store, directory, clock, log);
  const rate = new SignInRate(clock, parts.signInsOfAccount);
  const sessions = new SessionService(
    store, directory, authenticator, clock, ids, audit, factors, history, places, signIns, rate,
  ); // prettier-ignore
  return {
    ...guards,
    authenticator,
    factors,
    history,
    sessions,
    ownPassword: new OwnPassword({ store, directory, authenticator, audit, notifications, sessions }),
    factorSessions: new FactorSessions(sessions, factors, authenticator, history, clock),
    keys: new KeyService(store, directory, clock, ids, audit, reset, notifications, url),
    keyList: new KeyList(store, directory, clock, ledger),
    invitations: new InvitationService(
      store, directory, clock, ids, audit, throttle, reset, notifications, places,
    ), // prettier-ignore
    email: new EmailService({
      store, directory, clock, ids, audit, log, notifications, throttle, places, hub,
      send: parts.send,
    }), // prettier-ignore
    preferences: new PreferenceService(store, directory, audit),
    signOn: new SingleSignOn({
      store, directory, sessions, sealer, clock, audit, log, notifications, reset, throttle, url,
      provider: parts.oidc === undefined ? undefined : await providerOf(parts.oidc, http, clock),
      holdsRed: (account) => red.isGivenTo(account),
    }), // prettier-ignore
    accounts: new AccountService(store, directory, audit, ids, reset, notifications, [
      (account) => red.holding(account),
      (account) => personalRecords(store, parts.personalKinds, account),
    ]),
  };
}

/** Accounts, their credentials and all ways to sign in. */
export type SignIn = Awaited<ReturnType<typeof createSignIn>>;

/** Opens the sign-in provider. Its library is loaded only by hubs that have one, so that others start sooner. */
async function providerOf(setting: OidcSetting, http: HttpClient, clock: Clock): Promise<Provider> {
  const { Provider: Opened } = await import('./oidc/provider.ts');
  return new Opened(setting, http, clock);
}
