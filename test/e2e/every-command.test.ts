import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Commands that are not run: they serve, read standard input, or speak to another server. Other tests run them. */
const NOT_RUN = new Set(['serve', 'login', 'poll', 'push', 'secret set']);

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
): readonly string[] {
  return [
    ...words,
    ...command.registeredArguments
      .filter(({ required }) => required)
      .map((argument) => value(argument.name())),
    ...command.options
      .filter(({ mandatory }) => mandatory)
      .flatMap((option) => [option.long ?? '', option.argChoices?.[0] ?? value(option.long ?? '')]),
  ];
}

async function talanoa(args: readonly string[], hubData = data) {
  const { io, out, err } = testIo({ columns: WIDTH, environment: { TALANOA_DATA: hubData, NO_COLOR: '1' } });
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

/** No line for people may contain any of these. */
const FORBIDDEN: readonly (readonly [name: string, form: RegExp])[] = [
  ['a stack trace', /^\s+at .+:\d+:\d+/],
  ['undefined', /\bundefined\b/],
  ['an object as text', /\[object /],
  [
    'an error of JavaScript',
    /Cannot (?:read propert|destructure|convert)|is not (?:a function|iterable)|Unexpected token/,
  ],
  ['an unexpected error', /TLN-X-500/],
  [
    'a fragment of a schema',
    /must NOT|must match|\/properties\/|(?:of the form|in the format) \^|\((?:s|ies)\)/,
  ],
  ['a time without a zone that people read', /\d{4}-\d\d-\d\dT\d\d:\d\d/],
];

function faultsOf(args: readonly string[], text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) =>
      FORBIDDEN.filter(([, form]) => form.test(line)).map(([name]) => `${args.join(' ')}: ${name}: ${line}`),
    );
}

/** Lines of a table are wrapped. One word, such as an id or a link, may be longer than the terminal. */
function tooWide(args: readonly string[], text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.length > WIDTH && line.trim().includes('  '))
    .map((line) => `${args.join(' ')}: ${line.length} columns: ${line}`);
}

test.each([
  ['right', (name: string) => RIGHT[name] ?? 'tonga'],
  ['wrong', () => 'no-such-thing'],
  ['empty', () => ''],
] as const)(
  'every command prints lines for people when it gets a %s argument',
  async (kind, value) => {
    writeFileSync(join(here.path, 'empty.json'), '');
    const faults: string[] = [];
    for (const known of commands()) {
      const args = argumentsOf(known, value);
      const { code, out, err } = await talanoa(args);
      const isData = ['show', 'export', 'explain', 'catalogue'].includes(known.words.at(-1) ?? '');
      faults.push(...faultsOf(args, isData ? err : `${out}\n${err}`), ...tooWide(args, out));
      if (code === 0 && kind === 'empty' && args.includes('')) faults.push(`${args.join(' ')}: succeeds`);
      if (code !== 0 && err === '' && out === '') faults.push(`${args.join(' ')}: fails without a word`);
    }
    expect(faults).toEqual([]);
  },
  300_000,
);

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
