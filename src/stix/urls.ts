import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { urlOf } from '../kernel/url.ts';
import { plainScheme, refang } from './values/refang.ts';

/** The reason why a text is not accepted as a URL. */
export interface UrlFault {
  readonly message: string;
  /** The URL that was probably meant. */
  readonly suggestion?: string;
  /**
   * True when RFC 3986 refuses the text, but every browser reads it as a URL and reaches the same host: characters that
   * browsers encode automatically follow the host, or the host is in its international form.
   */
  readonly isReadable: boolean;
}

/** Schemes of the web, whose URLs have a host (RFC 9110 §4.2, RFC 6455 §3, RFC 1738 §3.2). */
const WITH_HOST = new Set(['http', 'https', 'ftp', 'ftps', 'sftp', 'ws', 'wss']);
/**
 * The usual format of URLs, in which no rule below finds a fault: the name of a host without an
 * internationalised label, and neither percent signs nor brackets after it.
 */
const ORDINARY =
  /^(?:https?|ftp):\/\/(?:(?!xn--)[a-z0-9-]{1,63}\.){1,20}(?!xn--)[a-z][a-z0-9-]{0,62}(?::[0-9]{1,4})?(?:[/?#][a-z0-9\-._~:/?#@!$&'*+,;=]*)?$/i;
/** A dot or a slash in brackets, which is how people keep others from following a link. */
const DEFANGED_PART = /\[\.\]?|\[dot\]|\(dot\)|\{dot\}|\{\.\}|\(\.\)|\[\/+\]|\[:\/*\]|\[\.[a-z0-9-]+\.\]/i;
const EACH_DEFANGED_PART = new RegExp(DEFANGED_PART, 'gi');
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
/** The characters of RFC 3986 in paths, queries and fragments, with the percent sign. */
const PLAIN = /^[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*$/;
/** Brackets are for IPv6 addresses only, but programs write them in queries (`a[]=1`), and RFC 3986 readers agree. */
const PLAIN_QUERY = /^[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%[\]]*$/;
const BROKEN_PERCENT = /%(?![0-9A-Fa-f]{2})/;
/** A text that begins with the name of a host. */
const HOST_FIRST = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?:[/:?#]|$)/u;
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}]/u;
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const USER = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*$/;

const refuse = (message: string, suggestion?: string): UrlFault =>
  suggestion === undefined
    ? { message, isReadable: false }
    : { message: `${message}; did you mean "${suggestion}"?`, suggestion, isReadable: false };
const readable = (message: string): UrlFault => ({ message, isReadable: true });

/** Returns why a text is not an absolute URL by the grammar of RFC 3986. Undefined for a URL. */
export function urlFault(value: string): UrlFault | undefined {
  if (ORDINARY.test(value)) return undefined;
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  const scheme = SCHEME.exec(value)?.[1];
  if (scheme === undefined)
    return refuse(`${shown} has no scheme, so it is not an absolute URL`, meant(value));
  if (scheme.length === 1) {
    const file = `file:///${value.replaceAll('\\', '/')}`;
    const isPath = /^[A-Za-z]:[/\\]/.test(value) && urlFault(file)?.isReadable !== false;
    return refuse(`${shown} is a path on a Windows drive, not a URL`, isPath ? file : undefined);
  }
  if (plainScheme(scheme) !== scheme.toLowerCase())
    return refuse(`${shown} is defanged: no protocol has the scheme "${scheme}"`, meant(value));
  const rest = value.slice(scheme.length + 1);
  if (rest === '') return refuse(`${shown} has nothing after its scheme`);
  if (UNSEEN.test(value)) return refuse(`${shown} has a space or an invisible character`);
  const hasAuthority = rest.startsWith('//');
  if (!hasAuthority) {
    if (WITH_HOST.has(scheme.toLowerCase()))
      return refuse(
        `${shown} has no "//" after its scheme`,
        meant(`${scheme}://${rest.replace(/^[/\\]+/, '')}`, value),
      );
    return partFault(rest, shown);
  }
  const end = rest.slice(2).search(/[/?#\\]/);
  const authority = end < 0 ? rest.slice(2) : rest.slice(2, end + 2);
  const after = end < 0 ? '' : rest.slice(end + 2);
  if (after.startsWith('\\'))
    return refuse(`${shown} has a backslash after its host, which programs interpret in different ways`);
  const isOfWeb = WITH_HOST.has(scheme.toLowerCase());
  const faults = [
    authorityFault(authority, isOfWeb, value, shown),
    defangedFault(after, value, shown),
    isOfWeb && urlOf(value) === undefined ? refuse(`${shown} has a host name that cannot exist`) : undefined,
    partFault(after, shown),
  ].filter((fault) => fault !== undefined);
  return faults.find(({ isReadable }) => !isReadable) ?? faults[0];
}

function authorityFault(
  authority: string,
  needsHost: boolean,
  value: string,
  shown: string,
): UrlFault | undefined {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  const place = authority.slice(at + 1);
  const [, literal, name = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(place) ?? [];
  if (literal !== undefined && !isIPv6(literal)) {
    // A future version of addresses begins with v (RFC 3986 §3.2.2). Nobody has defined one.
    return refuse(`${shown} has brackets in its host that do not contain an IPv6 address`, meant(value));
  }
  if (literal === undefined && /[[\](){}]/.test(place))
    return refuse(`${shown} has brackets in its host, so it is defanged`, meant(value));
  if (literal === undefined && name === '' && (needsHost || authority !== ''))
    return refuse(`${shown} has no host; write the whole URL, such as https://host.example/path`);
  if (port !== undefined && port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    return refuse(
      `${shown} has the port ${JSON.stringify(port.slice(0, 20))}; a port is a number from 0 to 65535`,
      meant(value.replace(`:${port}`, ''), value),
    );
  if (literal === undefined && name !== '' && !HOST.test(name)) {
    // Browsers turn an international name into A-labels (RFC 5891).
    if (/\P{ASCII}/u.test(name) && domainToASCII(name) !== '')
      return readable(`${shown} has a host in its international form; in a URL it is ${domainToASCII(name)}`);
    return refuse(`${shown} has a host with a character that is not allowed in host names`);
  }
  if (!USER.test(user))
    return refuse(`${shown} has user information with a character that is not allowed there`);
  return undefined;
}

function defangedFault(after: string, value: string, shown: string): UrlFault | undefined {
  const cut = after.search(/[?#]/);
  const path = cut < 0 ? after : after.slice(0, cut);
  return DEFANGED_PART.test(path) ? refuse(`${shown} is defanged`, meant(value)) : undefined;
}

/** Characters after the host that RFC 3986 does not allow, and that browsers encode when they follow the link. */
function partFault(part: string, shown: string): UrlFault | undefined {
  const cut = part.search(/[?#]/);
  const path = cut < 0 ? part : part.slice(0, cut);
  const query = cut < 0 ? '' : part.slice(cut);
  if (PLAIN.test(path) && PLAIN_QUERY.test(query) && !BROKEN_PERCENT.test(part)) return undefined;
  if (BROKEN_PERCENT.test(part))
    return readable(`${shown} has a percent sign without two hexadecimal digits, which a URL writes as %25`);
  return readable(`${shown} has characters that a URL writes with percent signs, such as %7C for |`);
}

/**
 * Returns the URL that `text` means, to suggest instead of `given`. Undefined when it means no accepted URL.
 */
function meant(text: string, given: string = text): string | undefined {
  const plain = refang(text).replaceAll(EACH_DEFANGED_PART, (part) => {
    const inner = part.slice(1).replace(/\]$/, '');
    return part.includes('/') || part.includes(':') || (inner.length > 2 && inner.startsWith('.'))
      ? inner
      : '.';
  });
  const whole = SCHEME.test(plain) ? plain : HOST_FIRST.test(plain) ? `http://${plain}` : undefined;
  if (whole === undefined || whole === given) return undefined;
  return urlFault(whole)?.isReadable === false ? undefined : whole;
}
