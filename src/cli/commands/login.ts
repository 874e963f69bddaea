import { days } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { LoginFlags } from '../login.ts';
import type { CommandKit } from './kit.ts';

const loginCli = () => import('../login.ts');

/** Declares the commands with which a person signs in to a hub elsewhere. */
export function declareLogin({ program, command, io, ended }: CommandKit): void {
  command(program, 'login', 'Sign in to a hub with a password, and store a key for its commands')
    .argument('[url]', 'address of the hub (default: TALANOA_HUB)')
    .option('--account <name>', 'account (default: asked)')
    .option('--expires <days>', 'lifetime of the key, such as 30d', days, 90)
    .action(async (url: string | undefined, flags: LoginFlags) => {
      ended(await (await loginCli()).login(url, flags, io));
    });
  command(program, 'logout', 'Revoke the key that login has stored, and remove it from this machine')
    .argument('[url]', 'address of the hub (default: TALANOA_HUB)')
    .action(async (url: string | undefined, flags: CommonFlags) => {
      ended(await (await loginCli()).logout(url, flags, io));
    });
  command(program, 'whoami', 'Show the account, role and key that commands use').action(
    async (flags: CommonFlags) => {
      ended(await (await loginCli()).whoami(flags, io));
    },
  );
}
