import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { ERROR_CATALOGUE } from '../../src/server/error-catalogue.ts';
import { testIo } from '../support/io.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function talanoa(...args: readonly string[]) {
  const printed = testIo();
  const code = await run(args, printed.io);
  return { code, out: printed.out(), err: printed.err() };
}

describe('empty values', () => {
  test.each([
    [['held', 'show', ''], 'the argument id'],
    [['channel', 'show', ''], 'the argument name'],
    [['member', 'show', ''], 'the argument name'],
    [['red', 'show', ' '], 'the argument id'],
    [['feed', 'show', ''], 'the argument name'],
    [['key', 'revoke', 'key-1', ''], 'the argument keys'],
    [['secret', 'delete', ''], 'the argument name'],
    [['grant', 'create', '', ''], 'the argument collection'],
    [['search', ''], 'the argument value'],
    [['validate', ''], 'the argument files'],
    [['poll', ''], 'the argument url'],
    [['status', '--hub', ''], '--hub'],
    [['status', '--data', ''], '--data'],
    [['publish', '203.0.114.9', '--collection', ''], '--collection'],
    [['publish', '203.0.114.9', '--collection', 'x', '--labels', ''], '--labels'],
    [['revise', 'indicator--1', '--labels', ' , '], '--labels'],
    [['key', 'create', '--account', 'x', '--collections', ''], '--collections'],
    [['rule', 'create', 'x', '--from', 'a', '--to', 'b', '--labels', ''], '--labels'],
  ])('%j is a usage error that names the value, and creates nothing', async (args, name) => {
    const answer = await talanoa(...args);
    expect([answer.code, answer.out]).toEqual([2, '']);
    expect(answer.err).toContain('[TLN-C-026]');
    expect(answer.err.toLowerCase()).toContain(`the value of ${name.replace(/s$/, '')}`);
  });
});

describe('errors for programs', () => {
  const errorOf = (text: string) => (JSON.parse(text) as { error: Record<string, unknown> }).error;

  test('are JSON with --json, whether the command or its use is wrong', async () => {
    const missing = await talanoa('validate', join(folder, 'nope.json'), '--json');
    expect([missing.code, missing.out]).toEqual([4, '']);
    expect(errorOf(missing.err)).toMatchObject({ code: 'TLN-V-404', exit_code: 4, detail: 'The file does not exist.' });
    const empty = await talanoa('feed', 'show', '', '--json');
    expect(errorOf(empty.err)).toMatchObject({ code: 'TLN-C-026', exit_code: 2 });
    const unknown = await talanoa('feed', 'show', '--json');
    expect([unknown.code, errorOf(unknown.err)]).toMatchObject([2, { code: 'TLN-C-025', exit_code: 2 }]);
  }); // prettier-ignore

  test.each([
    [
      ['publish', '203.0.114.9', '--collection', 'x', '--dry-run', '--valid-from', 'yesterday'],
      '--valid-from',
    ],
    [
      ['publish', '203.0.114.9', '--collection', 'x', '--dry-run', '--valid-from', '2026-11-01'],
      '--valid-from',
    ],
    [['show', 'indicator--1', '--modified', '2026-11-01'], '--modified'],
  ])('%j names the flag whose time is wrong', async (args, flag) => {
    const { code, out, err } = await talanoa(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(flag);
  });

  test('are text otherwise, with the code and the next step', async () => {
    const { code, err } = await talanoa('frob');
    expect(code).toBe(2);
    expect(err).toBe(
      "error: unknown command 'frob'   [TLN-C-025]\n  Try: To list the commands, run: talanoa --help\n",
    );
  });

  test('quote the lines of a settings file as they are', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'hub:\n\ttitle: x\n');
    const { code, err } = await talanoa('status', '--config', file, '--data', join(folder, 'none'));
    expect(code).not.toBe(0);
    expect(err).not.toContain('?');
    expect(err.split('\n').length).toBeGreaterThan(3);
    expect(readdirSync(folder)).not.toContain('none');
  });
});

describe('a folder without a hub', () => {
  test.each([
    [['status']],
    [['key', 'create', '--account', 'x', '--collections', 'indicators']],
    [['member', 'create', 'tonga']],
    [['doctor']],
    [['search', '203.0.114.9']],
  ])('%j reports where it looked, and creates nothing', async (args) => {
    const empty = join(folder, 'empty');
    const { code, out, err } = await talanoa(...args, '--data', empty);
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('[TLN-C-404]');
    expect(err).toContain(join(empty, 'hub.sock'));
    expect(err).toContain('--data');
    expect(readdirSync(folder)).not.toContain('empty');
  });

  test('becomes a hub by "talanoa init", once, and "talanoa status" reports that it is not running', async () => {
    const data = join(folder, 'made');
    expect((await talanoa('init', '--data', data)).code).toBe(0);
    expect((await talanoa('status', '--data', data)).out).toContain('The hub is not running');
    expect(JSON.parse((await talanoa('status', '--data', data, '--json')).out)).toMatchObject({
      running: false,
    });
    expect((await talanoa('init', '--data', data)).err).toContain('[TLN-C-409]');
  });

  test('shows the presets, which ship with the program', async () => {
    const { code, out } = await talanoa('feed', 'catalogue', '--data', join(folder, 'empty'));
    expect([code, out.includes('urlhaus')]).toEqual([0, true]);
  });
});

describe('talanoa validate', () => {
  test('leaves a whole document behind when a later file cannot be read', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{"type":"indicator","spec_version":"2.1"}');
    const { code, out, err } = await talanoa('validate', file, join(folder, 'nope.json'), '--json');
    expect(code).toBe(4);
    expect((JSON.parse(out) as { errors: number }).errors).toBeGreaterThan(0);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'TLN-V-404' } });
  });

  test('refuses an empty file, and accepts an empty list', async () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '');
    expect(await talanoa('validate', empty)).toMatchObject({ code: 3, err: `error: ${empty} is empty   [TLN-C-028]\n  Try: Give a file with a STIX bundle, an envelope, a list of objects, or one object per line.\n` });
    writeFileSync(empty, '[]');
    expect(await talanoa('validate', empty)).toMatchObject({ code: 0 });
  }); // prettier-ignore
});

describe('help', () => {
  test('explains every error code of the catalogue', async () => {
    for (const { entries } of ERROR_CATALOGUE) {
      for (const { code, title, hint } of Object.values(entries)) {
        const answer = await talanoa('help', code);
        expect([code, answer.code, answer.err]).toEqual([code, 0, '']);
        expect(answer.out).toContain(code);
        expect(answer.out).toContain(title);
        if (hint !== undefined) expect(answer.out).toContain(hint);
      }
    }
    const json = await talanoa('help', 'tln-f-404', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ code: 'TLN-F-404', status: 404, exit_code: 4 });
  });

  test('explains commands in JSON, too', async () => {
    const { out } = await talanoa('help', 'feed', 'create', '--json');
    expect(JSON.parse(out)).toEqual({ help: expect.stringContaining('Usage: talanoa feed create') });
  });

  test('explains commands, and names the words that it does not know', async () => {
    expect((await talanoa('help')).out).toContain('Usage: talanoa [options] [command]');
    expect((await talanoa('help', 'feed', 'create')).out).toContain('Usage: talanoa feed create');
    for (const topic of [['frob'], ['feed', 'frob'], ['TLN-F-999']]) {
      const { code, err } = await talanoa('help', ...topic);
      expect([code, err]).toEqual([4, expect.stringContaining('[TLN-C-027]')]);
    }
  });
});
