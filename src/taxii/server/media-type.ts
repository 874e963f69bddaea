import { namesUtf8 } from '../../kernel/body.ts';
import { taxiiErrors } from './errors.ts';

/** The only media type of TAXII 2.1 (§1.6.8), exactly as the hub sends it. */
export const TAXII_MEDIA_TYPE = 'application/taxii+json;version=2.1';

/** Returns the media type of the objects in a collection (STIX 2.1 §12, TAXII 2.1 §5.2.1). */
export function stixMediaType(spec: string): string {
  return `application/stix+json;version=${spec}`;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Splits a header into media ranges. Letter case, white space and quotes do not matter (RFC 9110 §12.5.1). */
function ranges(header: string): readonly MediaRange[] {
  return header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    return {
      type: type.toLowerCase(),
      parameters: new Map(
        parameters.map((parameter) => {
          const cut = parameter.indexOf('=');
          const name = (cut < 0 ? parameter : parameter.slice(0, cut)).trim().toLowerCase();
          const value =
            cut < 0
              ? ''
              : parameter
                  .slice(cut + 1)
                  .trim()
                  .replace(/^"(.*)"$/, '$1');
          return [name, value] as const;
        }),
      ),
    };
  });
}

function refusedByQuality({ parameters }: MediaRange): boolean {
  return /^0(\.0{0,3})?$/.test(parameters.get('q') ?? '');
}

function isTaxii21({ type, parameters }: MediaRange): boolean {
  return type === 'application/taxii+json' && (parameters.get('version') ?? '2.1') === '2.1';
}

/** True when a client accepts TAXII 2.1, by name, by a wildcard, or by sending no Accept header. */
export function acceptsTaxii(header: string | undefined): boolean {
  if (header === undefined || header.trim() === '' || header === TAXII_MEDIA_TYPE) return true;
  return ranges(header).some(
    (range) =>
      !refusedByQuality(range) &&
      (isTaxii21(range) || range.type === '*/*' || range.type === 'application/*'),
  );
}

/**
 * True for a person, who gets a page. Browsers accept HTML and XHTML, and anything else as a last resort. Other
 * programs for people (readers, link previews) accept HTML and nothing of TAXII, so a page is all that they can show.
 */
export function isBrowser(header: string | undefined): boolean {
  if (header === undefined || !header.includes('text/html')) return false;
  return header.includes('application/xhtml+xml') || !acceptsTaxii(header);
}

/** Throws a 406 error unless the client accepts TAXII 2.1 (§3.1). */
export function demandAccept(header: string | undefined): void {
  if (acceptsTaxii(header)) return;
  throw taxiiErrors.notAcceptable({
    description: `The Accept header asks for ${(header ?? '').slice(0, 200)}.`,
    hint: `Send "Accept: ${TAXII_MEDIA_TYPE}".`,
  });
}

/** True for the media types of STIX (STIX 2.1 §12). OpenCTI and others use them to send a bundle. */
function isStix({ type, parameters }: MediaRange): boolean {
  return (
    (type === 'application/stix+json' || type === 'application/vnd.oasis.stix+json') &&
    ['2.0', '2.1'].includes(parameters.get('version') ?? '2.1')
  );
}

/**
 * Throws a 415 error unless the body is declared as TAXII 2.1 (§3.1), or as STIX where the API root accepts bundles.
 */
export function demandContentType(header: string | undefined, bundles = false): void {
  const isKnown = (range: MediaRange): boolean => isTaxii21(range) || (bundles && isStix(range));
  if (header !== undefined && ranges(header).length === 1 && ranges(header).some(isKnown)) {
    if (namesUtf8(header)) return;
    throw taxiiErrors.utf8Required({ header: header.slice(0, 200) });
  }
  throw taxiiErrors.taxiiRequired({
    description:
      header === undefined
        ? 'There is no Content-Type header.'
        : `The Content-Type is ${header.slice(0, 200)}.`,
    hint: `Send "Content-Type: ${TAXII_MEDIA_TYPE}".`,
  });
}
