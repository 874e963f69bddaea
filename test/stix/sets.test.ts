// Rules between several objects: versions of one object, extensions and their definitions, and translations.
import { describe, expect, test } from '@jest/globals';
import { ObjectSet, sameInAllVersions, translationFaults } from '../../src/stix/validation/set.ts';
import type { Json } from '../support/builders.ts';
import { idOf, smallest } from '../support/stix-objects.ts';

const day = (n: number): string => `2026-01-0${n}T00:00:00.000Z`;
const version = (n: number, over: Json = {}): Json =>
  smallest('tool', { created: day(1), modified: day(n), ...over });
const faultsIn = (...objects: readonly Json[]): readonly string[] => {
  const set = new ObjectSet();
  return objects.flatMap((object, i) => set.add(object, undefined).map(({ level, rule, pointer }) => `${i} ${level} ${rule} ${pointer}`)); // prettier-ignore
};

describe('versions of one object', () => {
  test.each([
    ['two versions', [version(1), version(2)], []],
    ['the same version twice', [version(1), version(1)], []],
    ['the same version with another name', [version(1), version(1, { name: 'Y' })], ['1 error S-046 /modified']],
    ['the same version with properties in another order', [version(1, { x_a: 1, x_b: 2 }), version(1, { x_b: 2, x_a: 1 })], []],
    ['an older version after a newer one', [version(2), version(1)], []],
    ['a version after a revocation', [version(1, { revoked: true }), version(2)], ['1 error S-044 /modified']],
    ['an older version after a revocation', [version(2, { revoked: true }), version(1)], []],
    ['the revoked version again', [version(2, { revoked: true }), version(2, { revoked: true })], []],
    ['a revocation before a version that is known', [version(3), version(2, { revoked: true })], ['1 error S-044 /revoked']],
    ['a revocation that follows all versions', [version(1), version(2), version(3, { revoked: true })], []],
    ['the earliest revocation decides', [version(2, { revoked: true }), version(3, { revoked: true })], ['1 error S-044 /modified']],
    ['another creation time', [version(2), version(3, { created: day(2) })], ['1 error S-045 /created']],
    ['the same creation time with more digits', [version(2), version(3, { created: '2026-01-01T00:00:00.000000Z' })], []],
    ['another creator', [version(2, { created_by_ref: idOf('identity') }), version(3)], ['1 error S-047 /created_by_ref']],
    ['a creator where there was none', [version(2), version(3, { created_by_ref: idOf('identity') })], ['1 error S-047 /created_by_ref']],
    ['an object without versions, twice', [smallest('mutex'), smallest('mutex', { name: 'y' })], []],
    ['a version that is not a time', [version(1), version(1, { modified: 'x', name: 'Y' })], []],
    ['an object without an id', [version(1), version(1, { id: undefined, name: 'Y' })], []],
    ['two types with one UUID', [version(1), smallest('malware')], ['1 warning S-049 /id']],
    ['three objects of two types with one UUID', [version(1), version(2), smallest('malware')], ['2 warning S-049 /id']],
  ] as const)('%s', (_, objects, expected) => {
    expect(faultsIn(...objects)).toEqual(expected);
  }); // prettier-ignore

  test('the fault names the version and what the other one has', () => {
    const set = new ObjectSet();
    set.add(version(2, { revoked: true, created_by_ref: idOf('identity') }), undefined);
    expect(set.add(version(3, { created: undefined }), undefined).map(({ message }) => message)).toEqual([
      `another version has the creation time ${day(1)}`,
      expect.stringContaining(idOf('identity')),
      `the object was revoked by its version ${day(2)}; no version follows`,
    ]);
  });

  test('the level tolerant accepts other times and creators, and no other content', () => {
    const levels = (level: 'strict' | 'standard' | 'tolerant') =>
      sameInAllVersions(version(2), { created: day(2), created_by_ref: idOf('identity') }, level).map(
        ({ level: found, rule }) => `${found} ${rule}`,
      );
    expect(levels('tolerant')).toEqual(['finding S-045', 'finding S-047']);
    expect(levels('standard')).toEqual(['error S-045', 'error S-047']);
    expect(levels('strict')).toEqual(['error S-045', 'error S-047']);
    const set = new ObjectSet('tolerant');
    set.add(version(1), undefined);
    expect(set.add(version(1, { name: 'Y' }), undefined)).toMatchObject([{ level: 'error', rule: 'S-046' }]);
  });
});

describe('extensions of a set', () => {
  const DEFINITION = idOf('extension-definition');
  const definition = (over: Json = {}): Json =>
    smallest('extension-definition', { extension_types: ['toplevel-property-extension'], extension_properties: ['toxicity'], ...over }); // prettier-ignore
  const use = (kind: string, over: Json = {}): Json =>
    version(1, { extensions: { [DEFINITION]: { extension_type: kind } }, ...over });
  const ends = (...objects: readonly Json[]): readonly string[] => {
    const set = new ObjectSet<string>();
    objects.forEach((object, i) => set.add(object, `object ${i}`));
    return set.end().map(({ place, fault }) => `${place} ${fault.level} ${fault.rule} ${fault.pointer}`);
  };

  test.each([
    ['a use before its definition', [use('toplevel-property-extension', { toxicity: 1 }), definition()], []],
    ['a use after its definition', [definition(), use('toplevel-property-extension', { toxicity: 1 })], []],
    ['a use of another kind', [use('property-extension'), definition()], [`object 0 warning W-custom /extensions/${DEFINITION}/extension_type`]],
    ['a property that is not listed', [use('toplevel-property-extension', { toxicty: 1 }), definition()], ['object 0 warning W-custom /toxicty']],
    ['a definition that lists nothing', [use('toplevel-property-extension', { rank_of: 1 }), definition({ extension_properties: undefined })], []],
    ['a definition without kinds', [use('property-extension'), definition({ extension_types: undefined, extension_properties: undefined })], []],
    ['a definition that is not in the set', [use('property-extension'), definition({ id: DEFINITION.replace('1e00', '1e01') })], []],
    ['a property of the type itself', [use('toplevel-property-extension', { tool_version: '1' }), definition()], []],
    ['an object without extensions', [version(1, { toxicty: 1 }), definition()], []],
  ] as const)('%s', (_, objects, expected) => {
    expect(ends(...objects)).toEqual(expected);
  }); // prettier-ignore
});

describe('translations', () => {
  const target = smallest('tool', {
    name: 'Reef',
    aliases: ['a', 'b'],
    x_deep: { a: 'x' },
    x_rank: 5,
    modified: day(2),
  });
  const content = (contents: unknown, over: Json = {}): Json =>
    smallest('language-content', { contents, ...over });
  test.each([
    [{ fr: { name: 'Récif' } }, []],
    [{ fr: { name: ['Récif'] } }, ['S-142 /contents/fr/name']],
    [{ fr: { name: 5 } }, ['S-142 /contents/fr/name']],
    [{ fr: { aliases: ['a', 'b'] } }, []],
    [{ fr: { aliases: ['', 'b'] } }, []],
    [{ fr: { aliases: ['a'] } }, ['S-142 /contents/fr/aliases']],
    [{ fr: { aliases: ['a', 'b', 'c'] } }, ['S-142 /contents/fr/aliases']],
    [{ fr: { aliases: 'a' } }, ['S-142 /contents/fr/aliases']],
    [{ fr: { aliases: ['a', 5] } }, ['S-142 /contents/fr/aliases']],
    [{ fr: { x_deep: { a: 'y' } } }, []],
    [{ fr: { x_deep: 'y' } }, ['S-142 /contents/fr/x_deep']],
    [{ fr: { x_deep: [] } }, ['S-142 /contents/fr/x_deep']],
    [{ fr: { x_rank: 'cinq' } }, []],
    [{ fr: { description: ['x'] } }, []],
    [{ fr: { name: 'x' }, 'a/b': { name: 5 } }, ['S-142 /contents/a~1b/name']],
    [{ fr: null }, []],
    ['x', []],
  ])('%j', (contents, expected) => {
    expect(translationFaults(content(contents), target).map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(expected); // prettier-ignore
  });

  test.each([
    [day(2), []],
    ['2026-01-02T00:00:00Z', []],
    [day(1), ['S-141 /object_modified']],
    ['yesterday', []],
    [undefined, []],
  ])('a translation of the version %s is compared with its object', (object_modified, expected) => {
    const found = translationFaults(content({ fr: { name: 'x' } }, { object_modified }), target);
    expect(found.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(expected);
  });
});
