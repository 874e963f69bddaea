import { Command } from 'commander';
import { commandOf } from '../../src/cli/commands/kit.ts';
import { DECLARATIONS } from '../../src/cli/program.ts';
import { testIo } from './io.ts';

/** A command of the program with its words, such as `feed` and `create`. */
export interface DeclaredCommand {
  readonly words: readonly string[];
  readonly command: Command;
}

/** Returns all commands of the program, without groups. */
export function declaredCommands(): readonly DeclaredCommand[] {
  const program = new Command('talanoa');
  const { io } = testIo();
  for (const declare of DECLARATIONS) declare({ program, command: commandOf, io, ended: () => undefined });
  const of = (command: Command, words: readonly string[]): readonly DeclaredCommand[] =>
    command.commands.flatMap((sub) => {
      const path = [...words, sub.name()];
      return sub.commands.length > 0 ? of(sub, path) : [{ words: path, command: sub }];
    });
  return of(program, []);
}
