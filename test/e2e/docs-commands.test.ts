import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import { anIndicator } from '../support/builders.ts';
import { folder } from '../support/program.ts';

/*
 * Runs the commands of the documentation page by page, in their order, each page with a data folder of its own. A new
 * command is run separately. Where it needs something to exist, its page gets a row in PAGES.
 */

const root = join(import.meta.dirname, '..', '..');
const here = folder();
let lists: Server;
let listUrl = '';
beforeAll(async () => {
  lists = createServer((_request, response) => {
    response.end('ip,seen\n203.0.114.9,2026-11-27T10:00:00Z\n203.0.114.10,2026-11-27T11:00:00Z\n');
  });
  await new Promise<void>((resolve) => lists.listen(0, '127.0.0.1', resolve));
  listUrl = `http://127.0.0.1:${(lists.address() as AddressInfo).port}/bad.csv`;
});
afterAll(() => {
  lists.close();
  here.remove();
});

/** A page at work: its folder, and the values of its placeholders. */
class Page {
  readonly #folder: string;
  readonly #environment: Record<string, string>;

  constructor(name: string, hasSettings: boolean) {
    this.#folder = join(here.path, name.replaceAll('/', '-'));
    mkdirSync(this.#folder);
    this.#environment = {
      NO_COLOR: '1',
      TALANOA_DATA: this.path('data'),
      THEIR_KEY: 'k'.repeat(40),
      THEIR_PASSWORD: 'p'.repeat(40),
      FIRST_HUB_KEY: 'k'.repeat(40),
      TALANOA_TEST: '1',
    };
    writeFileSync(this.path('bundle.json'), BUNDLE);
    writeFileSync(this.path('old.json'), BUNDLE.replaceAll(/"spec_version":"2\.1",?/g, ''));
    // The settings of a page that shows a file of its own. Nothing listens on the port of the other hub.
    const [, own] = /```yaml\n(hub: [\s\S]*?)```/.exec(readFileSync(join(root, name), 'utf8')) ?? [];
    if (own !== undefined)
      writeFileSync(this.path('second.yaml'), own.replaceAll('127.0.0.1:6420', '127.0.0.1:9'));
    if (!hasSettings) return;
    writeFileSync(this.path('talanoa.yaml'), SETTINGS.replace('LIST', new URL(listUrl).host));
    this.#environment['TALANOA_CONFIG'] = this.path('talanoa.yaml');
  }

  path(file: string): string {
    return join(this.#folder, file);
  }

  /** Runs a command and returns its exit code and its output. */
  async talanoa(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    // prettier-ignore
    const out: string[] = [];
    const err: string[] = [];
    const sink = (parts: string[]): NodeJS.WriteStream =>
      new Writable({
        write: (part: Buffer, _encoding, done) => {
          parts.push(part.toString());
          done();
        },
      }) as unknown as NodeJS.WriteStream;
    const exit = (code: number): never => {
      throw new Error(`the command ended the process with ${code}`);
    };
    const code = await run(args, {
      stdout: sink(out),
      stderr: sink(err),
      environment: this.#environment,
      exit,
    });
    return { code, stdout: out.join(''), stderr: err.join('') };
  }

  /** Runs a line of a shell that passes the text of a variable to a command. Returns the exit code. */
  shell(line: string): number | null {
    const command = line.replace('npx talanoa', '"$NODE" "$MAIN"');
    const env = { ...this.#environment, PATH: process.env['PATH'] ?? '', NODE: process.execPath, MAIN: join(root, 'dist', 'main.js'), KEY: 'k'.repeat(40), SECRET: 's'.repeat(40) }; // prettier-ignore
    return spawnSync('sh', ['-c', command], { cwd: this.#folder, env }).status;
  }

  /** Runs a command that must succeed. */
  async done(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.talanoa(...args);
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
  }

  /** Returns the path of a file that a command names in its folder, or the word itself. */
  file(word: string): string {
    return /^(?:\.\/)?[\w*-]+\.(?:json|ndjson|crt|key|yaml)$/.test(word)
      ? this.path(word.replace('*', 'bundle'))
      : word;
  }

  /** Runs a command that must succeed, and returns a property of the first item of its JSON output. */
  async item(property: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.talanoa(...args, '--json');
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    const { items } = JSON.parse(stdout) as { items: Record<string, unknown>[] };
    return String(items[0]?.[property]);
  }
}

const BUNDLE = JSON.stringify({
  type: 'bundle',
  id: 'bundle--2f5c8d3e-6a1b-4c7d-9e8f-0a1b2c3d4e5f',
  objects: [anIndicator()],
});

const SETTINGS = `
hub: { title: Pacific hub, region: [TO, WS] }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: 6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: indicators, title: Indicators, grants: [{ to: "role:administrator", read: true, write: true }, { to: "role:officer", read: true, write: true }] }
  - { id: 7f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: public, title: Public, unmarked: refuse, max_tlp: clear, grants: [{ to: public, read: true }] }
members:
  - { name: tonga, title: CERT Tonga, countries: [TO], networks: [203.0.113.0/26], collection: true }
  - { name: fiji, title: CERT Fiji, countries: [FJ], collection: true }
  - { name: vanuatu, title: CERT Vanuatu, countries: [VU], collection: true }
mail: { server: "smtp://127.0.0.1:9", from: hub@hub.example, insecure: true }
egress: { allow: ["LIST"] }
`;

/** The resources that exist before the commands of a page, in the order in which they are created. */
const WORLD: readonly (readonly string[])[] = [
  ['member', 'create', 'samoa', '--country', 'WS', '--network', '203.0.113.64/26'],
  ['collection', 'create', 'PaCSON shares', '--alias', 'pacson-shares'],
  ['account', 'create', 'moana', '--role', 'officer', '--member', 'tonga', '--person'],
  ['account', 'create', 'sefo', '--role', 'officer', '--member', 'tonga', '--person'],
  ['account', 'create', 'sensor', '--member', 'tonga'],
];

/** Commands that create part of the world themselves, so the page starts without it. */
const CREATES: Readonly<Record<string, readonly string[]>> = {
  'docs/how-to/manage-members.md': ['member', 'collection'],
};

/** Pages about a hub without a settings file. */
const WITHOUT_SETTINGS: ReadonlySet<string> = new Set([
  'README.md',
  'docs/tutorials/first-hub.md',
  'docs/tutorials/two-hubs.md',
]);

/** Lines that no test runs here, with the reason. */
const NOT_RUN: readonly (readonly [begin: RegExp, reason: string])[] = [
  [/^npm /, '.ci/run installs, builds and tests the repository'],
  [/^npx talanoa serve\b/, 'test/e2e/program.test.ts starts and stops hubs'],
  [/^(?:export THEIR_KEY=|read -rs TONGA_KEY|at=|printf 'Talanoa client certificate)/, 'shell of the reader'],
  [
    /^npx talanoa feed run first-hub/,
    'needs the first hub; test/taxii/taxii-client.test.ts reads collections',
  ],
  [
    /^curl --user ACCOUNT:KEY "?https:\/\/HUB\/lists/,
    'needs a hub with TLS; test/sharing/lists/lists.test.ts reads lists',
  ],
  [/^npx talanoa login /, 'asks a person; test/e2e/login.test.ts signs in to a hub'],
  [/^npx talanoa push /, 'needs another server; test/taxii/taxii-client.test.ts pushes'],
  [
    /^npx talanoa poll .* --key-env TONGA_KEY/,
    'needs the hub that runs; test/taxii/taxii-client.test.ts reads collections',
  ],
  [/^npx talanoa poll .* --follow/, 'runs until it is stopped; test/taxii/taxii-client.test.ts polls'],
];

/** Commands that cannot succeed in an empty world: the exit code that they must have, and the reason. */
const EXITS: readonly (readonly [command: RegExp, exit: number, reason: string])[] = [
  [/^talanoa (?:held (?:show|release|discard|give)|triage (?:assign|dismiss)) ID/, 4, 'nothing is on hold'],
  [/^talanoa member (?:approve|reject) ID/, 4, 'there is no request'],
  [/^talanoa share answer ID/, 4, 'there is no request'],
  [/^talanoa red show ID/, 4, 'nothing was given to the operator'],
  [/^talanoa delivery answer /, 5, 'the operator is not a member'],
  [/^talanoa red give FILE/, 4, 'the file is the one of the reader'],
  [/^talanoa member delegations /, 4, 'the file comes from a registry'],
  [/^talanoa publish VALUE --collection clients-vanuatu/, 5, 'only the member writes to it'],
  [/^talanoa search emotet/, 4, 'no object has this name'],
  [/^talanoa account link /, 4, 'this hub has no sign-in provider'],
  [/^talanoa key register-certificate /, 2, 'the files are those of the reader'],
  [/^talanoa pattern check "\[file:hashes\.SHA-256/, 3, 'the example shows an error'],
  [
    /^talanoa feed (?:create own-list\.json|update own-list|upload own-list)/,
    4,
    'the file is the one of the reader',
  ],
  [/^talanoa feed create \.\/partner\.json/, 4, 'the file is the one of the reader'],
  [/^talanoa suppression (?:show|lift) ID/, 4, 'the id is the one of the reader'],
  [/^talanoa (?:publish .* --attribution|anonymous (?:list|revoke))/, 5, 'the operator is not a member'],
  [/^talanoa anonymous open ID/, 5, 'the operator is not one of two people'],
  [/^talanoa wide-network (?:create|approve)/, 5, 'the operator is not one of two people'],
  [/^talanoa exercise (?:show|end) ID/, 4, 'the id is the one of the reader'],
  [/^talanoa exercise register ID/, 3, 'the contact is the one of the reader'],
  [/^talanoa exercise create .*--group pacson/, 4, 'the group is the one of the reader'],
  [/^talanoa contact import contacts\.csv/, 4, 'the file is the one of the reader'],
  [
    /^talanoa contact (?:show|update|delete|decide|verify) (?:ID|CHANGE)/,
    4,
    'the id is the one of the reader',
  ],
  [/^talanoa wide-network revoke ID/, 4, 'the id is the one of the reader'],
  [/^talanoa feedback (?:send|list)/, 5, 'the operator is not a member'],
  [/^talanoa feedback import/, 4, 'the file is the one of the reader'],
  [/^talanoa feedback (?:confirm|reject) ID/, 4, 'there is no case'],
  [/^talanoa values extract report\.pdf/, 4, 'the file is the one of the reader'],
  [/^talanoa values check seen\.csv/, 4, 'the file is the one of the reader'],
  [/^talanoa values show/, 4, 'no collection contains the value'],
  [/^talanoa feed show first-hub/, 4, 'only the start of the second hub applies its file'],
  [/^talanoa scorecard show feed:urlhaus/, 4, 'the feed has not run'],
  [/^talanoa list confirm tonga-border/, 7, 'nothing waits for a confirmation'],
];

/** Returns the lines of the shell blocks of a page, with continued lines joined. */
function linesOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].flatMap(([, , block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .replaceAll(/\|\n\s*/g, '| ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

/** Splits a command into its words as a shell does. `into` is the file after `>`. */
function wordsOf(line: string): { readonly args: readonly string[]; readonly into: string | undefined } {
  const words = [...line.matchAll(/(?:^|\s+)(#.*$|(?:'[^']*'|"[^"]*"|[^\s'"])+)/g)].map(
    ([, word = '']) => word,
  );
  const end = words.findIndex((word) => word.startsWith('#'));
  const plain = (end < 0 ? words : words.slice(0, end)).map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_whole, one?: string, two?: string) => one ?? two ?? ''),
  );
  const at = plain.indexOf('>');
  return { args: at < 0 ? plain : plain.slice(0, at), into: at < 0 ? undefined : plain[at + 1] };
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].filter((page) => linesOf(page).length > 0);

const MONTH_MS = 30 * 86_400_000;

/** Creates the world of a page, and returns the values of its placeholders. */
async function worldOf(name: string, page: Page): Promise<(text: string) => string> {
  const left = CREATES[name] ?? [];
  if (!WITHOUT_SETTINGS.has(name))
    for (const command of WORLD) if (!left.includes(command[0] ?? '')) await page.done(...command);
  const values: [RegExp, string][] = [
    [/https:\/\/lists\.example\.org\/bad\.csv/g, listUrl],
    [/ --hub https:\/\/hub\.example\.org/g, ''],
    // The deadlines on a page are in the past some day.
    [/--until \d{4}-\d\d-\d\dT[\d:]+Z/g, `--until ${new Date(Date.now() + MONTH_MS).toISOString()}`],
  ];
  const uses = (pattern: RegExp): boolean => linesOf(name).some((line) => pattern.test(line));
  if (uses(/indicator--…/)) values.push([/indicator--…/g, await page.item('id', 'publish', 'evil.reef-bank.com', '--collection', 'indicators', '--tlp', 'green')]); // prettier-ignore
  if (uses(/4551ad306701ba99/)) {
    await page.done('account', 'create', 'robot');
    await page.done('key', 'create', '--account', 'robot');
    values.push([/4551ad306701ba99/g, await page.item('id', 'key', 'list', '--account', 'robot')]);
  }
  if (uses(/member decide ID/)) {
    await page.done('member', 'claim', 'tonga', 'domain', 'gov.to', '--evidence', 'whois');
    values.push([/member decide ID/g, `member decide ${await page.item('id', 'member', 'claims')}`]);
  }
  return (text) => values.reduce((said, [from, to]) => said.replaceAll(from, to), text);
}

test.each(pages)(
  'the commands of %s run',
  async (name) => {
    const page = new Page(name, !WITHOUT_SETTINGS.has(name));
    await page.done('init');
    const filled = await worldOf(name, page);
    for (const line of linesOf(name)) {
      if (NOT_RUN.some(([begin]) => begin.test(line))) continue;
      if (/^printf .* \| npx talanoa /.test(line)) {
        expect([name, line, page.shell(line)]).toEqual([name, line, 0]);
        continue;
      }
      expect(line).toMatch(/^npx talanoa /);
      const { args, into } = wordsOf(filled(line).replaceAll(/\bVALUE\b/g, 'bad.reef-bank.com'));
      const [, exit = 0] = EXITS.find(([command]) => command.test(line.slice('npx '.length))) ?? [];
      const { code, stdout, stderr } = await page.talanoa(...args.slice(2).map((word) => page.file(word)));
      expect([name, line, code, code === exit ? '' : `${stdout}${stderr}`]).toEqual([name, line, exit, '']);
      if (into !== undefined) writeFileSync(page.path(into), stdout);
    }
  },
  120_000,
);

test('every exception is about a command of the documentation', () => {
  const lines = pages.flatMap(linesOf);
  for (const [begin] of NOT_RUN)
    expect([begin, lines.some((line) => begin.test(line))]).toEqual([begin, true]);
  for (const [command] of EXITS)
    expect([command, lines.some((line) => command.test(line.slice('npx '.length)))]).toEqual([command, true]);
  const named = NOT_RUN.flatMap(([, reason]) => reason.match(/test\/[\w./-]+\.ts/g) ?? []);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(lines.length).toBeGreaterThan(100);
});
