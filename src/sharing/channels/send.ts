import type { Clock } from '../../kernel/clock.ts';
import type { HttpClient } from '../../kernel/http-client.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { retryAfterMs } from '../../kernel/retry-after.ts';
import { webhookHeaders } from '../../kernel/webhook.ts';
import { TaxiiClient } from '../../taxii/client/client.ts';
import { Connection, type Credentials } from '../../taxii/client/connection.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { keyOf, type Entry } from './parcels.ts';
import { secretHostsOf, type Channel } from './model.ts';

const TIMEOUT_MS = 60_000;
/** Maximum size of one webhook, in bytes. */
const LARGEST_WEBHOOK = 1_048_576;

/** Objects that are sent together. */
export interface Parcel {
  readonly texts: readonly string[];
  /** Every retry of the same objects has the same key, so that receivers can detect duplicates. */
  readonly key: string;
  /** Dates added of the first and the last object (RFC 3339). */
  readonly from: string;
  readonly to: string;
}

/** The result of sending. */
export type Sent =
  | { readonly kind: 'taken'; readonly refused: readonly { readonly id: string; readonly message: string }[] }
  /** The hub itself is not ready to send. Nothing is wrong with the receiver. */
  | { readonly kind: 'waiting' }
  /** A retry may succeed. */
  | {
      readonly kind: 'later';
      readonly reason: string;
      readonly afterMs?: number | undefined;
      /** Only some deletions were refused. All others succeeded, and objects can be sent. */
      readonly isPartial?: true;
    }
  /** The parcel is too large, or one of its objects is invalid. Fewer objects may succeed. */
  | { readonly kind: 'fewer'; readonly reason: string }
  /** The receiver denies access, or the secret is missing. A person must act. */
  | { readonly kind: 'closed'; readonly reason: string };

/** Why a receiver did not take a parcel. */
export type Fault = Exclude<Sent, { readonly kind: 'taken' | 'waiting' }>;

/** True for a fault of some deletions, which does not keep a channel from sending. */
export function isPartial(fault: Fault): boolean {
  return fault.kind === 'later' && fault.isPartial === true;
}

export interface SendServices {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Returns the value behind `env:NAME`, `file:PATH` or `secret:NAME`, for a host. */
  readonly secret: (reference: string, host: string) => string | undefined;
  /** Reads secrets again, because another process may have changed them. */
  readonly refreshSecrets: () => Promise<void>;
}

/** Sends objects through a channel. Never throws because of what a receiver does. */
export async function send(
  channel: Channel,
  parcel: Parcel,
  services: SendServices,
  signal: AbortSignal,
): Promise<Sent> {
  await services.refreshSecrets();
  const { secret, fault } = secretOf(channel, services);
  // Only a person can fix this. A retry would not help.
  if (fault !== undefined) return { kind: 'closed', reason: fault };
  try {
    return channel.kind === 'webhook'
      ? await postWebhook(channel, parcel, secret ?? '', services, signal)
      : await pushTaxii(channel, parcel, secret, services, signal);
  } catch (error) {
    return ofProblem(error);
  }
}

/** Sends the objects of a parcel that the member may have. Nothing is sent when there are none. */
export async function sendEntries(
  channel: Channel,
  allowed: readonly Entry[],
  from: number,
  to: number,
  services: SendServices,
  signal: AbortSignal,
): Promise<Sent> {
  if (allowed.length === 0) return { kind: 'taken', refused: [] };
  const texts = allowed.map(({ text }) => text);
  const key = keyOf(channel, from, to);
  return send(channel, { texts, key, from: taxiiTimestamp(from), to: taxiiTimestamp(to) }, services, signal);
}

/** Returns the secret of a channel, or why the channel cannot deliver without it. */
export function secretOf(
  channel: Pick<Channel, 'secret' | 'url' | 'token_url'>,
  { secret: valueOf }: Pick<SendServices, 'secret'>,
): { readonly secret?: string | undefined; readonly fault?: string } {
  const { secret: reference } = channel;
  if (reference === undefined) return {};
  try {
    const values = secretHostsOf(channel).map((host) => valueOf(reference, host) ?? '');
    if (!values.includes('')) return { secret: values[0] };
  } catch (error) {
    return { fault: reasonOf(error).slice(0, 300) };
  }
  return {
    fault: `the hub has no secret ${reference} for this destination: it does not exist, or it is stored for another host`,
  };
}

/** Returns what a failed request means for its parcel. */
export function ofProblem(error: unknown): Fault {
  const code = error instanceof Problem ? error.code : '';
  const reason = [reasonOf(error), error instanceof Problem ? (error.description ?? '') : '']
    .filter((text) => text !== '')
    .join(': ')
    .slice(0, 300);
  if (code === 'TLN-E-401' || code === 'TLN-E-403') return { kind: 'closed', reason };
  if (code === 'TLN-E-413' || code === 'TLN-E-400' || code === 'TLN-E-422') return { kind: 'fewer', reason };
  return { kind: 'later', reason };
}

async function postWebhook(
  channel: Channel,
  parcel: Parcel,
  secret: string,
  { http, clock }: SendServices,
  signal: AbortSignal,
): Promise<Sent> {
  const head = JSON.stringify({
    type: 'stix.objects',
    timestamp: new Date(clock.now()).toISOString(),
    channel: channel.name,
    from: parcel.from,
    to: parcel.to,
  });
  // Objects are sent exactly as they were received. Their texts are never serialised again.
  const body = `${head.slice(0, -1)},"objects":[${parcel.texts.join(',')}]}`;
  if (Buffer.byteLength(body) > LARGEST_WEBHOOK && parcel.texts.length > 1)
    return { kind: 'fewer', reason: 'it is larger than 1 MiB' };
  const response = await http.fetch({
    url: channel.url,
    method: 'POST',
    headers: webhookHeaders(parcel.key, clock.now(), body, secret),
    body,
    signal,
    timeoutMs: TIMEOUT_MS,
    redirects: 0,
  });
  const { status, headers } = response;
  response.body.destroy();
  const reason = `the receiver returned the status ${status}`;
  if (status >= 200 && status < 300)
    // A sign-in page, a proxy or a parked domain answers every request with status 200.
    return String(headers['content-type'] ?? '').startsWith('text/html')
      ? { kind: 'later', reason: 'the receiver returned a web page; check the address' }
      : { kind: 'taken', refused: [] };
  if (status === 401 || status === 403 || status === 410) return { kind: 'closed', reason };
  if (status === 400 || status === 413 || status === 422) return { kind: 'fewer', reason };
  return { kind: 'later', reason, afterMs: retryAfterMs(headers['retry-after'], clock.now()) };
}

async function pushTaxii(
  channel: Channel,
  { texts }: Parcel,
  secret: string | undefined,
  { http, clock }: SendServices,
  signal: AbortSignal,
): Promise<Sent> {
  const credentials: Credentials =
    secret === undefined
      ? { kind: 'none' }
      : channel.username === undefined
        ? { kind: 'bearer', token: secret }
        : { kind: 'basic', user: channel.username, password: secret };
  const client = new TaxiiClient(new Connection({ http, clock, credentials, signal, tries: 1 }));
  const [collection] = await client.collections(channel.url);
  if (collection === undefined) return { kind: 'later', reason: 'the address does not lead to a collection' };
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 20);
  if (size > collection.maxContentLength && texts.length > 1)
    return {
      kind: 'fewer',
      reason: `it is larger than the ${collection.maxContentLength} bytes that the server accepts`,
    };
  const outcome = await client.push(collection, texts, (ms) => clock.wait(ms, signal));
  return { kind: 'taken', refused: outcome.failures };
}
