import type { Clock } from '../kernel/clock.ts';
import type { Diagnosis } from '../kernel/diagnosis.ts';
import type { Mailer } from '../kernel/mailer.ts';
import { reasonOf } from '../kernel/problem.ts';

/** The time after which a page starts a new check. Mail servers lock an account after a few wrong passwords. */
const PAGE_MS = 15 * 60_000;

/**
 * The check of the mail server, which invitations, notifications and channels of kind `mail` need. An open page asks for it
 * each half minute, so pages show the last result and never wait for the mail server.
 */
export class MailCheck {
  readonly #mailer: Pick<Mailer, 'check'>;
  readonly #clock: Clock;
  #last: { readonly since: number; readonly at: number; readonly result: Diagnosis } | undefined;
  #running: Promise<Diagnosis> | undefined;

  constructor(mailer: Pick<Mailer, 'check'>, clock: Clock) {
    this.#mailer = mailer;
    this.#clock = clock;
  }

  /** Connects to the mail server and signs in. Simultaneous callers share one check. */
  now(): Promise<Diagnosis> {
    return (this.#running ??= this.#run().finally(() => (this.#running = undefined)));
  }

  /** Returns the last result with its time. Starts a check in the background if there is none, or only an old one. */
  last(): readonly Diagnosis[] {
    const last = this.#last;
    // A check reports every failure as its result, so nothing is lost without a listener.
    if (last === undefined || this.#clock.monotonic() - last.since >= PAGE_MS) void this.now();
    if (last === undefined) return [];
    const { found, ...result } = last.result;
    const time = `${new Date(last.at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return [{ ...result, found: `${found} (checked at ${time}, talanoa doctor checks it again)` }];
  }

  async #run(): Promise<Diagnosis> {
    const result = await this.#diagnosis();
    this.#last = { since: this.#clock.monotonic(), at: this.#clock.now(), result };
    return result;
  }

  async #diagnosis(): Promise<Diagnosis> {
    const check = 'mail server';
    try {
      return { check, status: 'ok', found: `${await this.#mailer.check()} accepts connections` };
    } catch (error) {
      return {
        check,
        status: 'warning',
        found: reasonOf(error),
        hint: 'Check mail.server and its password in the settings file. Until then, notifications are only in the console, and invitations are links that you pass on yourself.',
      };
    }
  }
}
