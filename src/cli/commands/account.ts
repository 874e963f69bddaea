import { type Command, Option } from 'commander';
import type { AccountFlags, LinkFlags } from '../account.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { AskedFlags } from '../questions.ts';
import { tlp, type CommandKit } from './kit.ts';

const accountCli = () => import('../account.ts');

/** Declares the commands for accounts. */
export function declareAccount(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const account = program
    .command('account')
    .description('Manage accounts of people and services')
    .exitOverride();
  command(account, 'list', 'List accounts').action(async (flags: CommonFlags) => {
    ended(await (await accountCli()).accountList(flags, io));
  });
  const ofAccount = (name: string, description: string): Command =>
    command(account, name, description)
      .argument('<name>')
      .addOption(
        new Option('--role <role>', 'role').choices(['administrator', 'analyst', 'officer', 'machine']),
      )
      .option('--person', 'the account of a person, who can receive TLP:RED')
      .addOption(tlp('--default-tlp <level>', 'TLP level of objects without a marking'))
      .option('--email <address>', 'email address, which the person must confirm')
      .option('--password-env <variable>', 'environment variable with the password (12 to 256 characters)');
  ofAccount('create', 'Create an account')
    .option('--member <name>', 'member of the account (default: the hub)')
    .action(async (name: string, flags: AccountFlags) => {
      ended(await (await accountCli()).accountCreate(name, { ...flags, role: flags.role ?? 'machine' }, io));
    });
  ofAccount('update', 'Update an account')
    .option('--disable', 'prevent the account from signing in')
    .option('--enable', 'allow the account to sign in again')
    .action(async (name: string, flags: AccountFlags) => {
      ended(await (await accountCli()).accountUpdate(name, flags, io));
    });
  declareSigningIn(account, kit);
  command(account, 'delete', 'Delete an account with its keys and grants')
    .argument('<name>')
    .option('--yes', 'delete without asking for confirmation (scripts are never asked)')
    .action(async (name: string, flags: AskedFlags) => {
      ended(await (await accountCli()).accountDelete(name, flags, io));
    });
}

/** Declares the commands for how a person signs in to an account. */
function declareSigningIn(account: Command, { command, io, ended }: CommandKit): void {
  command(account, 'invite', 'Create an invitation, a one-time link for choosing a password')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await accountCli()).accountInvite(name, flags, io));
    });
  command(account, 'reset-second-factor', 'Reset the second factor of a person who has lost it')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await accountCli()).accountResetSecondFactor(name, flags, io));
    });
  command(account, 'link', 'Link an account to a person at the sign-in provider')
    .argument('<name>')
    .option('--subject <subject>', "the provider's identifier for the person")
    .option('--email <address>', 'verified email address that matches the account at the first sign-in')
    .action(async (name: string, flags: LinkFlags) => {
      ended(await (await accountCli()).accountLink(name, flags, io));
    });
  command(account, 'unlink', 'Remove the link of an account to the sign-in provider')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await accountCli()).accountUnlink(name, flags, io));
    });
  command(account, 'sign-ins', 'List the last sign-ins and refused attempts of an account')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await accountCli()).accountSignIns(name, flags, io));
    });
}
