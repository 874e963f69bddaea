// Loaded into a hub by bench/blocks.mjs and bench/feeds.mjs. Writes the longest block of the main thread since the last
// measurement, in milliseconds: by the clock, and by the processor time of the main thread. The processor time does not
// depend on other work of the machine. Then follow the p99 of all delays, and the processor time of the main thread in
// total.
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.BLOCK_METER !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const used = processorTime();
  let before = used();
  let first = before;
  let longest = 0;
  // The timer runs once in each turn of the event loop that takes longer than its interval.
  setInterval(() => {
    const now = used();
    longest = Math.max(longest, now - before);
    before = now;
  }, 5).unref();
  process.on('SIGUSR2', () => {
    const now = used();
    const numbers = [delay.max / 1e6, longest, delay.percentile(99) / 1e6, now - first];
    writeFileSync(process.env.BLOCK_METER, numbers.join(' '));
    delay.reset();
    longest = 0;
    first = now;
  });
}

/**
 * Returns a function that gives the processor time of the main thread in milliseconds. Undefined where the system does
 * not report it.
 */
function processorTime() {
  let file;
  try {
    file = openSync(`/proc/${process.pid}/task/${process.pid}/schedstat`);
  } catch {
    return () => Number.NaN;
  }
  process.on('exit', () => closeSync(file));
  const bytes = Buffer.alloc(128);
  return () =>
    Number(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ')[0]) / 1e6;
}
