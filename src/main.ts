#!/usr/bin/env node
import { run } from './cli/program.ts';

// The only place that ends the process (security.md R-144: after a fault that nobody has caught, nothing goes on).
process.on('uncaughtException', (error) => {
  process.stderr.write(
    `${JSON.stringify({ level: 'fatal', event: 'uncaught', reason: error.stack ?? error.message })}\n`,
  );
  process.exit(1);
});

// Whoever reads the output has seen enough (`talanoa validate … | head`).
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
