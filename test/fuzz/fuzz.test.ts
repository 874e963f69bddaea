import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nesting } from '../../src/kernel/json-shape.ts';
import { SETTINGS, keyOf, testHub, type TestHub } from '../support/hub.ts';
import { fuzz, grownInputs, type Target } from './engine.ts';
import { TARGETS, removeFuzzFolder } from './targets.ts';

/** Seconds for all targets together. Without it, each target runs a fixed number of inputs, the same every time. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);
const seed = Number(process.env['FUZZ_SEED'] ?? (seconds > 0 ? process.hrtime.bigint() % 2_147_483_647n : 1));

/** The headers that carry credentials are one more target. */
const share = (seconds * 1000) / (TARGETS.length + 1);

afterAll(removeFuzzFolder);

describe(`parsers of external input keep their contracts (FUZZ_SEED=${seed})`, () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))(
    '%s',
    async (_name, target) => {
      const { inputs } = await fuzz(target, {
        seed,
        ms: share,
        rounds: seconds > 0 ? 1 : 40,
      });
      expect(inputs).toBeGreaterThan(0);
    },
    120_000,
  );
});

describe('the headers that carry credentials', () => {
  let t: TestHub;
  let server: Server;
  beforeAll(async () => {
    t = await testHub(SETTINGS);
    server = createServer(t.hub.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }, 30_000);
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await t.stop();
  });

  /** Sends the bytes unchanged, which an HTTP client would not do. */
  const send = (bytes: Buffer): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (part) => (answer += part.toString('latin1')));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });

  const target: Target = {
    name: 'credentials',
    seeds: [`Bearer ${keyOf('reader')}`, 'Basic cmVhZGVyOng=', 'Token x', '__Host-talanoa=AAAA', '__Host-talanoa=a; __Host-talanoa=b', '"Bearer x"'].map((text) => Buffer.from(text)),
    words: ['Bearer ', 'Basic ', 'Token ', '__Host-talanoa=', '; ', '=', ',', 'tln_', ' ', '\t', 'Og==', '\u00ff'],
    counted: false,
    async run(input) {
      const value = Buffer.from(input.subarray(0, 4_096).filter((byte) => ![0, 10, 13].includes(byte)));
      for (const header of ['Authorization', 'Cookie']) {
        const answer = await send(Buffer.concat([Buffer.from(`GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}: `), value, Buffer.from('\r\n\r\n')]));
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
        const isOwn = /^\s*(?:bearer|token) +(\S+)\s*$/i.exec(value.toString('latin1'))?.[1] === keyOf('reader');
        if (status === 200 ? !isOwn || header === 'Cookie' : ![400, 401, 429, 431].includes(status))
          throw new Error(`${header}: ${answer.slice(0, 300)}`);
      }
    },
  }; // prettier-ignore

  test('never sign anybody in by chance and never break the hub', async () => {
    const { inputs } = await fuzz(target, { seed, ms: share, rounds: seconds > 0 ? 1 : 40 });
    expect(inputs).toBeGreaterThan(0);
    expect(t.logged.join('')).not.toContain('"level":"error"');
  }, 120_000);
});

describe('the fuzzer itself', () => {
  const failures = mkdtempSync(join(tmpdir(), 'talanoa-fuzz-self-'));
  afterAll(() => rmSync(failures, { recursive: true, force: true }));
  const run = (target: Pick<Target, 'run'>) =>
    fuzz(
      { name: 'self', seeds: [Buffer.from('{"objects":[]}')], words: ['"', '[1,2,3]'], ...target },
      { seed: 7, ms: 0, rounds: 60, failures },
    );

  test('finds an error outside the contract, keeps its input, and finds it again with its seed', async () => {
    const fragile = {
      run(input: Buffer) {
        if (input.includes('""')) throw new TypeError('two quotation marks');
      },
    };
    await expect(run(fragile)).rejects.toThrow(/self, FUZZ_SEED=7: TypeError: two quotation marks/);
    const [kept] = readdirSync(join(failures, 'self'));
    expect(readFileSync(join(failures, 'self', kept ?? ''), 'latin1')).toContain('""');
  }, 30_000);

  test('continues from the newest 200 inputs of earlier runs, and removes older ones', () => {
    const folder = mkdtempSync(join(failures, 'grown-'));
    for (let n = 0; n < 205; n++) {
      writeFileSync(join(folder, `${999 - n}`), `input ${n}`);
      utimesSync(join(folder, `${999 - n}`), n, n);
    }
    const found = grownInputs(folder).map(String);
    expect([found.length, found[0], found.at(-1)]).toEqual([200, 'input 204', 'input 5']);
    expect(readdirSync(folder)).toHaveLength(200);
  });

  test('finds work that grows with the square of the input', async () => {
    const quadratic = {
      run(input: Buffer) {
        for (let n = 0; n < input.length; n += 500) nesting(input, 1_000_000);
      },
    };
    await expect(run(quadratic)).rejects.toThrow(/twice the input takes \d+ steps instead of \d+/);
    await expect(run({ run: (input) => void nesting(input, 1_000_000) })).resolves.toMatchObject({
      inputs: 60,
    });
  }, 30_000);
});
