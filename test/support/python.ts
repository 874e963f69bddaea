import { spawn } from 'node:child_process';
import { join } from 'node:path';

const named = process.env['TALANOA_PYTHON'];

/** The Python with third-party clients and oracles. Undefined where it is missing. CI has it. */
export const python = named === undefined || named === '' ? undefined : named;
if (python === undefined && process.env['REQUIRE_PYTHON'] === '1')
  throw new Error('REQUIRE_PYTHON=1, but TALANOA_PYTHON is not set');

/** Runs a script of test/clients. */
export function runPython(
  script: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(python ?? 'python3', [join(import.meta.dirname, '../clients', script), ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
