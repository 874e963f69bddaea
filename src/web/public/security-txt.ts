/** The contacts for reports of vulnerabilities in this hub, from the settings. */
export interface SecurityContacts {
  /** `mailto:`, `https:` or `tel:` addresses, in order of preference. */
  readonly contacts: readonly string[];
  readonly policy: string | undefined;
  readonly encryption: string | undefined;
  readonly languages: readonly string[];
}

/** The path that RFC 9116 §3 defines. */
export const SECURITY_TXT = '/.well-known/security.txt';

const DAY = 86_400_000;
/** RFC 9116 §2.5.5 recommends less than a year. A saved copy expires after a month. */
const VALID_DAYS = 31;

/**
 * Returns the `security.txt` of a hub (RFC 9116). It expires a month after the day of the request, so a file
 * that is still valid comes from a hub that recently ran with these settings.
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
    // Web addresses in the file must use HTTPS (RFC 9116 §2.5.2).
    ...(url.startsWith('https:') ? [`Canonical: ${url}${SECURITY_TXT}`] : []),
    ...(policy === undefined ? [] : [`Policy: ${policy}`]),
  ];
  return `${lines.join('\n')}\n`;
}
