import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { schemaParts } from '../../src/kernel/schema-files.ts';
import { compilePart } from '../../src/kernel/validate.ts';
import { STIX_TYPES } from '../../src/stix/types.ts';
import { schemasReady } from '../../src/stix/validation/schema-stage.ts';

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

test('a schema is listed after all schemas that it refers to', () => {
  for (const type of STIX_TYPES) {
    const name = `stix/${type}.json`;
    const parts = schemaParts(name);
    expect(parts.at(-1)).toBe(name);
    expect(new Set(parts).size).toBe(parts.length);
    for (const [i, part] of parts.entries())
      for (const needed of schemaParts(part)) expect(parts.indexOf(needed)).toBeLessThanOrEqual(i);
    for (const part of parts) expect(() => compilePart(part, false)).not.toThrow();
  }
});

test('the first object of a type lets other requests have their turn after each part of its schema', async () => {
  const object = { type: 'x509-certificate', spec_version: '2.1', is_self_signed: true };
  const missing = 2 * schemaParts('stix/x509-certificate.json').length;
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await schemasReady(object);
  isOver = true;
  expect(missing).toBeGreaterThan(10);
  expect(turns).toBeGreaterThanOrEqual(missing - 1);
  expect(schemasReady(object)).toBeUndefined();
});

test('the schemas of contained observables are compiled before the object is checked', async () => {
  const object = {
    type: 'observed-data',
    spec_version: '2.1',
    objects: { '0': { type: 'mutex', name: 'x' } },
  };
  await schemasReady(object);
  expect(schemasReady(object)).toBeUndefined();
  const other = { ...object, objects: { '0': { type: 'software', name: 'x' } } };
  expect(schemasReady(other)).toBeInstanceOf(Promise);
  await schemasReady(other);
});
