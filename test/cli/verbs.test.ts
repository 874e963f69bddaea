import { expect, test } from '@jest/globals';
import { FORMER_NAMES } from '../../src/cli/former-names.ts';
import { run } from '../../src/cli/program.ts';
import { OPERATIONS } from '../attack/operations.ts';
import { declaredCommands } from '../support/commands.ts';
import { testIo } from '../support/io.ts';

/** The verbs that every kind of resource has. */
const RESOURCE_VERBS = new Set(['list', 'show', 'create', 'update', 'delete']);

/**
 * Actions that are none of the above. `set` stores a secret whether or not there is one, `grant` adds rights to what
 * there is, and `revoke` ends a key or a grant, of which the audit log keeps the record. `open` breaks a seal, and
 * `extract` finds values in a document.
 */
const ACTIONS = new Set([
  'answer', 'approve', 'ask', 'assign', 'check', 'claim', 'clear', 'confirm', 'decide', 'discard', 'dismiss', 'end',
  'explain', 'export', 'extract', 'give', 'grant', 'import', 'invite', 'join', 'leave', 'lift', 'link', 'open', 'pause', 'rebuild',
  'register', 'register-certificate', 'reject', 'release', 'replay', 'request', 'resend', 'reset-second-factor',
  'resume', 'revoke', 'rotate', 'run', 'send', 'set', 'test', 'try', 'unlink', 'upload', 'verify', 'withdraw',
]); // prettier-ignore

/** Commands that only show something, and are called after what they show. */
const VIEWS = new Set([
  'account sign-ins', 'delivery lag', 'delivery log', 'delivery why', 'feed catalogue', 'feed history', 'feed quarantine',
  'feed usefulness', 'contact changes', 'feedback cases', 'key unused', 'list removals', 'member claims', 'member delegations',
  'member requests',
]); // prettier-ignore

/** The group `share` is a verb itself. */
const PHRASES = new Set(['share with', 'share into']);

test('every command of a group has a verb of resources, a known action, or the name of what it shows', () => {
  const names = declaredCommands()
    .filter(({ words }) => words.length > 1)
    .map(({ words }) => words);
  const others = names.filter(
    (words) =>
      ![RESOURCE_VERBS, ACTIONS].some((verbs) => verbs.has(words[1] ?? '')) &&
      ![VIEWS, PHRASES].some((known) => known.has(words.join(' '))),
  );
  expect(others.map((words) => words.join(' '))).toEqual([]);
  // A verb that no command uses must leave the list.
  const all = new Set(names.map((words) => words.join(' ')));
  const verbs = new Set(names.map(([, verb = '']) => verb));
  expect([...VIEWS, ...PHRASES].filter((name) => !all.has(name))).toEqual([]);
  expect([...ACTIONS].filter((verb) => !verbs.has(verb))).toEqual([]);
});

/** The method of an operation of each verb that every resource has. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  list: ['GET'],
  get: ['GET'],
  create: ['POST'],
  update: ['PATCH', 'PUT'],
  delete: ['DELETE'],
};

/** Actions of operations that are none of the above. The steps of a sign-in begin with a challenge and submit a factor. */
const OPERATION_ACTIONS = new Set([
  'answer', 'approve', 'assign', 'begin', 'check', 'compare', 'complete', 'confirm', 'connect', 'decide', 'discard', 'dismiss',
  'end', 'explain', 'export', 'extract', 'give', 'import', 'invite', 'join', 'leave', 'lift', 'link', 'open', 'pause', 'preview', 'propose',
  'publish', 'rebuild', 'register', 'release', 'renew', 'replay', 'request', 'reset', 'resolve', 'resume', 'retry', 'revise',
  'revoke', 'rotate', 'run', 'search', 'send', 'set', 'share', 'sign', 'submit', 'unlink', 'upload', 'verify', 'who',
  'withdraw',
]); // prettier-ignore

test('every operation of the API has a verb of resources with its method, or a known action', () => {
  const verbOf = (name: string): string => /^[a-z]+/.exec(name)?.[0] ?? '';
  const names = Object.entries(OPERATIONS).map(([name, { method }]) => ({
    name,
    method,
    verb: verbOf(name),
  }));
  const others = names.filter(({ method, verb }) =>
    Object.hasOwn(METHODS, verb) ? METHODS[verb]?.includes(method) !== true : !OPERATION_ACTIONS.has(verb),
  );
  expect(others.map(({ name, method }) => `${method} ${name}`)).toEqual([]);
  const verbs = new Set(names.map(({ verb }) => verb));
  expect([...OPERATION_ACTIONS].filter((verb) => !verbs.has(verb))).toEqual([]);
});

test.each([
  ['account add', 'account create'],
  ['account set', 'account update'],
  ['account remove', 'account delete'],
  ['channel add', 'channel create'],
  ['channel remove', 'channel delete'],
  ['collection add', 'collection create'],
  ['feed add', 'feed create'],
  ['feed change', 'feed update'],
  ['feed remove', 'feed delete'],
  ['feedback refuse', 'feedback reject'],
  ['grant add', 'grant create'],
  ['grant remove', 'grant revoke'],
  ['group add', 'group create'],
  ['member add', 'member create'],
  ['member change', 'member update'],
  ['member refuse', 'member reject'],
  ['rule add', 'rule create'],
  ['rule remove', 'rule delete'],
  ['secret remove', 'secret delete'],
  ['triage give', 'triage assign'],
])('the former name %s calls %s, with a line on standard error', async (former, present) => {
  const notice = `"talanoa ${former}" is now "talanoa ${present}".`;
  const { io, out, err } = testIo();
  expect(await run([...former.split(' '), '--help'], io)).toBe(0);
  expect(out()).toMatch(new RegExp(`^Usage: talanoa ${present} `));
  expect(err()).toBe(`${notice}\n`);
  const help = testIo();
  expect(await run(['help', ...former.split(' ')], help.io)).toBe(0);
  expect([help.out(), help.err()]).toEqual([out(), err()]);
  // A program that reads JSON from standard error can still read each line.
  const json = testIo();
  await run([...former.split(' '), '--json', '--no-such-flag'], json.io);
  const lines = json.err().trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
  expect(lines).toEqual([{ notice }, { error: expect.objectContaining({ code: 'TLN-C-025' }) }]);
});

test('no help lists a former name, and each leads to a command', () => {
  const names = new Set(declaredCommands().map(({ words }) => words.join(' ')));
  expect(Object.keys(FORMER_NAMES).filter((former) => names.has(former))).toEqual([]);
  expect(Object.values(FORMER_NAMES).filter((present) => !names.has(present))).toEqual([]);
});
