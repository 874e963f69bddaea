import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { folder, startHub, taxii, type RunningHub } from '../support/program.ts';

const ID = '3c2ff50b-d6a8-4908-93c3-0a1b2c3d4e54';
const KEY = 'a-key-for-disks-0123456789abcdef0123456789ab';

/** The library that simulates disk failures, built for this machine. Undefined where there is no C compiler. */
function shim(): string | undefined {
  const out = join(import.meta.dirname, '..', '..', '.cache', 'disk-faults.so');
  mkdirSync(join(out, '..'), { recursive: true });
  const source = join(import.meta.dirname, '..', 'support', 'disk-faults', 'shim.c');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', out, source, '-ldl']);
  if (built.status === 0) return out;
  if (process.env['REQUIRE_CC'] === '1') throw new Error(`REQUIRE_CC=1, but cc says ${String(built.stderr)}`);
  return undefined;
}

const library = process.platform === 'linux' ? shim() : undefined;

if (library === undefined) {
  describe('a disk that fails', () => {
    test.skip('skipped: the library that lets a disk fail needs Linux and a C compiler', () => undefined);
  });
} else {
  describe('a disk that fails', () => {
    const start = async (data: string, config: string, control: string): Promise<RunningHub> =>
      startHub(['--config', config, '--data', data, '--no-feeds'], {
        DISK_KEY: KEY,
        LD_PRELOAD: library,
        TALANOA_DISK_FAULT: control,
      });
    const call = async (hub: RunningHub, body?: unknown, query = 'limit=1000') => {
      const answer = await taxii(`${hub.url}/main/collections/${ID}/objects/?${query}`, KEY, body);
      return {
        ...answer,
        retry: answer.headers.get('retry-after'),
        last: answer.headers.get('x-taxii-date-added-last'),
      };
    };
    const ids = (body: Json): string[] =>
      ((body['objects'] as Json[] | undefined) ?? []).map((object) => String(object['id']));

    test.each([
      ['full', 'The disk of the store is full', true],
      ['write', 'The disk of the store has failed', false],
      ['sync', 'The disk of the store has failed', false],
    ])(
      '%s: nothing more is acknowledged, reading continues, and nothing acknowledged is lost',
      async (fault, title, heals) => {
        const here = folder();
        const config = join(here.path, 'talanoa.yaml');
        const control = join(here.path, 'fault');
        const data = join(here.path, 'data');
        writeFileSync(
          config,
          `collections: [{ id: ${ID}, api_root: main, title: C, grants: [{ to: "account:a", read: true, write: true }] }]\naccounts: [{ name: a, role: machine, key_env: DISK_KEY }]\n`,
        );
        let hub = await start(data, config, control);
        const before = anIndicator();
        expect((await call(hub, { objects: [before] })).body['success_count']).toBe(1);
        const { last } = await call(hub);

        writeFileSync(control, fault);
        const during = [anIndicator(), anIndicator()];
        for (const object of during) {
          const refused = await call(hub, { objects: [object] });
          expect(refused).toMatchObject({ status: 503, retry: '30', body: { title } });
        }
        expect(ids((await call(hub)).body)).toEqual([before['id']]);
        expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);

        // The disk works again. A full disk is used again immediately, a failed one only after a restart.
        writeFileSync(control, 'none');
        const after = anIndicator();
        const again = await call(hub, { objects: [after] });
        expect(again.status).toBe(heals ? 202 : 503);
        expect((await fetch(`${hub.url}/readyz`)).status).toBe(heals ? 200 : 503);
        expect(hub.errors.join('').includes('store.failed')).toBe(!heals);
        expect(await hub.stop()).toBe(0);

        hub = await start(data, config, control);
        expect((await call(hub, { objects: [...during, after] })).body['success_count']).toBe(3);
        const all = await call(hub);
        expect(ids(all.body)).toHaveLength(4);
        expect(new Set(ids(all.body))).toEqual(
          new Set([before, ...during, after].map((object) => object['id'])),
        );
        // A poller that had read past the failure misses nothing.
        expect(new Set(ids((await call(hub, undefined, `added_after=${last ?? ''}`)).body))).toEqual(
          new Set([...during, after].map((object) => object['id'])),
        );
        await hub.stop();
        here.remove();
      },
      60_000,
    );
  });
}
