/**
 * Returns the URL that a text is, relative to `base` if there is one (WHATWG URL). Undefined when it is not a URL.
 *
 * Nothing in the hub calls `URL.canParse`: once Node.js 20 has optimised it, it returns false for every text with other
 * characters than ASCII.
 */
export function urlOf(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * True for a URL with a user name or a password before its host. Addresses are shown and logged, so the settings, feeds
 * and channels refuse them.
 */
export function hasUserInfo(text: string | undefined): boolean {
  const url = text === undefined ? undefined : urlOf(text);
  return url !== undefined && url.protocol !== 'mailto:' && (url.username !== '' || url.password !== '');
}
