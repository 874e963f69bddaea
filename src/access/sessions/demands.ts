import { urlOf } from '../../kernel/url.ts';
import type { AccountPrincipal, Principal } from '../principal.ts';
import { sessionErrors } from './errors.ts';

/** A password that was entered within this time is sufficient for sensitive operations. */
const FRESH_MS = 300_000;

/** Request headers that identify the page that made the request. */
export interface PageOrigin {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Throws unless one of the hub's own pages sent a request that a cookie authorises (cross-site request forgery).
 * Browsers name the page in `Sec-Fetch-Site`, and older ones in `Origin`. A client that sends neither is not a browser
 * and must use a key.
 */
export function demandSamePage(headers: PageOrigin, hubUrl: string): void {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  const { origin, host } = headers;
  if (
    site === undefined &&
    origin !== undefined &&
    (origin === originOf(hubUrl) ||
      (host !== undefined && [`http://${host}`, `https://${host}`].includes(origin)))
  )
    return;
  throw sessionErrors.foreignPage();
}

/** Throws unless the person gave the password or a second factor in the last five minutes. Keys are exempt. */
export function demandConfirmed(actor: Principal, now: number): void {
  if (actor.kind !== 'account' || actor.session === undefined) return;
  if (now - actor.session.confirmed >= FRESH_MS) throw sessionErrors.confirmationRequired();
}

/**
 * Throws for a session that began with a password that somebody else set. A sign-in link or an email address that
 * is added in such a session would still give access after the person has chosen another password.
 */
export function demandPersonal(actor: AccountPrincipal): void {
  if (actor.session?.isPersonal === false)
    throw sessionErrors.ownPasswordRequired({
      hint: 'Change your password in the console (/console/account). If the settings file gives the password, ask an administrator for a one-time link: talanoa account invite.',
    });
}

function originOf(url: string): string {
  return urlOf(url)?.origin ?? '';
}
