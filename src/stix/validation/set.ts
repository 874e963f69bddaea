import { hash } from 'node:crypto';
import { nearest } from '../../kernel/nearest.ts';
import { escapePointer } from '../../kernel/schema-faults.ts';
import { typeOfId } from '../identifiers.ts';
import { meaningOf } from '../meaning.ts';
import { compareTimestamps, timestampFault } from '../timestamps.ts';
import { text, texts, type StixObject } from '../types.ts';
import { versionOf } from '../versions.ts';
import type { StixFault } from './fault.ts';
import { propertiesOf } from './schema-stage.ts';
import type { ValidationLevel } from './tolerance.ts';

/** Maximum number of ids that are remembered. Further objects are not compared. */
const MOST_IDS = 200_000;
/** Maximum number of uses of extensions that are compared with their definitions at the end. */
const MOST_USES = 50_000;

interface Known {
  readonly created: string | undefined;
  readonly creator: string | undefined;
  /** Version of the earliest revocation. */
  revoked: string | undefined;
  latest: string;
  /** Digest of the content, by version. Most ids have only one. */
  readonly versions: Map<string, string>;
}

/**
 * Checks rules between several objects: versions of the same id (STIX 2.1 §3.2 and §3.6), and extensions whose
 * definition is in the set (§7.3). Objects are added one by one and are not kept, except extension definitions.
 * Extensions are checked at the end.
 */
export class ObjectSet<Place = undefined> {
  readonly #known = new Map<string, Known>();
  readonly #definitions = new Map<string, StixObject>();
  readonly #uses: ExtensionUse<Place>[] = [];
  readonly #types = new Map<string, string>();
  readonly #level: ValidationLevel;

  constructor(level: ValidationLevel = 'standard') {
    this.#level = level;
  }

  /** Returns the other type that the UUID of this id was used with (STIX 2.1 §2.9). */
  #twin(id: string): string | undefined {
    const uuid = id.slice(-36);
    const type = typeOfId(id);
    const known = this.#types.get(uuid);
    if (known === undefined && this.#types.size < MOST_IDS) this.#types.set(uuid, type);
    return known === undefined || known === type ? undefined : known;
  }

  /**
   * Compares an object with its earlier added versions. `place` is returned with the faults that are found at the end.
   */
  add(object: StixObject, place: Place): readonly StixFault[] {
    const id = text(object, 'id');
    if (id === undefined) return [];
    if (object['type'] === 'extension-definition') this.#definitions.set(id, object);
    else if (this.#uses.length < MOST_USES) this.#uses.push(...extensionUses(object, place));
    const faults: StixFault[] = [];
    const add = (level: StixFault['level'], rule: string, pointer: string, message: string): void => {
      faults.push({ level, rule, pointer, message });
    };
    const twin = this.#twin(id);
    // MISP numbers the objects that it makes of one attribute like this. It misleads nobody, because the types differ.
    if (twin !== undefined)
      add('warning', 'S-049', '/id', `its UUID is already that of another object, of type ${twin}`);
    if (object['modified'] === undefined) return faults;
    const version = versionOf(object);
    if (timestampFault(version) !== undefined) return faults;
    const digest = hash('sha1', meaningOf(object));
    const known = this.#known.get(id);
    if (known === undefined) {
      if (this.#known.size < MOST_IDS)
        this.#known.set(id, {
          created: text(object, 'created'),
          creator: text(object, 'created_by_ref'),
          revoked: object['revoked'] === true ? version : undefined,
          latest: version,
          versions: new Map([[version, digest]]),
        });
      return faults;
    }
    const same = [...known.versions].find(([other]) => compareTimestamps(other, version) === 0);
    if (same !== undefined && same[1] !== digest)
      add('error', 'S-046', '/modified', `the version ${version} is already stored here with other content`);
    faults.push(
      ...sameInAllVersions(object, { created: known.created, created_by_ref: known.creator }, this.#level),
    );
    if (known.revoked !== undefined && compareTimestamps(version, known.revoked) > 0)
      add(
        'error',
        'S-044',
        '/modified',
        `the object was revoked by its version ${known.revoked}; no version follows`,
      );
    if (object['revoked'] === true) {
      if (compareTimestamps(known.latest, version) > 0)
        add('error', 'S-044', '/revoked', `a version ${known.latest} follows this revocation`);
      known.revoked ??= version;
    }
    if (compareTimestamps(version, known.latest) > 0) known.latest = version;
    known.versions.set(version, digest);
    return faults;
  }

  /** Returns the conflicts between extension definitions of the set and the objects that use them, in any order. */
  end(): readonly { readonly place: Place; readonly fault: StixFault }[] {
    return this.#uses.flatMap((use) => {
      const definition = this.#definitions.get(use.definition);
      return definition === undefined
        ? []
        : useFaults(use, definition).map((fault) => ({ place: use.place, fault }));
    });
  }
}

/**
 * S-045 and S-047: compares the properties that are the same in all versions of an object. Libraries write `created`
 * again, and relays name themselves, so the level `tolerant` accepts differences. The owner of an object is decided by
 * other rules.
 */
export function sameInAllVersions(
  object: StixObject,
  other: StixObject,
  level: ValidationLevel,
): readonly StixFault[] {
  const faults: StixFault[] = [];
  const add = (rule: string, pointer: string, message: string): void => {
    faults.push({ level: level === 'tolerant' ? 'finding' : 'error', rule, pointer, message });
  };
  const [created, creator] = [text(other, 'created'), text(other, 'created_by_ref')];
  if (!isSameTime(text(object, 'created'), created))
    add(
      'S-045',
      '/created',
      `another version has ${created === undefined ? 'no creation time' : `the creation time ${created}`}`,
    );
  if (text(object, 'created_by_ref') !== creator)
    add(
      'S-047',
      '/created_by_ref',
      `another version has ${creator === undefined ? 'no creator' : `the creator ${creator}`}`,
    );
  return faults;
}

/** Compares times as instants, whatever their notation. */
function isSameTime(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (timestampFault(a) !== undefined || timestampFault(b) !== undefined) return a === b;
  return compareTimestamps(a, b) === 0;
}

/** A use of an extension, with the properties that the extension may add to the object. */
interface ExtensionUse<Place> {
  readonly place: Place;
  readonly definition: string;
  readonly kind: string;
  readonly names: readonly string[];
}

function extensionUses<Place>(object: StixObject, place: Place): ExtensionUse<Place>[] {
  const extensions = object['extensions'];
  if (typeof extensions !== 'object' || extensions === null) return [];
  const known = propertiesOf(text(object, 'type') ?? '');
  const names = Object.keys(object).filter((name) => !known.has(name));
  return Object.entries(extensions).flatMap(([definition, value]) => {
    const kind = (value as { extension_type?: unknown } | null)?.extension_type;
    return definition.startsWith('extension-definition--') && typeof kind === 'string'
      ? [{ place, definition, kind, names: kind === 'toplevel-property-extension' ? names : [] }]
      : [];
  });
}

/**
 * Returns the conflicts of a use with a definition in the set (STIX 2.1 §7.3). They are advice, because another version
 * of the definition may be meant.
 */
function useFaults<Place>(use: ExtensionUse<Place>, definition: StixObject): readonly StixFault[] {
  const faults: StixFault[] = [];
  const pointer = `/extensions/${use.definition}`;
  const kinds = texts(definition, 'extension_types');
  if (kinds.length > 0 && !kinds.includes(use.kind))
    faults.push({
      level: 'warning',
      rule: 'W-custom',
      pointer: `${pointer}/extension_type`,
      message: `the definition is one of ${kinds.join(', ')}, not ${use.kind.slice(0, 60)}`,
    });
  const listed = texts(definition, 'extension_properties');
  if (listed.length > 0)
    for (const name of use.names.filter((one) => !listed.includes(one))) {
      const suggestion = nearest(name, listed);
      faults.push({
        level: 'warning',
        rule: 'W-custom',
        pointer: `/${escapePointer(name)}`,
        message: `the definition of the extension lists no property "${name.slice(0, 80)}"${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
  return faults;
}

/** S-141 and S-142: checks a translation against the object that it translates. */
export function translationFaults(content: StixObject, target: StixObject): readonly StixFault[] {
  const faults: StixFault[] = [];
  const error = (rule: string, pointer: string, message: string): void => {
    faults.push({ level: 'error', rule, pointer, message });
  };
  const stated = text(content, 'object_modified');
  const version = versionOf(target);
  if (stated !== undefined && timestampFault(stated) === undefined && timestampFault(version) === undefined) {
    // The translation may be for another version of the object that is not in the set.
    if (compareTimestamps(stated, version) !== 0)
      error('S-141', '/object_modified', `the version that is stored here is ${version}`);
  }
  const { contents } = content;
  if (typeof contents !== 'object' || contents === null) return faults;
  for (const [language, translations] of Object.entries(contents)) {
    if (typeof translations !== 'object' || translations === null) continue;
    for (const [name, value] of Object.entries(translations as object)) {
      const original = target[name];
      if (original !== undefined && !mirrors(value, original))
        error(
          'S-142',
          `/contents/${escapePointer(language)}/${escapePointer(name)}`,
          'a translation has the structure of its original: a text for each text, and a list of the same length for each list',
        );
    }
  }
  return faults;
}

function mirrors(value: unknown, original: unknown): boolean {
  if (Array.isArray(original))
    return (
      Array.isArray(value) &&
      value.length === original.length &&
      value.every((item, i) => item === '' || mirrors(item, original[i]))
    );
  if (typeof original === 'object' && original !== null)
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof original !== 'string' || typeof value === 'string';
}
