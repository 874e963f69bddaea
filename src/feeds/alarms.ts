import type { Alarm } from '../api/schema-types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Mailer } from '../kernel/mailer.ts';
import { reasonOf } from '../kernel/problem.ts';
import { webhookHeaders } from '../kernel/webhook.ts';
import { feedErrors } from './errors.ts';

const TRIES = 6;
const FIRST_WAIT_MS = 5_000;
/** Maximum number of alarms in the queue. More alarms than this have one common cause. */
const MOST_WAITING = 200;

/** An alarm that begins or ends. */
export interface AlarmEvent {
  readonly feed: string;
  readonly alarm: Alarm;
  readonly over: boolean;
}

export interface AlarmSetting {
  readonly hub: string;
  readonly url: string;
  readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  readonly mailTo: readonly string[];
}

/** Sends alarms by email and through a webhook. The webhook is signed as defined by Standard Webhooks. */
export class AlarmSender {
  readonly #setting: AlarmSetting;
  readonly #http: HttpClient;
  readonly #mailer: Mailer | undefined;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(
    setting: AlarmSetting,
    http: HttpClient,
    mailer: Mailer | undefined,
    clock: Clock,
    ids: Ids,
    log: Log,
  ) {
    this.#setting = setting;
    this.#http = http;
    this.#mailer = mailer;
    this.#clock = clock;
    this.#ids = ids;
    this.#log = log;
  }

  /** Sends in the background. Failed attempts are repeated for a few minutes. After that, the log has an entry. */
  tell(event: AlarmEvent): void {
    const { webhook, mailTo } = this.#setting;
    const id = `msg_${this.#ids.uuid()}`;
    const at = this.#clock.now();
    if (webhook !== undefined) this.#background('webhook', event, () => this.#post(webhook, id, at, event));
    if (this.#mailer !== undefined && mailTo.length > 0)
      this.#background('mail', event, () => this.#mail(event));
  }

  #background(way: string, { feed, alarm }: AlarmEvent, send: () => Promise<void>): void {
    if (this.#sending.size >= MOST_WAITING) {
      this.#log.warn('alarm.not_sent', {
        way,
        feed,
        alarm: alarm.code,
        reason: 'too many emails are waiting',
      });
      return;
    }
    const work = this.#retried(send)
      .catch((error: unknown) =>
        this.#log.warn('alarm.not_sent', { way, feed, alarm: alarm.code, reason: reasonOf(error) }),
      )
      .finally(() => this.#sending.delete(work));
    this.#sending.add(work);
  }

  async #retried(send: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await send();
        return;
      } catch (error) {
        if (tries === TRIES || this.#stopping.signal.aborted) throw error;
        await this.#clock.wait(FIRST_WAIT_MS * 3 ** (tries - 1), this.#stopping.signal);
      }
    }
  }

  async #post(
    { url, secret }: { readonly url: string; readonly secret: string },
    id: string,
    at: number,
    { feed, alarm, over }: AlarmEvent,
  ): Promise<void> {
    const body = JSON.stringify({
      type: over ? 'feed.alarm_resolved' : 'feed.alarm',
      timestamp: new Date(at).toISOString(),
      data: { feed, ...alarm, url: `${this.#setting.url}/api/v1/feeds/${encodeURIComponent(feed)}` },
    });
    const response = await this.#http.fetch({
      url,
      method: 'POST',
      headers: webhookHeaders(id, this.#clock.now(), body, secret),
      body,
      timeoutMs: 15_000,
    });
    response.body.destroy();
    if (response.status < 200 || response.status > 299)
      throw feedErrors.webhookFailed({ status: response.status });
  }

  async #mail({ feed, alarm, over }: AlarmEvent): Promise<void> {
    const { hub, url, mailTo } = this.#setting;
    await this.#mailer?.send({
      to: mailTo,
      subject: over
        ? `[${hub}] Resolved: feed ${feed}, ${alarm.code}`
        : `[${hub}] Feed ${feed}: ${alarm.code}`,
      text: [
        over ? `Resolved: ${alarm.message}` : alarm.message,
        `Since ${alarm.since}.`,
        '',
        `On the hub: talanoa feed show ${feed}`,
        url,
        '',
      ].join('\n'),
    });
  }

  /** Drops alarms that have not been sent. They remain in the log and in the state of the feed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#sending);
  }
}
