import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { schemaCheck } from '../../src/kernel/validate.ts';
import { STIX_TYPES } from '../../src/stix/types.ts';

const folder = join(import.meta.dirname, '..', '..', 'schemas');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);

test('every schema file is valid by the meta-schema, which the hub does not check again at its start', () => {
  expect(files.length).toBeGreaterThan(50);
  const ajv = new Ajv2020({ strict: false });
  for (const file of files) {
    const schema = JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;
    expect([file, ajv.validateSchema(schema), ajv.errors]).toEqual([file, true, null]);
  }
});

test('the build has a check of every schema that is used on its own', () => {
  const whole = files.filter((file) => {
    const { type, allOf, oneOf, $ref } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
      string,
      unknown
    >;
    return [type, allOf, oneOf, $ref].some((keyword) => keyword !== undefined);
  });
  expect(whole.length).toBeGreaterThan(90);
  for (const file of whole)
    expect([file, schemaCheck(file.split(sep).join('/'))(null)]).not.toEqual([file, []]);
});

test('a check of the build finds the same faults as the compiler does at run time', () => {
  // The build and this test read the schemas separately, so a build of other schemas fails here.
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false });
  for (const file of files)
    ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object, file.split(sep).join('/'));
  for (const type of STIX_TYPES) {
    const name = `stix/${type}.json`;
    for (const value of [
      {},
      { type },
      { type, spec_version: '2.1', id: `${type}--1` },
      { type, id: 3 },
      [],
    ]) {
      const expected = ajv.getSchema(name);
      const isValid = expected?.(value);
      expect([name, value, schemaCheck(name)(value).map(({ keyword }) => keyword)]).toEqual([
        name,
        value,
        isValid === true ? [] : expected?.errors?.slice(-1).map(({ keyword }) => keyword),
      ]);
    }
  }
});

test('an unknown schema is a fault of the program', () => {
  expect(() => schemaCheck('stix/no-type.json')).toThrow('schemas/stix/no-type.json');
});
