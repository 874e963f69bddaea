/** To whom weaknesses of this hub are reported, from the settings. */
export interface SecurityContacts {
  /** `mailto:`, `https:` or `tel:` addresses, the preferred one first. */
  readonly contacts: readonly string[];
  readonly policy: string | undefined;
  readonly encryption: string | undefined;
  readonly languages: readonly string[];
}

/** Where RFC 9116 §3 has the file. */
export const SECURITY_TXT = '/.well-known/security.txt';

const DAY = 86_400_000;
/** Recommended is less than a year (RFC 9116 §2.5.5). A copy that somebody kept is stale after a month. */
const VALID_DAYS = 31;

/**
 * The `security.txt` of a hub (RFC 9116). It expires a month after the day on which it is asked for: whoever reads it has
 * an answer of a hub that runs with these settings.
 *
 * @param now Milliseconds since 1970.
 */
export function securityTxt(
  { contacts, policy, encryption, languages }: SecurityContacts,
  url: string,
  now: number,
): string {
  const expires = new Date((Math.floor(now / DAY) + VALID_DAYS) * DAY).toISOString();
  const lines = [
    ...contacts.map((contact) => `Contact: ${contact}`),
    `Expires: ${expires.replace('.000Z', 'Z')}`,
    ...(encryption === undefined ? [] : [`Encryption: ${encryption}`]),
    ...(languages.length === 0 ? [] : [`Preferred-Languages: ${languages.join(', ')}`]),
    // Web addresses in it must be HTTPS (RFC 9116 §2.5.2).
    ...(url.startsWith('https:') ? [`Canonical: ${url}${SECURITY_TXT}`] : []),
    ...(policy === undefined ? [] : [`Policy: ${policy}`]),
  ];
  return `${lines.join('\n')}\n`;
}
