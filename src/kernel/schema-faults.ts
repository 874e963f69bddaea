import { type SchemaError, sentence, describe, lengthOf } from './schema-sentences.ts';

/** One fault found by a schema. */
export interface Fault {
  /** JSON pointer (RFC 6901) to the value. */
  readonly pointer: string;
  /** The fault, as a sentence without the pointer. */
  readonly message: string;
  /** The text that was probably meant. */
  readonly suggestion: string | undefined;
  /** The rule id that the schema names with `x-rule`, or else the rule of its keyword. */
  readonly rule: string | undefined;
  /** The schema keyword that rejected the value. */
  readonly keyword: string;
}

/** After this number of faults, a value is not checked any further. */
export const MOST_SCHEMA_FAULTS = 20;

/**
 * Maximum length of a text with a required format, such as an identifier or a timestamp. Longer texts are not
 * matched at all.
 */
export const LONGEST_FORMED = 65_536;

/** Formats whose texts may be long. Each is a single repeated character class, so matching needs no backtracking. */
export const LONG_FORMS: ReadonlySet<string> = new Set([
  '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  '^(?:[0-9a-f]{2})+$',
]);

/** The hub's own rule for a text with a required format that is too long. The standard sets no such limit. */
const TOO_LONG_RULE = 'L-007';

/**
 * False for errors that only report that a part failed, and for errors inside alternatives, which the error of the
 * alternative covers.
 */
export function isMeaningful({ keyword, schemaPath }: SchemaError): boolean {
  if (keyword === 'if' || keyword === 'propertyNames') return false;
  return !/\/(?:anyOf|oneOf)\/\d+\/|\/(?:contains|not)\//.test(schemaPath);
}

/** Returns the fault that an error of Ajv describes. */
export function faultOf(error: SchemaError): Fault {
  const named = error.parentSchema?.['x-rule'];
  const rules = (error.parentSchema as { 'x-rules'?: Record<string, string> } | undefined)?.['x-rules'];
  const { message, suggestion } = sentence(error);
  const tooLong =
    (error.keyword === 'format' ||
      (error.keyword === 'pattern' && !LONG_FORMS.has(String(error.params['pattern'])))) &&
    lengthOf(error) > LONGEST_FORMED;
  if (tooLong)
    return {
      pointer: error.instancePath + extraPath(error),
      message: `the text has ${lengthOf(error)} characters; on this hub ${describe(error)} can have at most ${LONGEST_FORMED}`,
      suggestion: undefined,
      rule: TOO_LONG_RULE,
      keyword: 'maxLength',
    };
  return {
    pointer: error.instancePath + extraPath(error),
    message,
    suggestion,
    rule: rules?.[error.keyword] ?? (typeof named === 'string' ? named : undefined),
    keyword: error.keyword,
  };
}

function extraPath(error: SchemaError): string {
  const { params } = error;
  const name =
    error.propertyName ??
    params['missingProperty'] ??
    params['additionalProperty'] ??
    params['unevaluatedProperty'];
  return typeof name === 'string' ? `/${escapePointer(name)}` : '';
}

/** Returns a property name as a reference token of a JSON pointer (RFC 6901 §3). */
export function escapePointer(token: string): string {
  // Called for each property of each object, and hardly any name needs a change.
  if (!token.includes('~') && !token.includes('/')) return token;
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
