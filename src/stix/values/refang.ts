const OPEN = String.raw`[[({<]`;
const CLOSE = String.raw`[\])}>]`;
/** The schemes of web and file servers, with the ways in which people write them so that nobody follows the link. */
const NAME = String.raw`h[tx*]{2}ps?|hxp|htp|ttps?|f[tx]ps?|sf[tx]p|meow`;
const WHOLE_NAME = new RegExp(`^(?:${NAME})$`, 'i');
/** A scheme with its separator, each part of which may be in brackets: `hxxps[://]`, `http[:]//`, `hxxp:\\`. */
const SCHEME = new RegExp(
  String.raw`^\s*(${NAME})\s*(${OPEN}?:${CLOSE}?${OPEN}?[/\\]${CLOSE}?${OPEN}?[/\\]${CLOSE}?)\s*(.*)$`,
  'is',
);
/** A dot, spelled out or in brackets. */
const DOT = new RegExp(
  String.raw` {0,2}${OPEN} {0,2}(?:\.|dot|punkt|punto) {0,2}${CLOSE} {0,2}|\\\.|[\u3002\uff0e\uff61]`,
  'gi',
);
const AT = new RegExp(String.raw` {0,2}${OPEN} {0,2}(?:@|at|arroba) {0,2}${CLOSE} {0,2}`, 'gi');
/** Colons and slashes in brackets. An IPv6 address may contain two colons. */
const SIGN = new RegExp(String.raw`${OPEN}(::?|\/\/?|:\/\/)${CLOSE}`, 'g');
/** A part of a host in brackets with a dot at one of its ends, such as `[.example.]com`, or anywhere: `[1.2.3.4]`. */
const HELD = /\[([^[\]:\s]{0,253}\.[^[\]:\s]{0,253})\]/g;
const HALF = /\[\.|\.\]|\(\.|\.\)|\{\.|\.\}/g;
/** Brackets in a path that no URL has otherwise. */
const IN_PATH = /\[(?:\.|dot)\]/gi;
const SLASH_IN_PATH = /\[([/:]+)\]/g;

/** Returns the scheme that a name stands for, in lower case: `https` for `hxxps`, and any other name itself. */
export function plainScheme(name: string): string {
  const lower = name.toLowerCase();
  if (!WHOLE_NAME.test(lower)) return lower;
  return lower
    .replace(/^(?:h[tx*]{2}|hx|ht|tt)p/, 'http')
    .replace(/^meow$/, 'http')
    .replace('fxp', 'ftp');
}

/**
 * Undoes the common ways of defanging a value: brackets around dots, colons, slashes and at signs, words such as
 * `[dot]`, and schemes such as `hxxp`. Round and curly brackets in the path, and all brackets in the query, are undone
 * only where the scheme or the host is defanged, because they may belong to the URL. Words outside brackets are never
 * changed.
 */
export function refang(value: string): string {
  const [, scheme = '', separator = '', rest = value] = SCHEME.exec(value) ?? [];
  const cut = hostEnd(rest);
  const host = rest.slice(0, cut);
  const path = rest.slice(cut);
  const plainHost = host
    .replaceAll(DOT, '.')
    .replaceAll(AT, '@')
    .replaceAll(SIGN, '$1')
    .replaceAll(HELD, '$1')
    .replaceAll(HALF, '.');
  const clear = plainScheme(scheme);
  const isDefanged =
    plainHost !== host || (scheme !== '' && (clear !== scheme.toLowerCase() || separator !== '://'));
  const plainPath = isDefanged
    ? path.replaceAll(DOT, '.').replaceAll(AT, '@').replaceAll(SIGN, '$1')
    : pathOnly(path);
  return scheme === '' ? plainHost + plainPath : `${clear}://${plainHost}${plainPath}`;
}

/** Returns where the host ends: at a slash, which may be in brackets, a question mark or a number sign. */
function hostEnd(rest: string): number {
  const at = rest.search(/[[({<]?\/|[?#]/);
  return at < 0 ? rest.length : at;
}

function pathOnly(path: string): string {
  const query = path.search(/[?#]/);
  const end = query < 0 ? path.length : query;
  return path.slice(0, end).replaceAll(IN_PATH, '.').replaceAll(SLASH_IN_PATH, '$1') + path.slice(end);
}
