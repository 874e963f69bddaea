// A server whose `next` is a number, as the case of the field is written: a Python program (test/fixtures/SOURCES.md).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folder, talanoa } from '../support/program.ts';
import { python } from '../support/python.ts';

if (python === undefined) {
  test.skip('skipped: TALANOA_PYTHON names no Python', () => undefined);
} else {
  const script = join(import.meta.dirname, '../fixtures/cases/13-next-is-a-number.py');
  const here = folder();
  let server: ChildProcess;
  let base = '';

  beforeAll(async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    base = `http://127.0.0.1:${port}`;
    server = spawn(python ?? '', [script, String(port)], { stdio: 'ignore' });
    for (let up = false; !up;)
      up = await fetch(`${base}/api/`).then(
        () => true,
        () => false,
      );
  });
  afterAll(() => {
    server.kill();
    here.remove();
  });

  const ids = (stdout: string): readonly unknown[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { id: unknown }).id);

  test('a poll reads five objects in pages of two', async () => {
    const { stdout } = await talanoa(['poll', `${base}/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/`, '--limit', '2']); // prettier-ignore
    expect(new Set(ids(stdout)).size).toBe(5);
  });

  test('a second poll of a server that writes its dates with an offset returns nothing', async () => {
    const poll = () => talanoa(['poll', `${base}/offset/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/`, '--limit', '2', '--state', join(here.path, 'state')]); // prettier-ignore
    expect(ids((await poll()).stdout)).toHaveLength(5);
    expect(ids((await poll()).stdout)).toEqual([]);
  });
}
