import type { Command } from 'commander';
import { commandErrors } from '../command-errors.ts';
import type { CommandKit } from './kit.ts';

const helpCli = () => import('../help.ts');
const CODE = /^TLN-[A-Z]-\d{3}$/i;

/** Declares `help`, which explains commands and error codes. */
export function declareHelp({ program, io, ended }: CommandKit): void {
  program
    .helpCommand(false)
    .command('help')
    .description('Explain a command or an error code')
    .argument('[topic...]', 'a command, or the code of an error such as TLN-F-404')
    .option('--json', 'print one JSON document')
    .exitOverride()
    .action(async (topic: string[], flags: { readonly json?: boolean }) => {
      const [first = ''] = topic;
      if (CODE.test(first)) ended((await helpCli()).explain(first.toUpperCase(), flags, io));
      else {
        const command = commandAt(program, topic);
        if (flags.json === true) io.stdout.write(`${JSON.stringify({ help: command.helpInformation() })}\n`);
        else command.outputHelp();
      }
    });
}

/** Returns the command that words name, such as `feed create`. */
function commandAt(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) throw commandErrors.unknownTopic({ topic: words.join(' ') });
    command = next;
  }
  return command;
}
