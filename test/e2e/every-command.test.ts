import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { run } from '../../src/cli/program.ts';
import { declaredCommands, type DeclaredCommand } from '../support/commands.ts';
import { testIo } from '../support/io.ts';
import { folder, startHub, type RunningHub } from '../support/program.ts';

/*
 * Runs every command of the program with a right, a wrong and an empty argument against a running hub, and reads every
 * line that it prints.
 */

const here = folder();
const data = join(here.path, 'data');
const WIDTH = 80;
let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub(['--data', data, '--no-feeds']);
  for (const args of [
    ['member', 'create', 'tonga', '--country', 'TO'],
    ['group', 'create', 'pacson'],
    ['account', 'create', 'moana', '--role', 'officer', '--member', 'tonga', '--person'],
    ['publish', 'evil.reef-bank.com', '--collection', 'indicators', '--tlp', 'green'],
  ])
    expect([args, (await talanoa(args)).code]).toEqual([args, 0]);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

/** Commands that are not run with values that they accept: they serve until somebody stops them. Other tests run them. */
const NOT_RUN = new Set(['serve']);

function commands(): readonly DeclaredCommand[] {
  return declaredCommands().filter(({ words }) => !NOT_RUN.has(words.join(' ')));
}

/** Values that exist at this hub, by the names of arguments and flags. */
const RIGHT: Readonly<Record<string, string>> = {
  '--collection': 'indicators', '--account': 'moana', '--member': 'tonga', '--days': '30', '--to': 'moana', collection: 'indicators', value: 'evil.reef-bank.com',
}; // prettier-ignore

function argumentsOf(
  { words, command }: DeclaredCommand,
  value: (name: string) => string,
  withOptional = false,
): readonly string[] {
  return [
    ...words,
    ...command.registeredArguments
      .filter(({ required }) => required || withOptional)
      .map((argument) => value(argument.name())),
    ...command.options
      .filter(({ mandatory }) => mandatory)
      .flatMap((option) => [option.long ?? '', option.argChoices?.[0] ?? value(option.long ?? '')]),
  ];
}

async function talanoa(args: readonly string[], hubData = data) {
  const { io, out, err } = testIo({
    columns: WIDTH,
    environment: { TALANOA_DATA: hubData, NO_COLOR: '1', HOME: here.path },
  });
  const stdin = Readable.from([]) as unknown as NodeJS.ReadStream;
  const code = await run(args, { ...io, stdin });
  return { code, out: shown(out()), err: shown(err()) };
}

/** Returns a text as a terminal shows it: a progress line that was cleared is gone. */
function shown(text: string): string {
  // eslint-disable-next-line no-control-regex
  return stripVTControlCharacters(text.replaceAll(/[^\n]*\u001b\[2K/g, ''));
}

/** No line for people may contain any of these. */
const FORBIDDEN: readonly (readonly [name: string, form: RegExp])[] = [
  ['a stack trace', /^\s+at .+:\d+:\d+/],
  ['undefined', /\bundefined\b/],
  ['an object as text', /\[object /],
  ['a number that is none', /\bNaN\b|\bInfinity\b|Invalid Date/],
  // Commands to copy may ask the API.
  ['a path of the API', /^(?!.*\bcurl\b).*\/api\/v1\//],
  [
    'an error of JavaScript',
    /Cannot (?:read propert|destructure|convert)|is not (?:a function|iterable)|Unexpected token/,
  ],
  ['an unexpected error', /TLN-X-500/],
  [
    'a fragment of a schema',
    /must NOT|must match|\/properties\/|(?:of the form|in the format) \^|\((?:s|ies)\)/,
  ],
  // Examples of input have times such as 2026-11-29T08:00:00Z.
  ['a time for programs', /\d{4}-\d\d-\d\dT\d\d:\d\d(?!:00Z)/],
];

function faultsOf(args: readonly string[], text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) =>
      FORBIDDEN.filter(([, form]) => form.test(line)).map(([name]) => `${args.join(' ')}: ${name}: ${line}`),
    );
}

/** Lines are wrapped. One word, such as an id or a link, or one command to copy may be longer than the terminal. */
function tooWide(args: readonly string[], text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.length > WIDTH && !/^\s*(?:talanoa |curl |(?:[A-Z ]+ {2,}|- )?\S+$)/.test(line))
    .map((line) => `${args.join(' ')}: ${line.length} columns: ${line}`);
}

/** Exit codes of all commands, as the reference of the command line lists them. */
const EXIT_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Runs a command, and returns what is wrong with its lines for people and with its documents for programs. */
async function faultsOfRun(known: DeclaredCommand, args: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await talanoa(args);
  const call = args.map((arg) => (arg === '' ? "''" : arg)).join(' ');
  const isData = ['show', 'export', 'explain', 'catalogue'].includes(known.words.at(-1) ?? '');
  const faults = [
    ...faultsOf(args, isData ? err : `${out}\n${err}`),
    ...tooWide(args, `${isData ? '' : out}\n${err}`),
  ];
  if (code === 0 && args.includes('')) faults.push(`${call}: succeeds`);
  if (code !== 0 && err === '' && out === '') faults.push(`${call}: fails without a word`);
  if (!EXIT_CODES.includes(code)) faults.push(`${call}: exit code ${code}`);
  if (code !== 0 && /^error: /m.test(err) && !/^error: .+\s+\[TLN-[A-Z]-\d{3}\]$/ms.test(err))
    faults.push(`${call}: an error without a code: ${err}`);
  return faults;
}

/**
 * Returns what is wrong with a command that prints JSON. Results go to stdout, as one document or one for each line. An
 * error is one document on stderr, with its code and the exit code.
 */
async function faultsOfJson(args: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await talanoa([...args, '--json']);
  const call = `${args.join(' ')} --json`;
  const faults = /undefined|\bNaN\b|\[object /.test(out) ? [`${call}: ${out}`] : [];
  const documents = parsed(out) ?? parsedLines(out);
  if (documents === undefined) faults.push(`${call}: ${out}`);
  if (code === 0) return faults;
  const errors = parsedLines(err)?.flatMap((found) => (found as { error?: object }).error ?? []);
  if (errors === undefined) return [...faults, `${call}: ${err}`];
  // Commands on several objects may fail with the results of each of them instead.
  if (errors.length > 1 || (errors.length === 0 && out === '')) faults.push(`${call}: ${code}: ${err}`);
  for (const error of errors)
    if (
      (error as { exit_code?: number }).exit_code !== code ||
      !/^TLN-[A-Z]-\d{3}$/.test(String((error as { code?: string }).code))
    )
      faults.push(`${call}: ${code}: ${err}`);
  return faults;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the documents of a text with one in each line, or undefined if a line is not JSON. */
function parsedLines(text: string): readonly unknown[] | undefined {
  const documents = text.trim().split('\n').filter(Boolean).map(parsed);
  return documents.includes(undefined) ? undefined : documents;
}

test.each([
  ['right', (name: string) => RIGHT[name] ?? 'tonga'],
  ['wrong', () => 'no-such-thing'],
  ['empty', () => ''],
] as const)(
  'every command prints lines for people when it gets a %s argument',
  async (_kind, value) => {
    const faults: string[] = [];
    for (const known of commands()) {
      const args = argumentsOf(known, value);
      faults.push(...(await faultsOfRun(known, args)), ...(await faultsOfJson(args)));
      const all = argumentsOf(known, value, true);
      if (all.length > args.length)
        faults.push(...(await faultsOfRun(known, all)), ...(await faultsOfJson(all)));
    }
    expect(faults).toEqual([]);
  },
  300_000,
);

/** Flags of `serve` whose wrong values a hub refuses. With all others it would start. */
const REFUSED_BY_SERVE = new Set(['--port', '--role']);

test.each([
  ['wrong', 'no-such-thing'],
  ['empty', ''],
] as const)(
  'every flag that takes a value prints lines for people when the value is %s, and creates nothing',
  async (kind, value) => {
    const before = readdirSync('.');
    const faults: string[] = [];
    for (const known of declaredCommands()) {
      const { words, command } = known;
      const given = argumentsOf(known, (name) => RIGHT[name] ?? 'tonga');
      for (const { long, required, optional } of command.options) {
        if (!(required || optional) || typeof long !== 'string') continue;
        if (words.join(' ') === 'serve' && kind === 'wrong' && !REFUSED_BY_SERVE.has(long)) continue;
        // It creates a hub in the folder that it is given.
        if (words.join(' ') === 'init' && long === '--data' && kind === 'wrong') continue;
        const at = given.indexOf(long);
        const args = at < 0 ? [...given, long, value] : given.with(at + 1, value);
        faults.push(...(await faultsOfRun(known, args)));
      }
    }
    expect(faults).toEqual([]);
    expect(readdirSync('.')).toEqual(before);
  },
  300_000,
);

test('a hub that was started without feeds says so wherever it shows them', async () => {
  // A new hub has feeds that have never run, and will not run by themselves.
  for (const words of [['status'], ['feed', 'list'], ['feed', 'show', 'urlhaus'], ['doctor']]) {
    const { out } = await talanoa(words);
    expect([words, out.replaceAll(/\s+/g, ' ')]).toEqual([
      words,
      expect.stringContaining('--no-feeds or TALANOA_FEEDS=false'),
    ]);
    expect(out).not.toMatch(/not run yet|another process/);
  }
});

test('no command prints the heads of a table without rows', async () => {
  const empty = join(here.path, 'empty');
  expect((await talanoa(['init'], empty)).code).toBe(0);
  const faults: string[] = [];
  for (const known of commands()) {
    const args = argumentsOf(known, (name) => RIGHT[name] ?? 'tonga');
    const { out } = await talanoa(args, empty);
    // Headings are in uppercase letters. A table without rows is one such line between empty lines.
    const parts = out.split(/\n\s*\n/).map((part) => part.trim());
    faults.push(
      ...parts
        .filter((part) => /^[A-Z]/.test(part) && !/[a-z]/.test(part) && part.includes('  '))
        .map((part) => `${args.join(' ')}: ${part}`),
    );
  }
  expect(faults).toEqual([]);
}, 300_000);
