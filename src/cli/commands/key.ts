import { type Command, Option } from 'commander';
import { days, names } from '../arguments.ts';
import type { CertificateFlags, KeyFlags, RotateFlags, UnusedFlags } from '../key.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const keyCli = () => import('../key.ts');

/** Declares the commands for API keys and client certificates. */
export function declareKey({ program, command, io, ended }: CommandKit): void {
  const key = program.command('key').description('Manage API keys').exitOverride();
  const limited = (name: string, description: string): Command =>
    command(key, name, description)
      .option('--account <name>', 'account of the key (created if it does not exist)')
      .option('--member <name>', 'member of a new account')
      .addOption(
        new Option('--role <role>', 'role of a new account').choices([
          'administrator',
          'analyst',
          'officer',
          'machine',
        ]),
      )
      .option('--collections <names>', 'collections to grant, separated by commas', names)
      .option('--read', 'grant read access (default)')
      .option('--write', 'grant write access')
      .option('--expires <days>', 'lifetime of the key, such as 180d (default: 365d)', days)
      .option('--label <text>', 'purpose of the key')
      .option(
        '--scopes <names>',
        'limit the key to taxii:read, taxii:write, lists:read, api:read, api:write, metrics:read',
        names,
      )
      .option('--only <collections>', 'limit the key to these collections, separated by commas', names)
      .option('--addresses <networks>', 'limit the key to clients in these addresses and networks', names);
  limited('create', 'Create an API key, which is shown once').action(async (flags: KeyFlags) => {
    ended(await (await keyCli()).keyCreate(flags, io));
  });
  limited('register-certificate', 'Register a TLS client certificate for a service account')
    .argument('<file>', 'certificate in PEM format')
    .option('--key <file>', 'private key in PEM format, to prove that you hold it (needed with --hub)')
    .action(async (file: string, flags: CertificateFlags) => {
      ended(await (await keyCli()).keyRegisterCertificate(file, flags, io));
    });
  command(key, 'list', 'List keys with their limits, last use and expiry')
    .option('--account <name>', 'only keys of this account')
    .action(async (flags: KeyFlags) => {
      ended(await (await keyCli()).keyList(flags, io));
    });
  command(key, 'unused', 'List keys that have not been used for a number of days')
    .option('--days <days>', 'days since the last use, such as 180d', days, 90)
    .action(async (flags: UnusedFlags) => {
      ended(await (await keyCli()).keyUnused(flags, io));
    });
  command(key, 'rotate', 'Replace a key; the old key stays valid for an overlap')
    .argument('<key>', 'name of the key (see key list)')
    .option('--overlap <days>', 'remaining lifetime of the old key, such as 2d (default: 7d)', days)
    .option('--expires <days>', 'lifetime of the new key (default: 365d)', days)
    .action(async (id: string, flags: RotateFlags) => {
      ended(await (await keyCli()).keyRotate(id, flags, io));
    });
  command(key, 'revoke', 'Revoke keys immediately')
    .argument('<key...>', 'names of the keys (see key list)')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      ended(await (await keyCli()).keyRevoke(ids, flags, io));
    });
}
