import { expect, test } from '@jest/globals';
import { withHeartbeat } from '../../src/cli/heartbeat.ts';
import { TestClock } from '../support/clock.ts';
import { testIo } from '../support/io.ts';

/** Lets what waits for a promise go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a command prints its state every ten seconds, and stops with its work', async () => {
  const clock = new TestClock();
  const printed = testIo();
  let records = 0;
  let finish: () => void = (): void => undefined;
  const work = new Promise<string>((resolve) => (finish = () => resolve('done')));
  const result = withHeartbeat(
    printed.io,
    clock,
    () => `${records} records`,
    () => work,
  );
  for (const [ms, lines] of [
    [9_999, 0],
    [1, 1],
    [9_999, 1],
    [1, 2],
  ] as const) {
    records += 5;
    clock.advance(ms);
    await turn();
    expect(printed.err().split('\n')).toHaveLength(lines + 1);
  }
  expect(printed.err()).toBe('10 records\n20 records\n');
  finish();
  expect(await result).toBe('done');
  clock.advance(60_000);
  await turn();
  expect(printed.err()).toBe('10 records\n20 records\n');
});
