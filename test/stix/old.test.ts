// STIX 2.0, as collections that accept it store it: the rules of 2.0 that matter.
import { describe, expect, test } from '@jest/globals';
import { errorsOf, validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from '../support/builders.ts';

const UUID = '0b5a1e00-0000-4000-8000-000000000040';
const TIME = '2024-01-01T00:00:00.000Z';
const common = (type: string, more: Json = {}): Json => ({
  type, id: `${type}--${UUID}`, created: TIME, modified: TIME, ...more,
}); // prettier-ignore
const INDICATOR = common('indicator', {
  labels: ['malicious-activity'],
  pattern: "[domain-name:value = 'c2.example.org'] START '2024-01-01T00:00:00Z' STOP '2024-02-01T00:00:00Z'",
  valid_from: '2024-01-01T00:00:00Z',
});
const RELATIONSHIP = common('relationship', {
  relationship_type: 'uses',
  source_ref: `campaign--${UUID}`,
  target_ref: `malware--${UUID}`,
});
const OBSERVED = common('observed-data', {
  first_observed: TIME,
  last_observed: TIME,
  number_observed: 1,
  objects: {
    0: { type: 'file', name: 'a', parent_directory_ref: '1' },
    1: { type: 'directory', path: '/x' },
  },
});

const faultsOf = (object: Json): string[] =>
  errorsOf(validateObject(object, { accept: ['2.0', '2.1'], advice: false })).map(
    ({ rule, pointer }) => `${rule} ${pointer}`,
  );

describe('objects of STIX 2.0', () => {
  test.each([
    ['indicator', INDICATOR],
    ['relationship', RELATIONSHIP],
    ['observed-data', OBSERVED],
    ['malware', common('malware', { name: 'X', labels: ['trojan'] })],
    ['custom type', common('x-mitre-tactic', { name: 'Impact', x_mitre_shortname: 'impact' })],
    [
      'marking definition',
      { type: 'marking-definition', id: `marking-definition--${UUID}`, created: TIME, definition_type: 'statement', definition: { statement: 'x' } },
    ],
    [
      'sighting',
      common('sighting', { sighting_of_ref: `indicator--${UUID}`, where_sighted_refs: [`identity--${UUID}`] }),
    ],
  ] as [string, Json][])('%s', (_, object) => {
    expect(faultsOf(object)).toEqual([]);
  }); // prettier-ignore

  test.each([
    ['a bundle', { type: 'bundle', id: `bundle--${UUID}`, objects: [INDICATOR] }, ['S-154 /type']],
    ['an id of another type', { ...INDICATOR, id: `malware--${UUID}` }, ['S-012 /id']],
    ['a broken id', { ...INDICATOR, id: 'indicator--1' }, ['S-011 /id']],
    ['a type that is not a name', { ...INDICATOR, type: 'Indicator', id: `Indicator--${UUID}` }, ['S-027 /type']],
    ['a garbage pattern', { ...INDICATOR, pattern: 'c2.example.org' }, ['P-001 /pattern']],
    ['a pattern that is not a text', { ...INDICATOR, pattern: 5 }, ['S-003 /pattern']],
    ['missing properties', common('indicator'), ['S-002 /labels', 'S-002 /pattern', 'S-002 /valid_from']],
    ['a missing version', { ...INDICATOR, modified: undefined }, ['S-002 /modified']],
    ['a time that is none', { ...INDICATOR, valid_from: 'yesterday' }, ['S-017 /valid_from']],
    ['a day that is none', { ...INDICATOR, valid_from: '2024-02-30T00:00:00Z' }, ['S-018 /valid_from']],
    ['times in the wrong order', { ...INDICATOR, modified: '2023-01-01T00:00:00.000Z' }, ['S-020 /modified']],
    ['labels that are not a list', { ...INDICATOR, labels: 'x' }, ['S-003 /labels']],
    ['revoked as a text', { ...INDICATOR, revoked: 'true' }, ['S-003 /revoked']],
    ['a reference that is none', { ...RELATIONSHIP, source_ref: 'campaign' }, ['S-010 /source_ref']],
    ['a reference to an observable', { ...RELATIONSHIP, target_ref: `file--${UUID}` }, ['S-081 /target_ref']],
    ['a creator that is none', { ...INDICATOR, created_by_ref: `campaign--${UUID}` }, ['S-032 /created_by_ref']],
    ['a container without types', { ...OBSERVED, objects: { 0: {} } }, ['S-070 /objects']],
    ['an empty container', { ...OBSERVED, objects: {} }, ['S-070 /objects']],
    ['a type of STIX 2.1', common('location', { country: 'TO' }), ['S-030 /spec_version']],
    ['an empty list', { ...INDICATOR, labels: [] }, ['S-004 /labels']],
    [
      'a granular marking without a marking',
      { ...INDICATOR, granular_markings: [{ selectors: ['pattern'], lang: 'en' }] },
      ['S-148 /granular_markings/0/marking_ref'],
    ],
    [
      'too many markings',
      { ...INDICATOR, granular_markings: Array.from({ length: 201 }, (_, i) => ({ selectors: ['pattern'], marking_ref: `marking-definition--0b5a1e00-0000-4000-8000-${String(i).padStart(12, '0')}` })) },
      ['L-009 /object_marking_refs'],
    ],
    [
      'a reserved marking with another level',
      { type: 'marking-definition', id: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', created: TIME, definition_type: 'tlp', definition: { tlp: 'green' } },
      ['S-145 /id'],
    ],
  ] as [string, Json, string[]][])('%s is refused', (_, object, expected) => {
    expect(faultsOf(JSON.parse(JSON.stringify(object)) as Json)).toEqual(expected);
  }); // prettier-ignore
});
