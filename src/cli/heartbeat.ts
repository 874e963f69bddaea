import type { Clock } from '../kernel/clock.ts';
import type { Io } from './io.ts';

/** The longest silence of a command that has no terminal for a progress bar, in milliseconds. */
const SILENCE_MS = 10_000;

/**
 * Does some work and prints a line about it every ten seconds, so that nobody has to guess whether it still runs.
 *
 * @param line Returns the state of the work.
 */
export async function withHeartbeat<T>(
  io: Io,
  clock: Clock,
  line: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.wait(SILENCE_MS, done.signal);
      if (done.signal.aborted) return;
      io.stderr.write(`${line()}\n`);
    }
  };
  const beating = beat();
  try {
    return await work();
  } finally {
    done.abort();
    await beating;
  }
}
