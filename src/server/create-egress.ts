import type { Config } from '../config/config.ts';
import { createHttpClient, type HttpClient } from '../kernel/http-client.ts';
import { Mailer, mailEntry, type Mail } from '../kernel/mailer.ts';
import { VERSION } from './version.ts';

/** The ways out of a hub. */
export interface Egress {
  readonly http: HttpClient;
  /** Undefined when the settings name no mail server. */
  readonly mailer: Mailer | undefined;
  /** Sends an email. Undefined without a mail server. */
  readonly send: ((mail: Mail) => Promise<void>) | undefined;
}

/** Creates the ways out: HTTP and email. Both check every address to which the hub connects. */
export function createEgress({ hub, mail, egressAllow }: Config): Egress {
  const mailer = mail === undefined ? undefined : new Mailer(mail, mailEgress(mail.server, egressAllow));
  return {
    http: createHttpClient({ allow: egressAllow, userAgent: `Talanoa/${VERSION} (+${hub.url})` }),
    mailer,
    send: mailer === undefined ? undefined : (letter) => mailer.send(letter),
  };
}

/**
 * Returns the guard for connections to the mail server. The settings file names the server, so it may have an internal
 * address. Its host name is never allowed to resolve to a cloud metadata address.
 */
function mailEgress(server: string, allow: readonly string[]): Pick<HttpClient, 'resolve'> {
  return createHttpClient({ allow: [...allow, mailEntry(server)], userAgent: 'Talanoa' });
}
