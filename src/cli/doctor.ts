import type { Diagnosis } from '../kernel/diagnosis.ts';
import { EXIT, type Io } from './io.ts';
import { graded, table, writeJson } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

/** `talanoa doctor`: exit code 1 when a check has failed. */
export async function doctor(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Diagnosis[] }>('/api/v1/doctor'),
  );
  const failed = items.filter(({ status }) => status === 'failed').length;
  const warnings = items.filter(({ status }) => status === 'warning').length;
  if (flags.json === true) writeJson({ items }, io);
  else {
    io.stdout.write(
      `${table(
        items.map(({ check, status, found }) => [
          graded(MARK[status].word, MARK[status].grade, io),
          check,
          found,
        ]),
        io,
      )}\n`,
    );
    for (const { check, hint } of items) if (hint !== undefined) io.stdout.write(`\n${check}: ${hint}`);
    const verdict =
      failed === 0 && warnings === 0 ? 'All checks passed.' : `${failed} failed, ${warnings} with warnings.`;
    io.stdout.write(`${items.some(({ hint }) => hint !== undefined) ? '\n' : ''}\n${verdict}\n`);
  }
  return failed === 0 ? EXIT.done : EXIT.failed;
}

const MARK = {
  ok: { word: 'ok', grade: 'good' },
  warning: { word: 'warning', grade: 'notice' },
  failed: { word: 'FAILED', grade: 'bad' },
} as const;
