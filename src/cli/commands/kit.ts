import { Option, type Command } from 'commander';
import { names } from '../arguments.ts';
import type { Io } from '../io.ts';

/** The context of a function that declares commands. */
export interface CommandKit {
  readonly program: Command;
  /** Creates a command with the flags that all commands have. Its code is loaded when it is called. */
  readonly command: (parent: Command, name: string, description: string) => Command;
  readonly io: Io;
  /** Sets the exit code of a command. */
  readonly ended: (code: number) => void;
}

/** Creates a command that runs on this machine only. */
export function machineCommandOf(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--config <file>', 'settings file (default: talanoa.yaml, if it is there)')
    .option('--data <folder>', 'data folder')
    .exitOverride();
}

/** Creates a command with the flags that all commands have. */
export function commandOf(parent: Command, name: string, description: string): Command {
  return machineCommandOf(parent, name, description)
    .option(
      '--hub <url>',
      'use a Talanoa hub (default: TALANOA_HUB), with the key in TALANOA_KEY or from login',
    )
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print results only');
}

/** Adds examples below the help of a command. */
export function examples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  talanoa ${line}`).join('\n')}`);
}

/** Creates an option whose value is a TLP level. */
export function tlp(flag: string, description: string): Option {
  return new Option(flag, description).choices(['clear', 'green', 'amber', 'amber+strict']);
}

/** Adds the options of commands that give TLP:RED objects to named people. */
export function toPersons(sub: Command): Command {
  return sub
    .requiredOption('--to <accounts>', 'accounts of people, separated by commas', names)
    .option('--note <text>', 'note for the recipients');
}
