import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Json } from './builders.ts';

/** The media type of TAXII 2.1. */
export const MEDIA = 'application/taxii+json;version=2.1';

const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

const keys = mkdtempSync(join(tmpdir(), 'talanoa-key-'));

/**
 * The environment of a test process. Processes on one MongoDB share their master key, as an operator would
 * set it up.
 */
function environmentOf(environment: Record<string, string>): Record<string, string> {
  const key = join(keys, 'master.key');
  return {
    PATH: process.env['PATH'] ?? '',
    NO_COLOR: '1',
    ...('MONGODB_URI' in environment ? { TALANOA_MASTER_KEY_FILE: key } : {}),
    ...environment,
  };
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `talanoa …` of the build to its end. `input` is its standard input. */
export function talanoa(
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd = tmpdir(),
  input = '',
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: environmentOf(environment),
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Starts a command that runs until it is stopped. */
export function startTalanoa(
  args: readonly string[],
  environment: Record<string, string> = {},
): { line(n: number): Promise<string>; stop(): Promise<number | null> } {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: tmpdir(),
    env: environmentOf(environment),
  });
  const lines: string[] = [];
  let told: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    told();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    /** Returns the n-th printed line, counted from 1. */
    line: async (n) => {
      while (lines.length < n) await new Promise<void>((resolve) => (told = resolve));
      return lines[n - 1] ?? '';
    },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** A hub that runs as a process of its own. */
export interface RunningHub {
  readonly port: number;
  readonly url: string;
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Its output on stderr, which is the log. */
  readonly errors: string[];
  /** Stops it cleanly. Returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `talanoa serve` and waits until it prints its address. */
export async function startHub(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<RunningHub> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    cwd: tmpdir(),
    env: environmentOf(environment),
  });
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr.on('data', (part: Buffer) => errors.push(part.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found =
        /"port":(\d+)/.exec(line)?.[1] ??
        /TAXII 2\.1 +http:\/\/(?:127\.0\.0\.1|localhost):(\d+)\//.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('close', (code) =>
      reject(new Error(`the hub ended with ${String(code)}: ${errors.join('')}`)),
    );
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    child,
    lines,
    errors,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A TAXII response of a hub. A body that is empty or invalid JSON is read as {}. */
export interface TaxiiAnswer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** Sends a TAXII request: POST with a body, otherwise GET. Rejects when the hub is gone. */
export async function taxii(
  url: string,
  key: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<TaxiiAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      Accept: MEDIA,
      Authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'Content-Type': MEDIA }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    body: (isJson ? JSON.parse(text) : {}) as Json,
    headers: response.headers,
  };
}

/** Creates a folder for a test. `remove` deletes it. */
export function folder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'talanoa-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
