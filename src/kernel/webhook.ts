import { Webhook } from 'standardwebhooks';

const PREFIX = 'whsec_';

/**
 * Returns the headers of a webhook as defined by Standard Webhooks. The signature covers id, time and body.
 * `now` is in milliseconds since 1970. It is the time of this attempt, not of the event, because receivers
 * refuse a timestamp that is older than five minutes. A secret that starts with `whsec_` is Base64. Any other
 * secret is used byte for byte.
 */
export function webhookHeaders(
  id: string,
  now: number,
  body: string,
  secret: string,
): Readonly<Record<string, string>> {
  const signer = secret.startsWith(PREFIX)
    ? new Webhook(secret)
    : new Webhook(Buffer.from(secret), { format: 'raw' });
  return {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': signer.sign(id, new Date(now), body),
  };
}
