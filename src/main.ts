#!/usr/bin/env node
import { run } from './cli/program.ts';

// Only this file ends the process. After an uncaught error the state of the process is unknown, so it does not
// continue.
process.on('uncaughtException', (error) => {
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', event: 'uncaught', reason: error.stack ?? error.message })}\n`,
  );
  process.exit(1);
});

// The reader of the output has closed it, as in `talanoa validate … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  exit: (code) => process.exit(code),
});
