// Markings as the hub reads them: TLP, PAP and IEP in the spellings of producers (STIX 2.1 §7.2).
import { describe, expect, test } from '@jest/globals';
import {
  fixedTlp,
  markingFacts,
  markingRefs,
  parseTlp,
  rankOf,
  readMarking,
  statedTlp,
  stricter,
  TLP2_EXTENSION,
  TLP_LEVELS,
  tlpLabel,
  tlpMarking,
  tlpMarkingId,
  tlpOf,
  type Marking,
} from '../../src/stix/markings.ts';
import type { Json } from '../support/builders.ts';
import { faultsOf, idOf, smallest } from '../support/stix-objects.ts';

const definition = (over: Json): Json => ({
  type: 'marking-definition',
  id: idOf('marking-definition'),
  ...over,
});

describe('TLP levels', () => {
  test('are ordered from clear to red', () => {
    const order = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
    expect(TLP_LEVELS.map(rankOf)).toEqual([0, 1, 2, 3, 4]);
    for (const [i, low] of order.entries())
      for (const [k, high] of order.entries())
        expect([low, high, stricter(low, high)]).toEqual([low, high, k > i ? high : low]);
    expect(order.map((level) => tlpOf(rankOf(level)))).toEqual(order);
    for (const wrong of [-1, 5, 0.5]) expect(() => tlpOf(wrong)).toThrow(`${wrong} is not a TLP rank`);
  });

  test.each([
    ['TLP:CLEAR', 'clear'],
    ['tlp:white', 'clear'],
    ['WHITE', 'clear'],
    ['TLP: GREEN', 'green'],
    [' green ', 'green'],
    ['TLP:AMBER', 'amber'],
    ['TLP:AMBER+STRICT', 'amber+strict'],
    ['Amber+Strict', 'amber+strict'],
    ['TLP:RED', 'red'],
    ['red', 'red'],
    ['TLP:AMBER STRICT', undefined],
    ['TLP:AMBER+', undefined],
    ['TLP', undefined],
    ['TLP:', undefined],
    ['TLP:TLP:RED', undefined],
    ['reddish', undefined],
    ['PAP:RED', undefined],
    ['', undefined],
  ] as const)('%s is read as %s', (label, level) => {
    expect(parseTlp(label)).toBe(level);
    if (level !== undefined) expect(parseTlp(tlpLabel(level))).toBe(level);
  });

  test.each([
    ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
    ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
    ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
    ['826578e1-40ad-459f-bc73-ede076f81f37', 'amber+strict'],
    ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
    ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
    ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
    ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
    ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'],
    ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
    ['0b5a1e00-0000-4000-8000-000000000001', undefined],
  ] as const)('the id %s stands for %s', (uuid, level) => {
    expect(fixedTlp(`marking-definition--${uuid}`)).toBe(level);
    expect(fixedTlp(uuid)).toBeUndefined();
  });

  test.each(TLP_LEVELS)('the definition of %s that the hub sends is the published one', (level) => {
    const made = tlpMarking(level);
    expect(made).toMatchObject({ id: tlpMarkingId(level), created: '2022-10-01T00:00:00.000Z', name: `TLP:${level.toUpperCase()}` }); // prettier-ignore
    expect(faultsOf(made as unknown as Json)).toEqual([]);
    expect(readMarking(made as unknown as Json)).toEqual({ family: 'tlp', tlp: level });
    expect(statedTlp({ ...made, id: idOf('marking-definition') })).toBe(level);
  });
});

describe('a marking definition', () => {
  const IEP = 'extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a';
  const ACS = 'extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce';
  const STATEMENT: Marking = { family: 'statement' };
  const UNKNOWN: Marking = { family: 'unknown' };
  test.each<[string, Json, Marking]>([
    ['TLP of the standard', { definition_type: 'tlp', definition: { tlp: 'amber' } }, { family: 'tlp', tlp: 'amber' }],
    ['TLP with capitals', { definition_type: 'TLP', definition: { tlp: 'RED' } }, { family: 'tlp', tlp: 'red' }],
    ['TLP as its type', { definition_type: 'TLP:GREEN' }, { family: 'tlp', tlp: 'green' }],
    ['TLP as a statement', { definition_type: 'statement', definition: { statement: 'TLP:AMBER+STRICT' } }, { family: 'tlp', tlp: 'amber+strict' }],
    ['TLP 2.0', { extensions: { [TLP2_EXTENSION]: { tlp_2_0: 'amber+strict' } } }, { family: 'tlp', tlp: 'amber+strict' }],
    ['TLP with an unknown level', { definition_type: 'tlp', definition: { tlp: 'purple' } }, UNKNOWN],
    ['a reserved id with other content', { id: tlpMarkingId('red'), definition_type: 'tlp', definition: { tlp: 'white' } }, { family: 'tlp', tlp: 'red' }],
    ['a statement', { definition_type: 'statement', definition: { statement: 'Copyright 2026' } }, STATEMENT],
    ['a statement that mentions TLP', { definition_type: 'statement', definition: { statement: 'TLP:RED until Friday' } }, STATEMENT],
    ['a statement without a text', { definition_type: 'statement', definition: {} }, STATEMENT],
    ['PAP of MISP', { definition_type: 'statement', definition: { statement: 'PAP:AMBER' } }, { family: 'pap', pap: 'amber' }],
    ['PAP of MISP with another text', { definition_type: 'statement', definition: { statement: 'PAP:AMBER or so' } }, UNKNOWN],
    ['PAP as a field', { definition_type: 'pap', definition: { pap: 'red' } }, { family: 'pap', pap: 'red' }],
    ['PAP as a field in uppercase letters', { definition_type: 'PAP', definition: { PAP: 'PAP:GREEN' } }, { family: 'pap', pap: 'green' }],
    ['PAP as its name', { definition_type: 'PAP', name: 'PAP:WHITE', definition: {} }, { family: 'pap', pap: 'clear' }],
    ['PAP as its type', { definition_type: 'PAP:CLEAR' }, { family: 'pap', pap: 'clear' }],
    ['PAP without a level', { definition_type: 'pap', definition: { pap: 'amber+strict' } }, UNKNOWN],
    ['AIS', { definition_type: 'ais', definition: {} }, { family: 'ais' }],
    ['ACS', { extensions: { [ACS]: {} } }, { family: 'ais' }],
    ['an extension that is not known', { extensions: { [idOf('extension-definition')]: {} } }, UNKNOWN],
    ['an empty IEP extension', { extensions: { [IEP]: {} } }, UNKNOWN],
    ['a type that is not known', { definition_type: 'x-reef', definition: {} }, UNKNOWN],
    ['nothing', {}, UNKNOWN],
    ['lists instead of objects', { definition_type: 'tlp', definition: ['red'], extensions: [] }, UNKNOWN],
  ])('%s', (_, over, expected) => {
    expect(readMarking(definition(over))).toEqual(expected);
  }); // prettier-ignore

  const iep = (fields: unknown): Marking => readMarking(definition({ definition_type: 'iep', definition: fields })); // prettier-ignore
  const FREE = { tlp: undefined, start: undefined, end: undefined, isEncrypted: false, isActedOn: true, isAnonymous: false }; // prettier-ignore
  test.each<[string, unknown, object]>([
    ['the level', { tlp: 'AMBER' }, { ...FREE, tlp: 'amber' }],
    ['encryption', { encrypt_in_transit: 'must' }, { ...FREE, isEncrypted: true }],
    ['encryption that is optional', { encrypt_in_transit: 'may' }, FREE],
    ['encryption in other letters', { 'ENCRYPT IN TRANSIT': ' MUST ' }, { ...FREE, isEncrypted: true }],
    ['no action', { permitted_actions: 'none' }, { ...FREE, isActedOn: false }],
    ['an action after a call', { permitted_actions: 'contact for instruction' }, { ...FREE, isActedOn: false }],
    ['an internal action', { permitted_actions: 'internally_visible_actions' }, FREE],
    ['an external action', { permitted_actions: 'externally-visible-direct-actions' }, FREE],
    ['no attribution', { attribution: 'must not' }, { ...FREE, isAnonymous: true }],
    ['attribution', { attribution: 'must' }, FREE],
    ['a period', { start_date: '2026-01-01T00:00:00Z', end_date: '2026-02-01' }, { ...FREE, start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 1, 1) }],
    ['names with a prefix', { iep_tlp: 'red', iep_version: '2.0' }, { ...FREE, tlp: 'red' }],
    ['fields one level below', { iep: { tlp: 'green' } }, { ...FREE, tlp: 'green' }],
    ['fields one level below, with a version', { iep_2_0: { tlp: 'green' } }, { ...FREE, tlp: 'green' }],
    ['a field without a value', { tlp: 'green', end_date: null }, { ...FREE, tlp: 'green' }],
    ['a field that the hub does not enforce', { tlp: 'green', resale: 'must-not' }, { ...FREE, tlp: 'green' }],
  ])('an IEP policy states %s', (_, fields, expected) => {
    expect(iep(fields)).toEqual({ family: 'iep', iep: expected });
    expect(readMarking(definition({ extensions: { [IEP]: fields } }))).toEqual({ family: 'iep', iep: expected });
  }); // prettier-ignore

  test.each([
    { tlp: 'purple' },
    { tlp: 5 },
    { encrypt_in_transit: 'perhaps' },
    { permitted_actions: 'anything' },
    { attribution: true },
    { start_date: 'soon' },
    { end_date: '2026-13-01' },
    { resale: 'must-not' },
    { tlp: 'red', attribution: 'sometimes' },
    {},
    undefined,
  ])('the hub cannot enforce the IEP policy %j', (fields) => {
    expect(iep(fields)).toEqual(UNKNOWN);
  });
});

describe('the markings of an object', () => {
  const [A, B, C] = ['1', '2', '3'].map((n) => `marking-definition--0b5a1e00-0000-4000-8000-00000000000${n}`) as [string, string, string]; // prettier-ignore
  const known: Readonly<Record<string, Marking>> = {
    [A]: { family: 'pap', pap: 'amber' },
    [B]: { family: 'ais' },
    [C]: { family: 'iep', iep: { tlp: 'amber', start: 1, end: 2, isEncrypted: true, isActedOn: false, isAnonymous: true } },
  }; // prettier-ignore
  const facts = (over: Json, lookup = (id: string): Marking | undefined => known[id]) =>
    markingFacts(smallest('tool', over), lookup);

  test('an object without markings and labels has no level', () => {
    expect(facts({})).toEqual({ tlp: undefined, pap: undefined, iep: [], families: new Set(), missing: [], isAttributed: false }); // prettier-ignore
  });

  test('the strictest level of all markings, parts and labels counts', () => {
    const of = (over: Json) => facts(over).tlp;
    const refs = (...levels: readonly ('clear' | 'green' | 'amber' | 'red')[]) => levels.map(tlpMarkingId);
    expect(of({ object_marking_refs: refs('green', 'amber', 'clear') })).toBe('amber');
    expect(of({ object_marking_refs: refs('green'), labels: ['tlp:red'] })).toBe('red');
    expect(of({ object_marking_refs: refs('red'), labels: ['tlp:green'] })).toBe('red');
    expect(of({ object_marking_refs: refs('green'), granular_markings: [{ selectors: ['name'], marking_ref: tlpMarkingId('red') }] })).toBe('red'); // prettier-ignore
    expect(of({ granular_markings: [{ selectors: ['name'], lang: 'fr' }, null, 'x'] })).toBeUndefined();
    expect(of({ object_marking_refs: [...refs('green'), C] })).toBe('amber');
  });

  test.each([
    ['tlp:red', 'red'],
    ['TLP-WHITE', 'clear'],
    ['tlp_green', 'green'],
    ['tlp amber', 'amber'],
    ['tlp="amber+strict"', 'amber+strict'],
    ["tlp:'amber strict'", 'amber+strict'],
    ['tlp:amberstrict', 'amber+strict'],
    ['TLP = clear', 'clear'],
    ['my tlp:red', undefined],
    ['tlp:red!', undefined],
    ['tlpred', undefined],
    ['red', undefined],
    [`tlp:${' '.repeat(60)}red`, undefined],
  ] as const)('the label %j means %s', (label, level) => {
    expect(facts({ labels: [label] }).tlp).toBe(level);
    expect(facts({ labels: ['x', label, 'y'] }).tlp).toBe(level);
  });

  test('the strictest of several labels counts', () => {
    expect(facts({ labels: ['tlp:green', 'tlp:red', 'tlp:clear'] }).tlp).toBe('red');
    expect(facts({ labels: ['tlp:red', 5, null] }).tlp).toBe('red');
  });

  test('PAP, IEP and markings that nobody can enforce are listed apart', () => {
    const found = facts({ object_marking_refs: [A, B, C], created_by_ref: idOf('identity') });
    expect(found).toMatchObject({ tlp: 'amber', pap: 'amber', isAttributed: true, missing: [] });
    expect([...found.families]).toEqual(['ais']);
    expect(found.iep).toHaveLength(1);
    const levels: Readonly<Record<string, Marking>> = {
      [A]: { family: 'pap', pap: 'green' },
      [B]: { family: 'pap', pap: 'red' },
      [C]: { family: 'pap', pap: 'clear' },
    };
    for (const order of [
      [A, B, C],
      [C, B, A],
      [B, A, C],
    ])
      // prettier-ignore
      expect(facts({ object_marking_refs: order }, (id) => levels[id]).pap).toBe('red');
  });

  test('a marking without a definition is missing, and a reserved one needs none', () => {
    const found = facts({ object_marking_refs: [A, tlpMarkingId('green')] }, () => undefined);
    expect(found).toMatchObject({ missing: [A], tlp: 'green' });
    const asked: string[] = [];
    facts({ object_marking_refs: [A, tlpMarkingId('green')] }, (id) => void asked.push(id));
    expect(asked).toEqual([A]);
  });

  test('a statement changes nothing', () => {
    expect(facts({ object_marking_refs: [A] }, () => ({ family: 'statement' }))).toMatchObject({ tlp: undefined, missing: [] }); // prettier-ignore
  });

  test('each marking is listed once, with those of parts and of contained observables', () => {
    const part = (ref: string) => ({ selectors: ['name'], marking_ref: ref });
    expect(markingRefs(smallest('tool', { object_marking_refs: [A, B, A], granular_markings: [part(B), part(C)] }))).toEqual([A, B, C]); // prettier-ignore
    const objects = { 0: { type: 'file', name: 'x', object_marking_refs: [B] }, 1: null, 2: { type: 'mutex', granular_markings: [part(C)] } }; // prettier-ignore
    expect(markingRefs(smallest('observed-data', { object_marking_refs: [A], objects }))).toEqual([A, B, C]);
    expect(markingRefs(smallest('tool', { objects, object_marking_refs: [A] }))).toEqual([A]);
    expect(markingFacts(smallest('observed-data', { objects: { 0: { type: 'file', labels: ['tlp:red'] } } }), () => undefined).tlp).toBe('red'); // prettier-ignore
  });
});

describe('selectors of granular markings', () => {
  const tool = (selector: string, over: Json = {}) =>
    faultsOf(smallest('tool', { aliases: ['a', 'b'], external_references: [{ source_name: 'x', url: 'x' }], granular_markings: [{ selectors: ['name', selector], lang: 'fr' }], ...over })); // prettier-ignore
  test.each([
    ['name', true],
    ['aliases', true],
    ['aliases.[0]', true],
    ['aliases.[1]', true],
    ['aliases.[2]', false],
    ['aliases.[01]', false],
    ['aliases.[-1]', false],
    ['aliases.0', false],
    ['aliases.[0].x', false],
    ['external_references.[0].url', true],
    ['external_references.[0].description', false],
    ['external_references.url', false],
    ['description', false],
    ['Name', false],
    ['name.length', false],
    ['aliases.length', false],
    ['constructor', false],
    ['__proto__', false],
    ['', false],
    ['[0]', false],
  ])('%j exists: %s', (selector, exists) => {
    expect(tool(selector)).toEqual(exists ? [] : ['S-149 /granular_markings/0/selectors/1']);
  });

  test('the selector of a property that is wrong itself is not reported too', () => {
    expect(tool('aliases.[5]', { aliases: 'x' })).toEqual(['S-003 /aliases']);
  });

  test('a marking definition does not mark itself', () => {
    const own = idOf('marking-definition');
    expect(faultsOf(smallest('marking-definition', { object_marking_refs: [own] }))).toEqual(['S-034 /object_marking_refs']); // prettier-ignore
    expect(faultsOf(smallest('marking-definition', { granular_markings: [{ selectors: ['type'], marking_ref: own }] }))).toEqual(['S-034 /granular_markings/0/marking_ref']); // prettier-ignore
  });
});
