import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { loadPreset, presetNames } from './document.ts';

/**
 * Files of sources whose presets read more than the columns: statements of their length, and the subject of the
 * columns. The file must have the statement of its length, or its runs would all be suspect.
 */
const OF_PRESETS: readonly (readonly [preset: string, ...signs: readonly RegExp[]])[] = [
  ['feodo', /^"?first_seen_utc"?,"?dst_ip"?,"?dst_port"?,/m, /END \(\d+\) entries/],
  ['spamhaus-drop-v4', /^\{"cidr":"[^"\n]+","sblid":/m, /"type":"metadata"[^\n]*"records":\d/],
  ['spamhaus-asndrop', /^\{"asn":\d+,"rir":[^\n]*"asname":/m, /"type":"metadata"[^\n]*"records":\d/],
];

/** Returns the preset for the source at a URL, without its optional key. */
export function presetAt(url: string): FeedDocument | undefined {
  const plain = (text: string | undefined): string =>
    (text ?? '').replace(/^https?:\/\//, '').replace(/\/$/, '');
  for (const name of presetNames()) {
    const document = loadPreset(name);
    const { auth, ...transport } = document.transport;
    if (plain(transport.url) === plain(url) && (auth === undefined || auth.optional === true))
      return { ...document, transport };
  }
  return undefined;
}

/** Recognises formats that identify themselves. Includes the transport that fetches their files. */
export function knownFormat(head: string, url: string): Partial<FeedDocument> | undefined {
  const as = (kind: ParserSpec['kind'], more: Partial<FeedDocument> = {}): Partial<FeedDocument> => ({
    parser: { kind },
    map: [],
    ...more,
  });
  if (head.startsWith('<')) {
    const root = /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s>]/.exec(withoutDeclarations(head))?.[1];
    if (root === 'IODEF-Document') return as('iodef');
    if (root === 'STIX_Package') return as('stix1');
    if (root === 'rss' || root === 'feed' || root === 'RDF') {
      const { parser, map, time } = loadPreset(root === 'feed' ? 'advisories-atom' : 'advisories-rss');
      return { parser, map, ...(time === undefined ? {} : { time }) };
    }
    return undefined;
  }
  const listed = (index: 'misp' | 'csaf', kind: ParserSpec['kind']): Partial<FeedDocument> =>
    as(kind, { transport: { kind: 'index', index, url, ...(index === 'misp' ? { since_days: 90 } : {}) } });
  if (/^"?[^",\n]+\.json"?\s*,\s*"?\d{4}-\d\d-\d\dT/.test(head)) return listed('csaf', 'csaf');
  const source = OF_PRESETS.find(([, ...signs]) => signs.every((sign) => sign.test(head)));
  if (source !== undefined) {
    const { parser, map, filter, guards } = loadPreset(source[0]);
    return {
      parser,
      map,
      mode: 'snapshot',
      ...(filter === undefined ? {} : { filter }),
      ...(guards === undefined ? {} : { guards }),
    };
  }
  if (!/^[{[]/.test(head)) return undefined;
  if (/^\{[^[]{0,2000}"type"\s*:\s*"bundle"/.test(head) || isEnvelope(head)) return as('stix');
  if (/^\{\s*"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"\s*:\s*\{/i.test(head))
    return listed('misp', 'misp');
  if (/^\{\s*"Event"\s*:/.test(head) || isMisp(head)) return as('misp');
  if (/"csaf_version"\s*:/.test(head)) return as('csaf');
  if (/"(?:metadata_version|canonical_url)"\s*:/.test(head) && /"distributions"/.test(head))
    return listed('csaf', 'csaf');
  if (/^\{\s*"feed"\s*:/.test(head) && /csaf/i.test(head)) return listed('csaf', 'csaf');
  if (/"vulnerabilities"\s*:/.test(head) && /"cveID"\s*:/.test(head)) {
    const { parser, map } = loadPreset('cisa-kev');
    return { parser, map };
  }
  if (isOtx(head)) return as('otx');
  return undefined;
}

/** Returns XML without its declarations, comments and document types. */
function withoutDeclarations(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text.charAt(at + 1);
    if (next !== '?' && next !== '!') continue;
    const end = text.indexOf('>', at);
    if (end < 0) break;
    parts.push(text.slice(kept, at));
    kept = end + 1;
    at = end;
  }
  return parts.join('') + text.slice(kept);
}

/** True for a page of a TAXII 2.1 collection. */
function isEnvelope(head: string): boolean {
  return (
    /^\{[^[]{0,2000}"objects"\s*:\s*\[\s*\{/.test(head) &&
    /"id"\s*:\s*"[a-z0-9-]+--[0-9a-f-]{36}"/i.test(head)
  );
}

/** True for MISP events, with or without their wrapping. */
function isMisp(head: string): boolean {
  return (
    /^(?:\{\s*"response"\s*:\s*)?\[?\s*\{\s*"Event"\s*:/.test(head) ||
    (/"(?:Attribute|Object)"\s*:\s*\[/.test(head) &&
      /"(?:threat_level_id|analysis|orgc?_id|Orgc)"\s*:/.test(head))
  );
}

/** True for pulses of OTX, in a page of results, a list, or alone. */
function isOtx(head: string): boolean {
  return /"indicators"\s*:\s*\[\s*\{[^}]{0,2000}"indicator"\s*:/.test(head) && /"type"\s*:\s*"(?:IPv[46]|domain|hostname|URL|URI|FileHash-|email|CVE|CIDR)/.test(head); // prettier-ignore
}
