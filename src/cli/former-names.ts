import type { Io } from './io.ts';

/**
 * Names that commands had before every command used the same verbs. They work for this release, with a notice, and are
 * in no help.
 */
export const FORMER_NAMES: Readonly<Record<string, string>> = {
  'account add': 'account create',
  'account set': 'account update',
  'account remove': 'account delete',
  'channel add': 'channel create',
  'channel remove': 'channel delete',
  'collection add': 'collection create',
  'feed add': 'feed create',
  'feed change': 'feed update',
  'feed remove': 'feed delete',
  'feedback refuse': 'feedback reject',
  'grant add': 'grant create',
  'grant remove': 'grant revoke',
  'group add': 'group create',
  'member add': 'member create',
  'member change': 'member update',
  'member refuse': 'member reject',
  'rule add': 'rule create',
  'rule remove': 'rule delete',
  'secret remove': 'secret delete',
  'triage give': 'triage assign',
};

/**
 * Returns the words of a command line with the present name of its command, and prints one line on standard error when
 * the name was a former one: text for people, or a JSON document for programs.
 */
export function withPresentName(argv: readonly string[], io: Io, isJson: boolean): readonly string[] {
  const at = argv[0] === 'help' ? 1 : 0;
  const former = argv.slice(at, at + 2).join(' ');
  const present = Object.hasOwn(FORMER_NAMES, former) ? FORMER_NAMES[former] : undefined;
  if (present === undefined) return argv;
  const notice = `"talanoa ${former}" is now "talanoa ${present}".`;
  io.stderr.write(`${isJson ? JSON.stringify({ notice }) : notice}\n`);
  return [...argv.slice(0, at), ...present.split(' '), ...argv.slice(at + 2)];
}
