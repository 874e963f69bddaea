import { createHmac } from 'node:crypto';

/** Headers of a webhook as Standard Webhooks has it: `secret` signs id, time and body. `now` in milliseconds since 1970. */
export function webhookHeaders(
  id: string,
  now: number,
  body: string,
  secret: string,
): Readonly<Record<string, string>> {
  // The time is that of this try: a receiver refuses what is older than five minutes.
  const seconds = Math.floor(now / 1000);
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  };
}
