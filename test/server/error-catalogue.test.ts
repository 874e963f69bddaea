import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, errorTable, reworded } from '../../src/kernel/error-table.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { ERROR_CATALOGUE } from '../../src/server/error-catalogue.ts';

const src = join(import.meta.dirname, '..', '..', 'src');
const all = ERROR_CATALOGUE.flatMap(({ entries }) => Object.values(entries));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

/**
 * Places that make a Problem themselves: three pass on the problem of another system (a TAXII server, another hub, the
 * thread that writes), and the code of a full store is in its row. The number may only fall.
 */
const MOST_OTHERS = 4;

describe('the error catalogue', () => {
  test('contains every error table of the source', () => {
    const tables = files.filter((file) => readFileSync(join(src, file), 'utf8').includes('= errorTable({'));
    expect(tables.length).toBeGreaterThan(15);
    expect(ERROR_CATALOGUE).toHaveLength(tables.length);
    expect(new Set(ERROR_CATALOGUE.map(({ entries }) => entries)).size).toBe(tables.length);
  });

  test('gives each code one meaning', () => {
    expect(all.length).toBeGreaterThan(200);
    const codes = all.map(({ code }) => code);
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
    expect(codes.filter((code) => !/^TLN-[A-Z]-\d{3}$/.test(code))).toEqual([]);
  });

  test('has titles without a period and hints that are sentences or commands', () => {
    expect(
      all.map(({ title }) => title).filter((title) => /[.!]$|\bis no (?!longer)|There is no/.test(title)),
    ).toEqual([]);
    expect(
      all.flatMap(({ hint = '.' }) => hint).filter((hint) => hint.trim() !== hint || hint === ''),
    ).toEqual([]);
  });

  test('is the only place that makes problems', () => {
    const others = files
      .filter((file) => file !== join('kernel', 'error-table.ts'))
      .flatMap((file) =>
        [...readFileSync(join(src, file), 'utf8').matchAll(/new Problem\(/g)].map(() => file),
      );
    expect({ others, few: others.length <= MOST_OTHERS }).toEqual({ others, few: true });
  });
});

describe('an error table', () => {
  const errors = errorTable({
    notFound: {
      code: 'TLN-Z-404',
      kind: 'not-found',
      title: 'Lamp "{name}" not found',
      hint: 'Use {"lamps": [ … ]}.',
    },
    broken: { code: 'TLN-Z-500', kind: 'internal', title: 'Broken', description: 'By {count} moths.' },
    dark: { code: 'TLN-Z-503', kind: 'unavailable', title: 'It is dark' },
  });

  test('fills the parameters of all texts, and leaves JSON in them as it is', () => {
    expect(errors.notFound({ name: 'a{b}' })).toMatchObject({
      code: 'TLN-Z-404', kind: 'not-found', title: 'Lamp "a{b}" not found', hint: 'Use {"lamps": [ … ]}.',
    }); // prettier-ignore
    expect(errors.broken({ count: 3 })).toMatchObject({ title: 'Broken', description: 'By 3 moths.' });
  });

  test('repeats a problem with another kind and title, but with the same code and details', () => {
    const problem = errors.notFound({ name: 'a' });
    expect(reworded(problem, { kind: 'conflict', title: 'In the cellar: not found' })).toMatchObject({
      kind: 'conflict', title: 'In the cellar: not found', code: 'TLN-Z-404', hint: problem.hint, cause: problem,
    }); // prettier-ignore
    expect(reworded(problem, {})).toMatchObject({
      kind: 'not-found',
      title: problem.title,
      code: 'TLN-Z-404',
    });
  });

  test('takes the details of an occurrence, but never another code', () => {
    const cause = new Error('inner');
    const problem = errors.dark({ description: 'The sun has set.', headers: { 'Retry-After': '30' }, cause });
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      description: 'The sun has set.',
      headers: { 'Retry-After': '30' },
      cause,
    });
    expect(errors.dark({ code: 'TLN-Z-1' } as object).code).toBe('TLN-Z-503');
  });

  test('gives its entries to the reference page', () => {
    expect(Object.keys(entriesOf(errors))).toEqual(['notFound', 'broken', 'dark']);
  });
});
