import { Option } from 'commander';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const validateCli = () => import('../validate.ts');

/** Declares the command that validates STIX files. */
export function declareValidate({ program, io, ended }: CommandKit): void {
  program
    .command('validate')
    .description('Validate STIX files')
    .argument('<file...>')
    .addOption(
      new Option('--level <level>', 'level of validation (default: tolerant)').choices([
        'strict',
        'standard',
        'tolerant',
      ]),
    )
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print only findings')
    .exitOverride()
    .action(async (files: readonly string[], flags: CommonFlags & { readonly level?: ValidationLevel }) => {
      ended(await (await validateCli()).validateFiles(files, flags, io));
    });
}
