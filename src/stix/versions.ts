import { kindOf, text, type SpecVersion, type StixObject } from './types.ts';
import { NO_VERSION } from './timestamps.ts';

/**
 * Returns the version of an object as defined by TAXII: `modified`, else `created`, else a fixed value (TAXII 2.1
 * §3.4.1).
 */
export function versionOf(object: StixObject): string {
  return text(object, 'modified') ?? text(object, 'created') ?? NO_VERSION;
}

/**
 * Returns the version of an object for people and programs outside TAXII: nothing for an object without versions, such as
 * an observable. Only TAXII requires a value there, which must stay the same (TAXII 2.1 §3.4.1) but means no time.
 */
export function versionFact(version: string): { readonly version?: string } {
  return version === NO_VERSION || version === '' ? {} : { version };
}

/** Returns the specification version of an object (STIX 2.1 §3.2, TAXII 2.1 §3.4.1). */
export function specVersionOf(object: StixObject): SpecVersion {
  const stated = object['spec_version'];
  if (stated === '2.1') return '2.1';
  if (stated !== undefined) return '2.0';
  return isObservable(object) ? '2.1' : '2.0';
}

/** True for an observable, including one that an extension defines (`extension_type: new-sco`). */
export function isObservable(object: StixObject): boolean {
  const kind = kindOf(text(object, 'type') ?? '');
  if (kind !== 'unknown') return kind === 'sco';
  const extensions = object['extensions'];
  if (typeof extensions !== 'object' || extensions === null) return false;
  return Object.values(extensions).some(
    (extension: unknown) => (extension as Record<string, unknown> | null)?.['extension_type'] === 'new-sco',
  );
}
