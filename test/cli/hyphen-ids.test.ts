import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

const here = folder();
const talanoa = async (...args: readonly string[]): Promise<readonly [code: number, err: string]> => {
  const { io, err } = testIo({ environment: { TALANOA_DATA: join(here.path, 'data'), TZ: 'UTC' } });
  return [await run(args, io), err()];
};

beforeAll(async () => {
  expect(await talanoa('init')).toMatchObject([0, '']);
}, 60_000);
afterAll(here.remove);

describe('an id that begins with a hyphen', () => {
  test.each(['-dEyAOavEJnHpqnzs0AsFI', '-_EyAOavEJnHpqnzs0AsFI', '--EyAOavEJnHpqnzs0AsFI', '-a1bcdefg'])(
    '%s is an argument, wherever it is',
    async (id) => {
      // The hub looks for it, and has none.
      for (const args of [['suppression', 'show', id], ['suppression', 'show', '--json', id], ['feedback', 'reject', id, '--note', 'A reason'], ['session', 'end', 'other', id]]) {
        const [code, err] = await talanoa(...args);
        expect([args.join(' '), code, err.includes('unknown option')]).toEqual([args.join(' '), 4, false]);
      }
    },
  ); // prettier-ignore

  test('is the value of a flag', async () => {
    const [code, err] = await talanoa('session', 'list', '--account', '-dEyAOavEJnHpqnzs0AsFI');
    expect([code, err]).toEqual([4, expect.stringContaining('"-dEyAOavEJnHpqnzs0AsFI" not found')]);
  });

  test.each([['--jsn'], ['-x'], ['--account-name'], ['-json']])('is not %s, which is an unknown flag', async (flag) => {
    const [code, err] = await talanoa('session', 'list', flag);
    expect([code, err]).toEqual([2, expect.stringContaining(`unknown option '${flag}'`)]);
  }); // prettier-ignore
});
