import {
  readableObserved,
  readObserved,
  valueKey,
  type ObservedValue,
  type ValueType,
} from '../../../stix/values/observed-values.ts';
import type { CurrentValue } from '../../values/current.ts';
import type { Channel } from '../model.ts';

/** The types of indicators of the API. Networks, SHA-512 and email addresses have none. */
const TYPES = {
  ipv4: 'IpAddress',
  ipv6: 'IpAddress',
  domain: 'DomainName',
  url: 'Url',
  md5: 'FileMd5',
  sha1: 'FileSha1',
  sha256: 'FileSha256',
} as const satisfies Partial<Record<ValueType, string>>;

/** A type of values that Defender accepts. */
export type Carried = keyof typeof TYPES;
export const CARRIED = Object.keys(TYPES) as readonly Carried[];

/** The action without one in the channel. */
export const USUAL_ACTION = 'Audit';
/** The application that indicators of the hub name. */
const APPLICATION = 'Talanoa';

/** True for a value that Defender accepts. */
export function isCarried(value: ObservedValue): boolean {
  if (!CARRIED.some((type) => type === value.type)) return false;
  return (value.type !== 'ipv4' && value.type !== 'ipv6') || !readableObserved(value).includes('/');
}

/** Returns the indicator of the API for a value. */
export function indicatorOf(value: CurrentValue, { action = USUAL_ACTION }: Channel): Readonly<Record<string, unknown>> {
  const { type, id, validUntil, confidence = 0 } = value;
  const indicatorType = TYPES[type as Carried];
  const isFile = indicatorType.startsWith('File');
  return {
    indicatorValue: readableObserved(value),
    indicatorType,
    title: 'Talanoa',
    description: `From the threat information hub Talanoa: ${id}`,
    application: APPLICATION,
    // Only files can be removed from a device.
    action: action === 'BlockAndRemediate' && !isFile ? 'Block' : action,
    severity: confidence >= 80 ? 'High' : confidence >= 50 ? 'Medium' : confidence > 0 ? 'Low' : 'Informational',
    generateAlert: true,
    expirationTime: new Date(validUntil).toISOString(),
  };
} // prettier-ignore

type Result = Partial<Readonly<Record<string, unknown>>>;

/**
 * The results of an import. The service may write a value in another way than the hub: an IPv6 address in full, or a host in
 * capital letters. So values are compared in their canonical form. Two URLs can differ in nothing but their case.
 */
export class ImportResults {
  readonly #byText = new Map<string, Result>();
  readonly #byValue = new Map<string, Result>();

  constructor(results: readonly unknown[]) {
    for (const one of results) {
      if (typeof one !== 'object' || one === null) continue;
      const result = one as Result;
      const written = String(result['indicator']);
      this.#byText.set(written, result);
      const value = readObserved(written);
      if (value !== undefined) this.#byValue.set(valueKey(value), result);
    }
  }

  /**
   * Returns the id that the tenant gave to a value, or why there is none. Only an explicit refusal means that the request did
   * not make it.
   */
  of(value: ObservedValue): { readonly id: string } | { readonly refusal: string; readonly isExplicit: boolean } {
    const result = this.#byText.get(readableObserved(value)) ?? this.#byValue.get(valueKey(value));
    const id = idIn(result);
    const isExplicit = result?.['isFailed'] === true;
    if (id !== undefined && !isExplicit) return { id };
    const reason = result?.['failureReason'];
    return { refusal: typeof reason === 'string' ? reason : isExplicit ? 'Defender refused it' : 'Defender returned no result for it', isExplicit };
  } // prettier-ignore
}

function idIn(result: Result | undefined): string | undefined {
  const id = result?.['id'];
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined;
}

/** Returns the ids of the indicators in a listing that the hub sent, by `valueKey`. */
export function ownIn(listing: readonly unknown[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const one of listing) {
    const result = (one ?? {}) as Result;
    const { indicatorValue, application } = result;
    const id = idIn(result);
    const value = typeof indicatorValue === 'string' ? readObserved(indicatorValue) : undefined;
    if (value !== undefined && application === APPLICATION && id !== undefined) found.set(valueKey(value), id);
  }
  return found;
} // prettier-ignore

/** The query that lists the indicators that the hub sent. */
export const OWN_FILTER = `application eq '${APPLICATION}'`;
