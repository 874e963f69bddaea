import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const upgradeCli = () => import('../upgrade.ts');

/** Declares the command that converts STIX 2.0. */
export function declareUpgrade({ program, io, ended }: CommandKit): void {
  program
    .command('upgrade')
    .description('Convert a STIX 2.0 bundle to STIX 2.1 on standard output')
    .argument('<file>')
    .option('--json', 'print one JSON document with the bundle, the notes and the refused objects')
    .option('--quiet', 'print only refused objects')
    .exitOverride()
    .action(async (file: string, flags: CommonFlags) => {
      ended(await (await upgradeCli()).upgradeFile(file, flags, io));
    });
}
