import type { FeedDocument } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import { hostsOf } from './references.ts';
import { fetchFeed } from './transports/fetch.ts';
import { withAttachments } from './transports/mail.ts';
import type { FetchOptions, Fetched } from './transports/transport.ts';

/** The services that fetching a source needs. */
export interface FetchServices {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Waits before the next request to a source. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns the value of `env:NAME`, `file:PATH` or `secret:NAME` for a host. */
  readonly secret: (reference: string, host: string) => string | undefined;
  /** Throws when a document names a secret or a folder on the hub's machine that it cannot use. */
  readonly permit: (document: FeedDocument) => void;
  /** Reloads the secrets, which another process may have changed. */
  readonly refreshSecrets: () => Promise<void>;
}

interface FetchRequest extends Pick<FetchOptions, 'spool' | 'cursor' | 'signal' | 'tries' | 'onRetry'> {
  /** Uploaded files, which replace fetching. */
  readonly given?: Fetched | undefined;
}

/** Fetches the source of a feed, for a run or a preview. Throws a Problem when the feed names what it cannot use. */
export async function fetchSource(
  services: FetchServices,
  document: FeedDocument,
  { given, ...request }: FetchRequest,
): Promise<Fetched> {
  const { http, clock, pause, permit, refreshSecrets } = services;
  const { name, transport } = document;
  if (given === undefined) permit(document);
  await refreshSecrets();
  const options = { ...request, http, clock, pause, name, secret: secretFor(services, document) };
  return withAttachments(given ?? (await fetchFeed(transport, options)), transport, options);
}

/** Returns the secrets of a feed for the hosts that it contacts: its own host and the host that issues its tokens. */
export function secretFor(
  { secret }: Pick<FetchServices, 'secret'>,
  document: FeedDocument,
): (reference: string) => string | undefined {
  // The same secret is used to request a token, so both hosts must be in its host list.
  const hosts = hostsOf(document);
  return (reference) => {
    const values = (hosts.length === 0 ? [''] : hosts).map((host) => secret(reference, host));
    return values.every((value) => value !== undefined) ? values[0] : undefined;
  };
}
