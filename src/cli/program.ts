import { Command, CommanderError } from 'commander';
import { VERSION } from '../server/version.ts';
import { declareConnect } from './commands/connect.ts';
import { declareAccount } from './commands/account.ts';
import { declareAnonymous } from './commands/anonymous.ts';
import { declareAudit } from './commands/audit.ts';
import { declareChannel } from './commands/channel.ts';
import { declareCollection } from './commands/collection.ts';
import { declareDelivery } from './commands/delivery.ts';
import { declareDoctor } from './commands/doctor.ts';
import { declareFeedback } from './commands/feedback.ts';
import { declareFeed } from './commands/feed.ts';
import { declareGroup } from './commands/group.ts';
import { declareHelp } from './commands/help.ts';
import { declareHeld } from './commands/held.ts';
import { declareKey } from './commands/key.ts';
import { declareList } from './commands/list.ts';
import { declareLogin } from './commands/login.ts';
import { declareMember } from './commands/member.ts';
import { declarePattern } from './commands/pattern.ts';
import { declarePublish } from './commands/publish.ts';
import { declareRed } from './commands/red.ts';
import { declareRevoke } from './commands/revoke.ts';
import { declareRule } from './commands/rule.ts';
import { declareSearch } from './commands/search.ts';
import { declareSecret } from './commands/secret.ts';
import { declareServe } from './commands/serve.ts';
import { declareSession } from './commands/session.ts';
import { declareShare } from './commands/share.ts';
import { declareShow } from './commands/show.ts';
import { declareStatus } from './commands/status.ts';
import { declareSuppression } from './commands/suppression.ts';
import { declareTaxii } from './commands/taxii.ts';
import { declareTriage } from './commands/triage.ts';
import { declareUpgrade } from './commands/upgrade.ts';
import { declareValues } from './commands/values.ts';
import { declareScorecard } from './commands/scorecard.ts';
import { declareValidate } from './commands/validate.ts';
import { declareExercise } from './commands/exercise.ts';
import { declareContact } from './commands/contact.ts';
import { declareWideNetwork } from './commands/wide-network.ts';
import { commandOf, type CommandKit } from './commands/kit.ts';
import { commandErrors } from './command-errors.ts';
import { withPresentName } from './former-names.ts';
import { markedIds, unmarkIds, unmarked } from './hyphen-ids.ts';
import { EXIT, type Io } from './io.ts';
import { withFittedOutput } from './prose.ts';

/** The declarations of all commands, in the order in which the help lists them. */
export const DECLARATIONS: readonly ((kit: CommandKit) => void)[] = [
  declareServe,
  declareStatus,
  declareDoctor,
  declareLogin,
  declareKey,
  declareAccount,
  declareSession,
  declareAudit,
  declareCollection,
  declareMember,
  declareContact,
  declareExercise,
  declareGroup,
  declareChannel,
  declareHeld,
  declareRed,
  declareShare,
  declareRule,
  declareDelivery,
  declareTriage,
  declareFeed,
  declareSecret,
  declarePublish,
  declareAnonymous,
  declareSearch,
  declareShow,
  declareValues,
  declareScorecard,
  declareConnect,
  declareFeedback,
  declareSuppression,
  declareWideNetwork,
  declareList,
  declareRevoke,
  declareTaxii,
  declareUpgrade,
  declarePattern,
  declareValidate,
  declareHelp,
];

/**
 * Runs the command line. The code of a command is loaded when it is called. Returns the exit code. Errors are printed
 * to stderr in three lines.
 */
export async function run(words: readonly string[], given: Io): Promise<number> {
  const io = withFittedOutput(given);
  let code: number = EXIT.done;
  const isJson = words.includes('--json');
  const argv = markedIds(withPresentName(words, io, isJson));
  let usage = '';
  let called: Command | undefined;
  const program = new Command('talanoa');
  program
    .description('Threat intelligence sharing hub for STIX 2.1 and TAXII 2.1')
    .version(VERSION)
    .showSuggestionAfterError(true)
    .exitOverride()
    // Long names of subcommands must not keep their descriptions from being wrapped.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => (usage += unmarked(text)),
    })
    .hook('preAction', (_program, command) => {
      called = command;
      unmarkIds(command);
      demandValues(command);
    });
  for (const declare of DECLARATIONS)
    declare({
      program,
      command: commandOf,
      io,
      ended: (exit) => (code = exit),
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { printError, printUsage } = await import('./errors.ts');
    if (!(error instanceof CommanderError))
      return printError(error, io, isJson, called === undefined ? [] : flagsOf(called));
    if (error.code === 'commander.missingMandatoryOptionValue') usage = argumentFault(program, argv) ?? usage;
    if (usage !== '') printUsage(inWords(usage), nextCommands(program, argv), io, isJson);
    return EXIT.usage;
  }
}

/** Returns a usage error of the parser of the command line as a sentence for people. */
function inWords(usage: string): string {
  return usage
    .replace(/command-argument value '[^']*' is invalid for argument '\w+'\. /, '')
    .replace(
      /option '(?:-\w, )?(--[\w-]+)[^']*' argument '([^']*)' is invalid\. /,
      'Invalid value of $1: "$2". ',
    );
}

/** Returns the names of the flags and arguments of a command, as they are typed. */
function flagsOf(command: Command): readonly string[] {
  return [
    ...command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
    ...command.registeredArguments.map((argument) => argument.name()),
  ];
}

/** Returns the command or the group of commands that the words name. */
function commandIn(program: Command, argv: readonly string[]): Command {
  let found = program;
  for (const word of argv) {
    const next = found.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    found = next;
  }
  return found;
}

/**
 * Returns what is wrong with the arguments of a command that lacks a flag. People type the arguments first, so this
 * error comes first. Undefined if the arguments are right.
 */
function argumentFault(program: Command, argv: readonly string[]): string | undefined {
  const { registeredArguments, args } = commandIn(program, argv);
  for (const [i, argument] of registeredArguments.entries()) {
    const given = args[i];
    if (given === undefined) return argument.required ? `missing required argument '${argument.name()}'` : undefined;
    try {
      argument.parseArg?.(given, undefined);
    } catch (error) {
      if (error instanceof CommanderError) return error.message;
      throw error;
    }
  }
  return undefined;
} // prettier-ignore

/** Returns the hint for an incomplete command: the commands of its group. Undefined for a single command. */
function nextCommands(program: Command, argv: readonly string[]): string | undefined {
  const group = commandIn(program, argv);
  if (group.commands.length === 0) return undefined;
  if (group === program) return 'To list the commands, run: talanoa --help';
  const names = group.commands.map((one) => one.name()).filter((name) => name !== 'help');
  return `Commands of talanoa ${group.name()}: ${names.join(', ')}.`;
}

/**
 * Refuses empty arguments and flags. They come from variables of a shell that are not set, and an empty name would
 * otherwise become a part of an address of the API.
 */
function demandValues(command: Command): void {
  command.registeredArguments.forEach((argument, i) => {
    const given: unknown = command.processedArgs[i];
    for (const value of Array.isArray(given) ? given : [given])
      if (isBlank(value)) throw commandErrors.emptyValue({ name: `the argument ${argument.name()}` });
  });
  for (const option of command.options) {
    const given: unknown = command.getOptionValue(option.attributeName());
    // A flag that takes a list makes an empty one of an empty text.
    for (const value of Array.isArray(given) && given.length > 0 ? given : [given])
      if (isBlank(value)) throw commandErrors.emptyValue({ name: option.long ?? option.flags });
  }
}

function isBlank(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : typeof value === 'string' && value.trim() === '';
}
