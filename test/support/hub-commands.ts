import { expect } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../../src/cli/program.ts';
import type { Json } from './builders.ts';
import { TestClock } from './clock.ts';
import { SETTINGS, keyOf, ownKeys, testHub, type TestHub } from './hub.ts';
import { testIo } from './io.ts';
import { folder } from './program.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A hub in memory that each account reaches over HTTP, with commands and its own key. */
export interface HubCommands {
  readonly t: TestHub;
  readonly clock: TestClock;
  /** Address of the hub. */
  readonly base: string;
  /** A folder for files. */
  readonly path: string;
  /** Runs a command with the key of an account. */
  as(who: string, ...args: readonly string[]): Promise<Ended>;
  /** Runs a command that must succeed, and returns its lines. */
  done(who: string, ...args: readonly string[]): Promise<string>;
  /** Runs a command that must succeed, and returns its document. */
  json(who: string, ...args: readonly string[]): Promise<Json>;
  /** Runs a command that must succeed, and returns the items of its document. */
  items(who: string, ...args: readonly string[]): Promise<readonly Json[]>;
  /** Runs a command that must fail without any output. Returns its exit code and the code of its error. */
  refused(who: string, ...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a hub with the settings of the tests and one more officer, `tele` of Tonga, who created the key personally. */
export async function hubCommands(): Promise<HubCommands> {
  const here = folder();
  const clock = new TestClock('2026-11-29T12:00:00Z');
  const tele = '  - { name: tele, role: officer, member: tonga, person: true, key_env: KEY_TELE }';
  const t = await testHub(`${SETTINGS}\n${tele}\n`, { clock });
  await ownKeys(t.hub, 'tele');
  const server = createServer(t.hub.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = async (who: string, ...args: readonly string[]): Promise<Ended> => {
    const { io, out, err } = testIo({
      environment: { TALANOA_HUB: base, TALANOA_KEY: keyOf(who), HOME: here.path, TZ: 'UTC' },
    });
    return { code: await run(args, io), out: out(), err: err() };
  };
  const done = async (who: string, ...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await as(who, ...args);
    expect([args.join(' '), code, code === 0 ? '' : err]).toEqual([args.join(' '), 0, '']);
    return out;
  };
  const json = async (who: string, ...args: readonly string[]): Promise<Json> =>
    JSON.parse(await done(who, ...args, '--json')) as Json;
  return {
    t,
    clock,
    base,
    path: here.path,
    as,
    done,
    json,
    items: async (who, ...args) => (await json(who, ...args))['items'] as readonly Json[],
    async refused(who, ...args) {
      const { code, out, err } = await as(who, ...args);
      expect([args.join(' '), out]).toEqual([args.join(' '), '']);
      return `${code} ${/\[(TLN-[A-Z]-\d{3})\]/.exec(err)?.[1] ?? err}`;
    },
    async stop() {
      await new Promise((resolve) => server.close(resolve));
      await t.stop();
      here.remove();
    },
  };
}
