import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SLICE_WORK, sliceWork } from '../../src/kernel/slices.ts';
import { MOST_SCHEMA_FAULTS } from '../../src/kernel/schema-faults.ts';
import { checkWork } from '../../src/kernel/validate.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { MOST_FAULTS } from '../../src/stix/validation/fault.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const TIME = '2026-01-01T00:00:00.000Z';
let number = 0;
const id = (type: string): string => `${type}--00000000-0000-4000-8000-${String(++number).padStart(12, '0')}`;
const list = (n: number, item: (i: number) => unknown): unknown[] =>
  Array.from({ length: n }, (_, i) => item(i));
const dictionary = (n: number, name: (i: number) => string, value: (i: number) => unknown): Json =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [name(i), value(i)]));
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};
const object = (type: string, over: Json): Json => ({
  type, spec_version: '2.1', id: id(type), created: TIME, modified: TIME, ...over,
}); // prettier-ignore
const observable = (type: string, over: Json): Json => ({ type, spec_version: '2.1', id: id(type), ...over });
const report = (refs: unknown): Json => object('report', { name: 'x', published: TIME, object_refs: refs });
const AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';

/** The largest objects that the limits of the hub permit, or nearly permit, and the rule that rejects each. */
const WORST: readonly (readonly [name: string, rule: string, build: () => Json])[] = [
  ['a list of good references', '', () => report(list(50_000, () => id('indicator')))],
  ['a list of bad references', 'S-011', () => report(list(50_000, (i) => `indicator--${i}`))],
  ['a list of references of no form', 'S-010', () => report(list(50_000, () => 'x'))],
  ['a list of null', 'S-003', () => report(list(50_000, () => null))],
  ['a list of lists', 'S-003', () => report(list(50_000, () => []))],
  ['a list of empty objects', 'S-003', () => anIndicator({ labels: list(50_000, () => ({})) })],
  ['a list beyond the limit', 'L-003', () => report(list(50_001, () => id('indicator')))],
  ['custom lists of references', '', () => anIndicator(dictionary(3, (i) => `x_${i}_refs`, () => list(49_000, () => id('indicator'))))],
  ['custom lists of bad references', 'S-010', () => anIndicator(dictionary(3, (i) => `x_${i}_refs`, () => list(49_000, () => 'bad')))],
  ['custom values', '', () => anIndicator({ x_list: list(19_000, () => list(9, (i) => i)) })],
  ['values beyond the limit', 'L-006', () => anIndicator({ x_list: list(30_000, () => list(7, (i) => i)) })],
  ['custom null values', '', () => anIndicator({ x_list: list(19_000, () => list(9, () => null)) })],
  ['custom names', '', () => anIndicator(dictionary(9_900, (i) => `x_name_${i}`, () => 1))],
  ['custom dictionaries', '', () => anIndicator(dictionary(11, (i) => `x_part_${i}`, () => dictionary(8_900, (i) => `name_${i}`, () => 'x')))],
  ['different names in dictionaries', '', () => anIndicator(dictionary(11, (i) => `x_part_${i}`, (i) => dictionary(1_700, (j) => `name_${i}_${j}`, () => 'x')))],
  ['different names beyond the limit', 'L-012', () => anIndicator(dictionary(11, (i) => `x_part_${i}`, (i) => dictionary(8_900, (j) => `name_${i}_${j}`, () => 'x')))],
  ['bad names', 'S-028', () => anIndicator(dictionary(9_900, (i) => `Bad-${i}`, () => 1))],
  ['names one letter away from one of the standard', 'W-custom', () => anIndicator(dictionary(99, (i) => `descriptio${i}`, () => 1))],
  ['names beyond the limit', 'L-002', () => anIndicator(dictionary(10_001, (i) => `x_name_${i}`, () => 1))],
  ['a name beyond the limit', 'L-004', () => anIndicator({ ['x'.repeat(300)]: 1 })],
  ['nesting', '', () => anIndicator({ x_list: list(3_000, () => nested(60)) })],
  ['nesting beyond the limit', 'L-001', () => anIndicator({ x_list: nested(70) })],
  ['texts', '', () => anIndicator(dictionary(7, (i) => `x_text_${i}`, () => 'x'.repeat(1_000_000)))],
  ['a text beyond the limit', 'L-005', () => anIndicator({ description: 'x'.repeat(1_100_000) })],
  ['an object beyond the limit', 'L-011', () => anIndicator(dictionary(9, (i) => `x_text_${i}`, () => 'x'.repeat(1_000_000)))],
  ['an identifier beyond the limit', 'L-007', () => anIndicator({ created_by_ref: `identity--${'-'.repeat(1_000_000)}` })],
  ['a timestamp of many digits', 'S-017', () => anIndicator({ valid_from: `2026-01-01T00:00:00.${'1'.repeat(60_000)}` })],
  ['a pattern', '', () => anIndicator({ pattern: `[${"file:name = 'a' OR ".repeat(3_400)}file:name = 'a']` })],
  ['a pattern beyond the limit', 'L-008', () => anIndicator({ pattern: `[file:name = '${'a'.repeat(70_000)}']` })],
  ['a pattern of parentheses', 'L-008', () => anIndicator({ pattern: `${'('.repeat(30_000)}[file:name = 'a']` })],
  ['a pattern of backslashes', 'P-003', () => anIndicator({ pattern: `[file:name = '${'\\'.repeat(60_001)}` })],
  ['selectors', '', () => anIndicator({ granular_markings: list(199, () => ({ marking_ref: AMBER, selectors: list(900, () => 'name') })) })],
  ['selectors that lead to nothing', 'S-149', () => anIndicator({ granular_markings: [{ marking_ref: AMBER, selectors: list(50_000, (i) => `x_${i}`) }] })],
  ['selectors of many steps', 'S-149', () => anIndicator({ granular_markings: [{ marking_ref: AMBER, selectors: list(12, () => `name${'.name'.repeat(12_000)}`) }] })],
  ['markings beyond the limit', 'L-009', () => anIndicator({ object_marking_refs: list(50_000, () => id('marking-definition')) })],
  ['external references', '', () => anIndicator({ external_references: list(39_000, (i) => ({ source_name: 'x', url: `http://x/${i}` })) })],
  ['bad external references', 'S-023', () => anIndicator({ external_references: list(50_000, () => ({})) })],
  ['hashes of external references', 'S-005', () => anIndicator({ external_references: list(20_000, () => ({ source_name: 'x', url: 'http://x/', hashes: {} })) })],
  ['kill chain phases', '', () => anIndicator({ kill_chain_phases: list(39_000, () => ({ kill_chain_name: 'x', phase_name: 'y' })) })],
  ['labels', '', () => anIndicator({ labels: list(50_000, (i) => `x${i}`) })],
  ['hashes', '', () => observable('file', { hashes: dictionary(9_900, (i) => `x_hash_${i}`, () => 'a'.repeat(64)) })],
  ['bad hashes', 'S-003', () => observable('file', { hashes: dictionary(9_900, (i) => `x_hash_${i}`, () => 1) })],
  ['extensions', '', () => observable('file', { name: 'x', extensions: dictionary(9_900, () => id('extension-definition'), () => ({ extension_type: 'property-extension', x: 1 })) })],
  ['bad extensions', 'S-040', () => observable('file', { name: 'x', extensions: dictionary(9_900, (i) => `x-${i}-ext`, () => 1) })],
  ['contained observables', '', () => object('observed-data', { first_observed: TIME, last_observed: TIME, number_observed: 1, objects: dictionary(9_900, String, () => ({ type: 'file', name: 'x' })) })],
  ['contained observables that refer to nothing', 'S-073', () => object('observed-data', { first_observed: TIME, last_observed: TIME, number_observed: 1, objects: dictionary(9_900, String, () => ({ type: 'file', name: 'x', parent_directory_ref: 'y' })) })],
  ['translations', '', () => object('language-content', { object_ref: id('indicator'), contents: dictionary(300, (i) => `de-x-${i}`, () => dictionary(90, (i) => `name_${i}`, () => 'x')) })],
  ['a payload', '', () => observable('artifact', { payload_bin: 'QUJD'.repeat(250_000) })],
  ['a payload of another form', 'S-008', () => observable('artifact', { payload_bin: `${'QUJD'.repeat(250_000)}!` })],
  ['a file path of many parts', '', () => observable('directory', { path: '/x'.repeat(30_000) })],
]; // prettier-ignore

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    SETTINGS.replace('max_content_length: 1048576', 'max_content_length: 104857600').replace(
      'hub: {',
      'hub: { validation: strict,',
    ),
  );
});
afterAll(() => t.stop());

/** Runs one request and returns the computed errors and the largest amount of work between two turns. */
async function work<T>(
  send: () => Promise<T>,
): Promise<{ answer: T; errors: number; most: number; turns: number }> {
  const before = { errors: checkWork.errors, turns: sliceWork.turns };
  sliceWork.most = 0;
  const answer = await send();
  return {
    answer,
    errors: checkWork.errors - before.errors,
    most: sliceWork.most,
    turns: sliceWork.turns - before.turns,
  };
}

/** The number of faults that a message reports. */
function faultsOf(message: string): number {
  const [, more = '0'] = / \(and (\d+) more\)$/.exec(message) ?? [];
  return 1 + Number(more);
}

const MOST_ERRORS = 10 * MOST_SCHEMA_FAULTS;

test.each(WORST)(
  'the worst object of %s costs a bounded number of faults and slices',
  async (_name, rule, build) => {
    const worst = build();
    const size = JSON.stringify(worst).length;
    const beside = anIndicator();
    const { answer, errors, most, turns } = await work(() =>
      t
        .as('writer')
        .post(objectsOf(MAIN), { objects: [worst, beside, { ...worst, id: id(String(worst['type'])) }] }),
    );
    expect(answer.status).toBe(202);
    const { failures = [], success_count: stored } = answer.body as {
      failures?: { message: string }[];
      success_count: number;
    };
    expect(failures.map(({ message }) => message.split(' ')[0])).toEqual(rule === '' ? [] : [rule, rule]);
    expect(stored).toBe(rule === '' ? 3 : 1);
    for (const { message } of failures) expect(faultsOf(message)).toBeLessThanOrEqual(MOST_FAULTS + 1);
    expect(errors).toBeLessThanOrEqual(2 * MOST_ERRORS);
    // No more than one slice, or one step of one object, was done before other requests had their turn.
    expect(most).toBeLessThanOrEqual(SLICE_WORK + size);
    if (rule === '' && size > SLICE_WORK) expect(turns).toBeGreaterThan(4);
  },
);

test.each(WORST)(
  'the worst object of %s, given as TLP:RED, costs a bounded number of faults',
  async (_name, rule, build) => {
    const worst = { ...build(), object_marking_refs: [tlpMarkingId('red')] };
    const { answer, errors, most } = await work(() =>
      t.api('sensor', 'POST', '/red', { object: worst, to: ['chief'] }),
    );
    const { status, body } = answer;
    expect(errors).toBeLessThanOrEqual(MOST_ERRORS);
    // One slice and one step, which can be a record of an object that was given before, with its sealing.
    expect(most).toBeLessThanOrEqual(2.5 * SLICE_WORK);
    const isLarge = JSON.stringify({ object: worst, to: ['chief'] }).length > 1_048_576;
    if (isLarge) expect(body).toMatchObject({ status: 413 });
    // The reader of request bodies rejects this before anything is parsed.
    else if (rule === 'L-001') expect(body).toMatchObject({ status: 400, code: 'TLN-P-420' });
    else if (rule === '' || rule === 'L-009') expect(status).toBe(201);
    else {
      expect(body).toMatchObject({
        status: 422,
        code: 'TLN-R-423',
        detail: expect.stringContaining(`${rule} `),
      });
      expect(faultsOf(String(body['detail']))).toBeLessThanOrEqual(MOST_FAULTS + 1);
    }
  },
);

test('an envelope of 20,000 refused objects is answered in slices, and its status reads the same later', async () => {
  const { answer, most, turns } = await work(() =>
    t.as('writer').post(objectsOf(MAIN), { objects: list(20_000, (i) => ({ a: i })) }),
  );
  expect(answer.body).toMatchObject({ total_count: 20_000, success_count: 0 });
  expect(most).toBeLessThanOrEqual(2 * SLICE_WORK);
  expect(turns).toBeGreaterThan(4);
  const status = async (): Promise<Json> =>
    (await t.as('writer').get(`/main/status/${String(answer.body['id'])}/`)).body as Json;
  while ((await status())['status'] === 'pending');
  const later = await work(status);
  expect(later.answer).toMatchObject({ status: 'complete', failure_count: 20_000, pending_count: 0 });
  expect((later.answer['failures'] as Json[]).map(({ message }) => String(message).slice(0, 5))).toEqual(
    list(20_000, () => 'S-002'),
  );
  expect(later.most).toBeLessThanOrEqual(2 * SLICE_WORK);
  expect(later.turns).toBeGreaterThan(2);
});
