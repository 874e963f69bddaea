import { STIX_WORDS } from '../formats.ts';
import { PatternError } from '../pattern/lexer.ts';
import { parsePattern } from '../pattern/parser.ts';
import { isPlainValuePattern } from '../pattern/plain-value.ts';
import { timestampFault } from '../timestamps.ts';
import type { StixObject } from '../types.ts';

/** Maximum number of shapes that are remembered. A feed makes objects of about ten. */
const MOST_SHAPES = 1_000;
/** Maximum length of a shape. Longer lists of labels and references are not worth remembering. */
const LONGEST_SHAPE = 4_000;
/** An identifier in its usual spelling (STIX 2.1 §2.9). */
const ID =
  /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Length of the UUID in an identifier, with the two hyphens before it. */
const UUID_PART = 38;
/** Length of a timestamp with three fraction digits. */
const TIMESTAMP = 24;

/**
 * Returns what a value adds to the shape of its object. Undefined for a value that only the full check can judge. Every
 * value that adds the same to a shape is as valid as any other.
 */
type Varying = (value: unknown, object: StixObject) => string | undefined;

const isText = (value: unknown): value is string => typeof value === 'string';

const anyText: Varying = (value) => (isText(value) ? '' : undefined);

const time: Varying = (value) =>
  isText(value) && value.length === TIMESTAMP && timestampFault(value) === undefined ? '' : undefined;

/** Only the type of the object that an identifier names is part of the shape. */
const reference: Varying = (value) =>
  isText(value) && value.length <= 300 && ID.test(value) ? value.slice(0, -UUID_PART) : undefined;

const pattern: Varying = (value, object) => {
  if (object['pattern_type'] !== 'stix' || object['pattern_version'] !== '2.1' || !isText(value))
    return undefined;
  if (isPlainValuePattern(value)) return '';
  try {
    return parsePattern(value, { version: '2.1' }).faults.length === 0 ? '' : undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return undefined;
  }
};

function formatted(format: string): Varying {
  const isValid = STIX_WORDS.formats?.[format];
  if (isValid === undefined) throw new Error(`unknown format: ${format}`);
  return (value) => (isText(value) && isValid(value) ? '' : undefined);
}

const TIMES = { created: time, modified: time };

/**
 * The properties that vary between the objects of a shape, by type. Each rule of the standard about one of them depends
 * only on its value and the times of the object. All other properties are part of the shape.
 */
const VARYING: ReadonlyMap<string, Readonly<Record<string, Varying>>> = new Map(
  Object.entries({
    indicator: {
      id: reference, name: anyText, description: anyText, pattern, ...TIMES, valid_from: time, valid_until: time,
    },
    relationship: { id: reference, source_ref: reference, target_ref: reference, ...TIMES },
    'ipv4-addr': { id: reference, value: formatted('stix-ipv4') },
    'ipv6-addr': { id: reference, value: formatted('stix-ipv6') },
    'domain-name': { id: reference, value: formatted('stix-host') },
    'email-addr': { id: reference, value: formatted('stix-mail') },
    url: { id: reference, value: formatted('stix-uri') },
  }),
); // prettier-ignore

/** A shape that was seen lately. An object is compared with it property by property, without writing its own shape. */
interface RecentShape {
  readonly names: readonly string[];
  /** The check of each property that varies. Undefined for all others. */
  readonly varying: readonly (Varying | undefined)[];
  /** The part of the shape that comes from a varying value, and the value of any other property. */
  readonly values: readonly unknown[];
}

/** Number of recent shapes of each type. Rows of a list have few, in any order. */
const MOST_RECENT = 4;

/**
 * Shapes of valid objects. A feed makes hundreds of thousands of objects that differ only in a few values. Once the full
 * check has found nothing wrong with one of them, only these values of the others are checked. If the shape of an object
 * is known, the full check with the same options would find nothing in it, not even a deviation that it tolerates.
 */
export class ValidShapes {
  readonly #known = new Set<string>();
  /** Shapes that are known, by type, the latest first. */
  readonly #recent = new Map<string, RecentShape[]>();

  /** True for an object that needs no full check. */
  has(object: StixObject): boolean {
    const { type } = object;
    const varying = isText(type) ? VARYING.get(type) : undefined;
    if (varying === undefined || !isText(type) || !isInOrder(object)) return false;
    if (this.#recent.get(type)?.some((shape) => isOf(shape, object)) === true) return true;
    const shape = shapeOf(object, varying);
    if (shape === undefined || !this.#known.has(shape)) return false;
    this.#recent.set(type, [
      recentShape(object, varying),
      ...(this.#recent.get(type) ?? []).slice(0, MOST_RECENT - 1),
    ]);
    return true;
  }

  /** Remembers the shape of an object in which the full check has found nothing. */
  add(object: StixObject): void {
    const { type } = object;
    const varying = isText(type) && this.#known.size < MOST_SHAPES ? VARYING.get(type) : undefined;
    const shape = varying === undefined || !isInOrder(object) ? undefined : shapeOf(object, varying);
    if (shape !== undefined) this.#known.add(shape);
  }
}

/** Returns the shape of an object: its properties in their order, with the values that do not vary. */
function shapeOf(object: StixObject, varying: Readonly<Record<string, Varying>>): string | undefined {
  let shape = '';
  for (const name in object) {
    const value = object[name];
    const vary = varyOf(varying, name);
    const part = vary === undefined ? JSON.stringify(value) : vary(value, object);
    if (part === undefined) return undefined;
    shape += `${JSON.stringify(name)}:${part}\n`;
    if (shape.length > LONGEST_SHAPE) return undefined;
  }
  return shape;
}

function varyOf(varying: Readonly<Record<string, Varying>>, name: string): Varying | undefined {
  return Object.hasOwn(varying, name) ? varying[name] : undefined;
}

/** Returns the shape of an object in a form that others can be compared with. */
function recentShape(object: StixObject, varying: Readonly<Record<string, Varying>>): RecentShape {
  const names = Object.keys(object);
  const checks = names.map((name) => varyOf(varying, name));
  return {
    names,
    varying: checks,
    values: names.map((name, i) => {
      const vary = checks[i];
      return vary === undefined ? object[name] : vary(object[name], object);
    }),
  };
}

/** True for an object of this shape. The properties that are compared are looked at before those that are checked. */
function isOf({ names, varying, values }: RecentShape, object: StixObject): boolean {
  let at = 0;
  for (const name in object) {
    if (names[at] !== name) return false;
    if (varying[at] === undefined && !isSame(values[at], object[name])) return false;
    at++;
  }
  if (at !== names.length) return false;
  for (at = 0; at < names.length; at++) {
    const vary = varying[at];
    if (vary !== undefined && vary(object[names[at] ?? ''], object) !== values[at]) return false;
  }
  return true;
}

/** True for two values that are written in the same way. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => item === b[i]))
    return true;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** True when the times of an object do not contradict each other. Timestamps of the same length sort as text. */
function isInOrder(object: StixObject): boolean {
  const { created, modified, valid_from: from, valid_until: until } = object;
  return (
    (!isText(created) || !isText(modified) || created <= modified) &&
    (!isText(from) || !isText(until) || from < until)
  );
}
