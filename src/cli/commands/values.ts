import type { CommonFlags } from '../common-flags.ts';
import type { ExtractFlags } from '../values-extract.ts';
import type { ValuesFlags } from '../values.ts';
import type { CommandKit } from './kit.ts';

const valuesCli = () => import('../values.ts');

/** Declares the commands for the value view. */
export function declareValues({ program, command, io, ended }: CommandKit): void {
  const values = program
    .command('values')
    .description('Manage the values of indicators, from which lists are made')
    .exitOverride();
  command(values, 'list', 'List the collections, and whether their values are up to date').action(
    async (flags: CommonFlags) => {
      ended(await (await valuesCli()).valuesList(flags, io));
    },
  );
  command(values, 'show', 'Show the state of a value, and how many members reported it')
    .argument('<value>')
    .action(async (value: string, flags: CommonFlags) => {
      ended(await (await import('../feedback.ts')).valuesShow(value, flags, io));
    });
  command(values, 'check', 'Check many values at once: which of them are known, and how')
    .argument('<file>', 'a text or CSV file with values, or - for standard input')
    .action(async (file: string, flags: CommonFlags) => {
      ended(await (await import('../values-check.ts')).valuesCheck(file, flags, io));
    });
  command(values, 'extract', 'Find the values in a document, such as the report of a partner')
    .argument('<file>', 'a PDF, Word (.docx), HTML, email or text file, or - for standard input')
    .option('--publishable', 'print only values without doubt, one per line, for talanoa publish --file')
    .action(async (file: string, flags: ExtractFlags) => {
      ended(await (await import('../values-extract.ts')).valuesExtract(file, flags, io));
    });
  command(values, 'rebuild', 'Build the values again from the stored objects')
    .option('--collection <name>', 'only this collection, by id or alias')
    .action(async (flags: ValuesFlags) => {
      ended(await (await valuesCli()).valuesRebuild(flags, io));
    });
}
