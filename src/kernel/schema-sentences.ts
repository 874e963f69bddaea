import { nearest } from './nearest.ts';

/** An error as the checks of the build report it (the form of Ajv). */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The name of the property, for errors of names. */
  readonly propertyName?: string;
  readonly message?: string;
  /** The value of the keyword. */
  readonly schema?: unknown;
  /** The schema that contains the keyword. */
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** Maximum number of characters of a value that a message shows. */
const LONGEST_SHOWN = 80;

/** Returns a value as shortened JSON. No more than the shown part is written, however large the value is. */
function shown(value: unknown): string {
  const text = beginning(value, LONGEST_SHOWN + 1);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** Returns the beginning of a value as JSON: at least `length` characters if there are that many. */
function beginning(value: unknown, length: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, length));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let first = true;
  for (const name in value) {
    if (text.length >= length) return text;
    if (!first) text += ',';
    first = false;
    if (!isList) text += `${JSON.stringify(name.slice(0, length))}:`;
    text += beginning((value as Record<string, unknown>)[name], length - text.length);
  }
  return text + (isList ? ']' : '}');
}

interface Sentence {
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Describes what is wrong with a text of a format. */
export type FormatReason = (value: string) => Sentence | undefined;

const reasons = new Map<string, FormatReason>();

/** Adds sentences for formats. */
export function addFormatReasons(added: Readonly<Record<string, FormatReason>>): void {
  for (const [format, reason] of Object.entries(added)) reasons.set(format, reason);
}

/** Returns a sentence with what was found and what was expected. */
export function sentence(error: SchemaError): Sentence {
  const { params } = error;
  const found = shown(error.propertyName ?? error.data);
  switch (error.keyword) {
    case 'required':
      return { message: `the property "${String(params['missingProperty'])}" is missing` };
    case 'dependentRequired':
      return {
        message: `the property "${String(params['missingProperty'])}" is missing, which "${String(params['property'])}" needs`,
      };
    case 'type':
      return { message: `must be ${listed(params['type'])}, found ${found}` };
    case 'enum':
      return ofEnum(error, found);
    case 'const':
      return { message: `must be ${shown(params['allowedValue'])}, found ${found}` };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(error);
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'minLength':
    case 'maxLength':
      return { message: ofSize(error) };
    case 'minimum':
    case 'maximum':
      return {
        message: `must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${String(params['limit'])}, found ${found}`,
      };
    case 'format':
      if (typeof error.data === 'string') {
        const reason = reasons.get(String(params['format']))?.(error.data);
        if (reason !== undefined) return { message: reason.message, suggestion: reason.suggestion };
      }
      return { message: isNot(error, found) };
    case 'pattern':
      return { message: isNot(error, found) };
    case 'not':
      return { message: `not allowed here: ${withoutStop(describe(error))}` };
    case 'anyOf':
    case 'oneOf': {
      const names = alternatives(error);
      if (names.length === 0) return ofAlternatives(error, found);
      return {
        message: `${error.keyword === 'oneOf' ? 'exactly one' : 'at least one'} of ${names.map((name) => `"${name}"`).join(', ')} must be present`,
      };
    }
  }
  return { message: `${error.message ?? 'is not valid'}, found ${found}` };
}

/** Reports that a list, an object or a text is too short or too long. */
function ofSize(error: SchemaError): string {
  const { limit } = error.params;
  const length = lengthOf(error);
  switch (error.keyword) {
    case 'minItems':
      return `must have at least ${counted(limit, 'item', 'items')}`;
    case 'maxItems':
      return `must have at most ${counted(limit, 'item', 'items')}`;
    case 'minProperties':
      return `must have at least ${counted(limit, 'property', 'properties')}`;
    case 'minLength':
      return length === 0
        ? 'must not be empty'
        : `the text has ${counted(length, 'character', 'characters')}; at least ${String(limit)} are needed`;
    default: {
      const text = `the text has ${length} characters; at most ${String(limit)} are accepted here`;
      if (typeof error.parentSchema?.['description'] !== 'string') return text;
      const what = describe(error);
      return isSentence(what) ? `${text} (${withoutStop(what)})` : `${text} for ${what}`;
    }
  }
}

/**
 * Reports that a value does not have the format that its schema describes, as a noun phrase or as a sentence. A
 * sentence tells the purpose of the value, so a format in words says better what was expected.
 */
function isNot(error: SchemaError, found: string): string {
  const expected = describe(error);
  const form = formOf(error);
  if (form !== undefined && isSentence(expected)) return `${found} is not ${form}`;
  return isSentence(expected)
    ? `${found} is not valid; expected: ${withoutStop(expected)}`
    : `${found} is not ${expected}`;
}

/** Descriptions of the API begin like a sentence. Those of STIX objects are noun phrases. */
function isSentence(description: string): boolean {
  return (
    /^(?:A(?!n? )|[B-Z])[a-z]/.test(description) || /^[a-z]-/.test(description) || /[.:]$/.test(description)
  );
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

function counted(limit: unknown, one: string, several: string): string {
  return `${String(limit)} ${limit === 1 ? one : several}`;
}

/** Formats in words, by their regular expression. */
const FORMS: Readonly<Record<string, string>> = {
  '^[A-Z]{2}$': 'a country code of two capital letters, such as TO',
  '^[a-z0-9][a-z0-9-]{0,62}$': 'a name of lowercase letters, digits and hyphens, such as cert-tonga',
  '^[A-Za-z0-9_-]{1,400}$': 'a value of "next" from an earlier page',
  '^https?://': 'a URL that begins with https:// or http://',
  '^(?:[01]\\d|2[0-3]):[0-5]\\d$': 'a time of day, such as 07:30',
  '^\\d{4}-\\d{2}-\\d{2}$': 'a date, such as 2026-12-25',
};

const TIME = /^\^(?:\\d|\[0-9\])\{4\}-.*T.*Z\$$/;
const EMAIL = /\{1,64\}@\[A-Za-z0-9-\]/;

/** Returns the format of an error in words, or undefined if it has none. */
function formOf({ params }: SchemaError): string | undefined {
  const pattern = String(params['pattern'] ?? params['format']);
  if (TIME.test(pattern)) return 'a time in UTC, such as 2026-11-29T08:00:00Z';
  if (EMAIL.test(pattern)) return 'an email address, such as soc@cert.example';
  return FORMS[pattern];
}

function ofEnum({ data, params }: SchemaError, found: string): Sentence {
  const allowed = params['allowedValues'] as readonly unknown[];
  const suggestion = typeof data === 'string' ? nearest(data, allowed.map(String)) : undefined;
  return {
    message: withGuess(`must be one of ${allowed.map(shown).join(', ')}, found ${found}`, suggestion),
    suggestion,
  };
}

function unknownKey({ params, parentSchema }: SchemaError): Sentence {
  const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
  const known = Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {});
  const suggestion = nearest(name, known);
  return { message: withGuess(`the key "${name}" is not allowed here`, suggestion), suggestion };
}

function withGuess(message: string, suggestion: string | undefined): string {
  return suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`;
}

/** Returns the properties that alternatives require. None for alternatives that differ in other ways, such as the type. */
function alternatives(error: SchemaError): string[] {
  const parts = Array.isArray(error.schema) ? (error.schema as unknown[]) : [];
  const lists = parts.map((part) =>
    typeof part === 'object' && part !== null && 'required' in part && !('type' in part) ? part.required : [],
  );
  return lists.every((list) => Array.isArray(list) && list.length > 0) ? lists.flat().map(String) : [];
}

/** Returns what the schema describes, because each alternative on its own would be only half of it. */
function ofAlternatives(error: SchemaError, found: string): Sentence {
  return typeof error.parentSchema?.['description'] === 'string'
    ? { message: isNot(error, found) }
    : { message: `${error.message ?? 'is not valid'}, found ${found}` };
}

/** Returns the description that the schema has for a part, or else its format. */
export function describe(error: SchemaError): string {
  const title = error.parentSchema?.['description'];
  const { pattern, format } = error.params;
  return typeof title === 'string' ? title : (formOf(error) ?? `in the format ${String(pattern ?? format)}`);
}

function listed(type: unknown): string {
  return Array.isArray(type) ? type.join(' or ') : `of type ${String(type)}`;
}

/** Returns the length of the text that an error is about. */
export function lengthOf(error: SchemaError): number {
  const text: unknown = error.propertyName ?? error.data;
  return typeof text === 'string' ? text.length : 0;
}
