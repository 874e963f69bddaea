// Loaded into a hub by bench/blocks.mjs. Writes the longest block of the main thread since the last
// measurement, in milliseconds.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.BLOCK_METER !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  process.on('SIGUSR2', () => {
    writeFileSync(process.env.BLOCK_METER, String(delay.max / 1e6));
    delay.reset();
  });
}
