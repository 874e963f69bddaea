// Former names of commands, stored keys, questions, and the names of hubs and files.
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  keyFor,
  loginAt,
  loginOrigins,
  loginsFile,
  remoteHub,
  removeLogin,
  storeLogin,
} from '../../src/cli/credentials.ts';
import { FORMER_NAMES, withPresentName } from '../../src/cli/former-names.ts';
import { demandHub, isHub } from '../../src/cli/hub-finding.ts';
import { count, counted, readInput } from '../../src/cli/io.ts';
import { agreed, openQuestions } from '../../src/cli/questions.ts';
import { typedAddress } from '../../src/cli/typed-address.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { declaredCommands } from '../support/commands.ts';
import { testIo } from '../support/io.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-own-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('former names of commands', () => {
  const present = new Set(declaredCommands().map(({ words }) => words.join(' ')));
  test.each(Object.entries(FORMER_NAMES))('talanoa %s is now %s', (former, now) => {
    expect([
      present.has(former),
      present.has(now) || [...present].some((name) => name.startsWith(`${now} `)),
    ]).toEqual([false, true]);
    for (const json of [false, true]) {
      const { io, err } = testIo();
      expect(withPresentName([...former.split(' '), 'a', '--b'], io, json)).toEqual([
        ...now.split(' '),
        'a',
        '--b',
      ]);
      const notice = `"talanoa ${former}" is now "talanoa ${now}".`;
      expect(err()).toBe(`${json ? JSON.stringify({ notice }) : notice}\n`);
    }
  });

  test('leave other words as they are', () => {
    const { io, err } = testIo();
    for (const words of [
      ['account', 'create'],
      ['constructor'],
      [],
      ['member', '__proto__'],
      ['x', 'account', 'add'],
    ])
      expect(withPresentName(words, io, false)).toEqual(words);
    expect(err()).toBe('');
  });
});

describe('stored keys', () => {
  const login = (key: string) => ({ account: 'moana', id: 'k1', key, expires: '2026-12-01T00:00:00Z' });
  const [A, B] = [new URL('https://a.example/x'), new URL('https://b.example:8443')];
  test('are kept for each hub in a file of their owner, until the last one is removed', () => {
    const { io } = testIo({ environment: { XDG_CONFIG_HOME: join(folder, 'config') } });
    expect([loginAt(A, io), loginOrigins(io)]).toEqual([undefined, []]);
    storeLogin(A, login('one'), io);
    storeLogin(B, login('two'), io);
    storeLogin(A, login('three'), io);
    const file = loginsFile(io);
    expect([statSync(file).mode & 0o777, loginOrigins(io)]).toEqual([
      0o600,
      ['https://a.example', 'https://b.example:8443'],
    ]);
    expect([
      loginAt(new URL('https://a.example/other'), io)?.key,
      loginAt(new URL('http://a.example'), io),
    ]).toEqual(['three', undefined]);
    chmodSync(file, 0o644);
    removeLogin(A, io);
    expect([statSync(file).mode & 0o777, loginOrigins(io)]).toEqual([0o600, ['https://b.example:8443']]);
    removeLogin(B, io);
    expect(existsSync(file)).toBe(false);
    removeLogin(B, io);
  });

  test('give way to the key in the environment', () => {
    const home = join(folder, 'home');
    const at = (environment: Record<string, string>) =>
      testIo({ environment: { HOME: home, ...environment } }).io;
    expect(loginsFile(at({}))).toBe(join(home, '.config', 'talanoa', 'logins.json'));
    expect(loginsFile(at({ XDG_CONFIG_HOME: '' }))).toBe(join(home, '.config', 'talanoa', 'logins.json'));
    storeLogin(A, login('stored'), at({}));
    expect([
      keyFor(A, at({})),
      keyFor(A, at({ TALANOA_KEY: 'given' })),
      keyFor(A, at({ TALANOA_KEY: '' })),
      keyFor(B, at({})),
    ]).toEqual(['stored', 'given', 'stored', undefined]);
  });

  test.each(['x', '[]', '5', ''])('in a damaged file, %j, are an error and stay', (text) => {
    const { io } = testIo({ environment: { XDG_CONFIG_HOME: join(folder, 'damaged') } });
    mkdirSync(join(folder, 'damaged', 'talanoa'), { recursive: true });
    writeFileSync(loginsFile(io), text);
    for (const work of [() => loginAt(A, io), () => storeLogin(A, login('x'), io), () => removeLogin(A, io)])
      expect(work).toThrow(expect.objectContaining({ code: 'TLN-C-066' }));
    expect(readFileSync(loginsFile(io), 'utf8')).toBe(text);
  });

  test('cannot be written below a file', () => {
    const { io } = testIo({ environment: { XDG_CONFIG_HOME: write('no-folder', 'x') } });
    expect(() => storeLogin(A, login('x'), io)).toThrow(Problem);
  });

  test('the hub of a command is that of the flag, else of the environment', () => {
    const of = (hub: string | undefined, environment: Record<string, string>) =>
      remoteHub(hub === undefined ? {} : { hub }, { environment });
    expect([
      of('a', { TALANOA_HUB: 'b' }),
      of(undefined, { TALANOA_HUB: 'b' }),
      of(undefined, {}),
      of('', { TALANOA_HUB: 'b' }),
      of(undefined, { TALANOA_HUB: '' }),
    ]).toEqual(['a', 'b', undefined, undefined, undefined]);
  });
});

describe('questions', () => {
  const asking = (isTTY: boolean, lines: string) => {
    const stdin = Object.assign(new PassThrough(), { isTTY });
    const printed = testIo(isTTY ? { columns: 80 } : {});
    stdin.end(lines);
    return { ...printed, io: { ...printed.io, stdin: stdin as unknown as NodeJS.ReadStream } };
  };
  test('read one answer per line from a pipe, and report a missing one', async () => {
    const { io, err, out } = asking(false, 'one\ntwo\n');
    const questions = openQuestions(io);
    expect([await questions.ask('Name: '), await questions.askHidden('Word: ')]).toEqual(['one', 'two']);
    await expect(questions.ask('More: ')).rejects.toMatchObject({
      code: 'TLN-C-068',
      title: 'No answer to the question "More"',
    });
    questions.close();
    expect([err(), out()]).toEqual(['Name: Word: More: ', '']);
  });

  test.each([
    ['y', true],
    ['YES', true],
    [' yes ', true],
    ['n', false],
    ['', false],
    ['yesterday', false],
  ])('at a terminal, %j is consent: %s', async (answer, expected) => {
    const { io } = asking(true, `${answer}\n`);
    expect(await agreed('Sure? ', {}, io)).toBe(expected);
  });

  test('are not asked in scripts or with --yes, and an ended input does not consent', async () => {
    const script = asking(false, '');
    expect([await agreed('Sure? ', {}, script.io), script.err()]).toEqual([true, '']);
    const yes = asking(true, '');
    expect([await agreed('Sure? ', { yes: true }, yes.io), yes.err()]).toEqual([true, '']);
    expect(await agreed('Sure? ', {}, asking(true, '').io)).toBe(false);
  });
});

describe('names of hubs and files', () => {
  test('a folder has a hub by its store, and a database is always one', () => {
    const config = (data: string, uri?: string) => ({ ...loadConfig({ data }, {}), mongodbUri: uri });
    const empty = join(folder, 'no-hub');
    expect([isHub(config(empty)), isHub(config(empty, 'mongodb://x'))]).toEqual([false, true]);
    const where = (environment: Record<string, string>, flag?: string): string => {
      try {
        demandHub(config(empty), flag === undefined ? {} : { data: flag }, testIo({ environment }).io);
      } catch (error) {
        return (error as Problem).description ?? '';
      }
      return '';
    };
    expect(where({}, empty)).toContain('The folder comes from the flag --data.');
    expect(where({ TALANOA_DATA: empty })).toContain(
      'The folder comes from the environment variable TALANOA_DATA.',
    );
    mkdirSync(join(empty, 'demo'), { recursive: true });
    writeFileSync(join(empty, 'demo', 'hub.db'), '');
    expect(() => demandHub(config(empty), {}, testIo().io)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`A hub exists in ${join(empty, 'demo')}`) }),
    );
    writeFileSync(join(empty, 'hub.db'), '');
    demandHub(config(empty), {}, testIo().io);
  });

  test.each(['localhost:6420', 'hub.example', 'ftp://hub.example', '', '//hub.example'])(
    '%j is not the address of a hub',
    (text) => {
      expect(() => typedAddress(text, 'Write it so.')).toThrow(
        expect.objectContaining({
          code: 'TLN-C-022',
          title: `Invalid address: "${text}"`,
          hint: 'Write it so.',
        }),
      );
    },
  );

  test('an address that a person typed is used as it is', () => {
    expect(
      ['http://127.0.0.1:6420/x', 'https://[::1]'].map((text) => typedAddress(text, '').url.href),
    ).toEqual(['http://127.0.0.1:6420/x', 'https://[::1]/']);
  });

  test('files are read completely, or the error gives the reason', () => {
    expect(readInput(write('plain', 'x')).toString()).toBe('x');
    for (const [file, description] of [
      [join(folder, 'none'), 'The file does not exist.'],
      [folder, 'It is a folder, not a file.'],
    ] as const)
      expect(() => readInput(file)).toThrow(expect.objectContaining({ code: 'TLN-V-404', description }));
    expect([0, 1_000, 1_234_567].map(count)).toEqual(['0', '1,000', '1,234,567']);
    expect([0, 1, 2_000].map((n) => counted(n, 'object'))).toEqual([
      '0 objects',
      '1 object',
      '2,000 objects',
    ]);
  });
});
