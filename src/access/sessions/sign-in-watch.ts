import { networkOf } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import type { AuditFact, Store } from '../../store/store.ts';
import type { Audit } from '../audit/audit.ts';
import type { Directory } from '../directory.ts';
import type { Notifications } from '../accounts/notifications.ts';
import type { Places } from './places.ts';
import { PUBLIC, type AccountPrincipal } from '../principal.ts';
import type { Attempt, FailureWatch, Origin, Way } from './throttle.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';

const ROUND_MS = 60_000;
/** Maximum number of audit entries per minute. One more entry sums up the rest. */
const MOST_ROWS = 20;
const ALERT_AT = 10;
const ALERT_MS = 3_600_000;
/** Maximum number of accounts and networks whose failures are counted for alerts at the same time. */
const MOST_COUNTED = 5_000;

interface Row {
  readonly account: string;
  readonly member: string | undefined;
  readonly network: string;
  readonly way: string;
  wrong: number;
  throttled: number;
}

/** Counts failed sign-ins for metrics. */
export interface SignInMeter {
  signInFailed(way: Way, reason: 'wrong' | 'throttled'): void;
}

export interface WatchServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly places: Places;
  readonly notifications: Notifications;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Records the outcome of sign-ins. A failure is logged and counted immediately, and summed up in the audit
 * log per account, network and minute, so guesses cannot fill it. Ten failures within an hour raise an alert
 * that also reaches the account and the administrators. The account is notified of a sign-in from a new
 * network.
 */
export class SignInWatch implements FailureWatch {
  readonly #services: WatchServices;
  readonly #counts = new Map<string, { since: number; failures: number }>();
  #meter: SignInMeter | undefined;
  #rows = new Map<string, Row>();
  #telling: Promise<void> = Promise.resolve();
  readonly #loop: WorkLoop;

  constructor(services: WatchServices) {
    this.#services = services;
    const { clock, log } = services;
    this.#loop = new WorkLoop(
      clock,
      ROUND_MS,
      () => this.flush(),
      (error) => log.warn('audit.not_written', { reason: reasonOf(error) }),
      'after a pause',
    );
  }

  /** The metrics are created after the services of the hub. */
  useMeter(meter: SignInMeter): void {
    this.#meter = meter;
  }

  failed(attempt: Attempt, reason: 'wrong' | 'throttled'): void {
    const { way, named, from } = attempt;
    const account = named?.name ?? 'unknown';
    const network = from.address === '' ? 'unknown' : networkOf(from.address);
    this.#meter?.signInFailed(way, reason);
    if (reason === 'wrong')
      this.#services.log.info('sign_in.failed', { account, address: from.address, way });
    const key = JSON.stringify([account, network, way]);
    const row =
      this.#rows.get(key) ??
      (this.#rows.size < MOST_ROWS
        ? { account, member: named?.member, network, way, wrong: 0, throttled: 0 }
        : (this.#rows.get('others') ?? {
            account: 'several',
            member: undefined,
            network: 'several',
            way: 'several',
            wrong: 0,
            throttled: 0,
          }));
    row[reason]++;
    this.#rows.set(row.account === 'several' ? 'others' : key, row);
    if (reason !== 'wrong') return;
    if (named !== undefined)
      this.#count(`account ${named.name}`, { account: named.name, from, id: attempt.account });
    if (way !== 'key') this.#count(`network ${network}`, { account: undefined, from, id: '' });
  }

  #count(
    key: string,
    { account, from, id }: { account: string | undefined; from: Origin; id: string },
  ): void {
    const { clock, log } = this.#services;
    const now = clock.monotonic();
    const known = this.#counts.get(key);
    const count = known !== undefined && now - known.since < ALERT_MS ? known : { since: now, failures: 0 };
    count.failures++;
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > MOST_COUNTED) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    if (count.failures !== ALERT_AT) return;
    log.warn('sign_in.throttled', {
      ...(account === undefined ? {} : { account }),
      address: from.address,
      failures: count.failures,
      hint: 'An address is guessing passwords. The hub slows guesses down. Block the address if they continue.',
    });
    if (account !== undefined)
      this.#telling = this.#telling.then(() => this.#tell(id, account, count.failures));
  }

  async #tell(id: string, account: string, failures: number): Promise<void> {
    const { directory, notifications, log } = this.#services;
    try {
      const administrators = [...(await directory.current()).accounts.values()].filter(
        ({ role, member, person }) => role === 'administrator' && member === undefined && person,
      );
      const readers = new Set([
        ...(id === '' ? [] : [id]),
        ...administrators.map(({ id: administrator }) => administrator),
      ]);
      for (const reader of readers)
        await notifications.notify(reader, 'sign_in.guessing', { account, failures });
    } catch (error) {
      log.warn('notification.not_written', { event: 'sign_in.guessing', reason: reasonOf(error) });
    }
  }

  /**
   * Records the origin of a successful sign-in, and notifies the account of a new network. `isComplete`: no second factor
   * is missing.
   */
  async signedIn(principal: AccountPrincipal, way: Way, from: Origin, isComplete: boolean): Promise<void> {
    const { places, notifications, log } = this.#services;
    try {
      const network = await places.note(principal.account, from, isComplete);
      if (network !== undefined)
        await notifications.notify(principal.account, 'sign_in.new_place', { network, way });
    } catch (error) {
      // A hub with a full disk must still let people in.
      log.warn('sign_in.not_noted', { reason: reasonOf(error) });
    }
  }

  /** Writes audit entries for the failures since the last flush. */
  async flush(): Promise<void> {
    await this.#telling;
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    if (rows.length === 0) return;
    const { audit, store, log } = this.#services;
    const facts: AuditFact[] = rows.map(({ account, member, network, way, wrong, throttled }) =>
      audit.fact(PUBLIC, 'account.sign_in_failed', `account/${account}`, {
        member,
        result: 'refused',
        details: { network, way, wrong, throttled },
      }),
    );
    await store
      .commit({ facts })
      .catch((error: unknown) => log.warn('audit.not_written', { reason: reasonOf(error) }));
  }

  /** Flushes every minute until `stop`. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.flush();
  }
}
