import { createRequire } from 'node:module';

// The package is CommonJS, but its types describe an ES module. With a plain import, the type would not match
// the value.
const serialize = createRequire(import.meta.url)('canonicalize') as (value: unknown) => string | undefined;

/**
 * Returns the canonical form of a JSON value (RFC 8785, JSON Canonicalization Scheme): sorted members,
 * ECMAScript numbers, no whitespace. Two values with the same canonical form have the same content. A value
 * that JSON cannot express becomes null.
 */
export function canonical(value: unknown): string {
  try {
    return serialize(value) ?? 'null';
  } catch {
    // The package refuses numbers that are not finite, such as those that JSON.parse makes from too many digits.
    return serialize(JSON.parse(JSON.stringify(value))) ?? 'null';
  }
}
