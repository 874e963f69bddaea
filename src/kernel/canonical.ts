import { createRequire } from 'node:module';

// The package is CommonJS, and its own types describe an ES module: a plain import has a type that its value does not have.
const serialize = createRequire(import.meta.url)('canonicalize') as (value: unknown) => string | undefined;

/**
 * The canonical form of a JSON value (RFC 8785, JSON Canonicalization Scheme): sorted members, ECMAScript numbers, no whitespace.
 * Two values with the same canonical form have the same content. A value that JSON cannot express counts as null.
 */
export function canonical(value: unknown): string {
  return serialize(value) ?? 'null';
}
