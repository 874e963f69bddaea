import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../server/version.ts';
import { days, names, port, seconds, whole } from './arguments.ts';
import { EXIT, type Io } from './io.ts';
import { addSharingCommands } from './program-sharing.ts';
import type { AccountFlags, LinkFlags } from './account.ts';
import type { AuditExportFlags, AuditFlags } from './audit.ts';
import type {
  FeedAddFlags,
  FeedChangeFlags,
  FeedPauseFlags,
  FeedQuarantineFlags,
  FeedRunFlags,
} from './feed.ts';
import type { CertificateFlags, KeyFlags, RotateFlags } from './key.ts';
import type { SecretFlags } from './secret.ts';
import type { SearchFlags } from './search.ts';
import type { PublishFlags } from './publish.ts';
import type { PollFlags, RemoteFlags } from './taxii.ts';

/** Flags of every command. */
export interface CommonFlags {
  readonly config?: string;
  readonly data?: string;
  /** URL of a remote hub. Its key is in the environment variable TALANOA_KEY. */
  readonly hub?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Runs the command line. The code of a command is loaded when it is called. Returns the exit code. Errors are printed
 * to stderr in three lines.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('talanoa');
  program
    .description('Threat intelligence sharing hub for STIX 2.1 and TAXII 2.1')
    .version(VERSION)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  /** Creates a command with the flags that all commands have. Its code is loaded later. */
  const command = (parent: Command, name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .option('--config <file>', 'settings file (default: talanoa.yaml, if it is there)')
      .option('--data <folder>', 'data folder')
      .option('--hub <url>', 'speak to a hub elsewhere (or TALANOA_HUB), with the key in TALANOA_KEY')
      .option('--json', 'print one JSON document')
      .option('--quiet', 'print results only')
      .exitOverride();

  command(program, 'serve', 'Run the hub')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on (0 selects a free port)', port)
    .option(
      '--role <roles>',
      'work of this process: web, worker, or both (default: web,worker); a single one requires MONGODB_URI',
    )
    .option('--no-feeds', 'run feeds only on request')
    .option('--demo', 'start a demo hub with sample members, feeds and credentials in a separate data folder')
    .action(async (flags: object) => {
      code = await (await import('./serve.ts')).serve(flags, io);
    });

  command(program, 'status', 'Show the status of the hub').action(async (flags: CommonFlags) => {
    code = await (await import('./status.ts')).status(flags, io);
  });

  command(program, 'doctor', 'Check disk, clock and database').action(async (flags: CommonFlags) => {
    code = await (await import('./doctor.ts')).doctor(flags, io);
  });

  const tlp = (flag: string, description: string): Option =>
    new Option(flag, description).choices(['clear', 'green', 'amber', 'amber+strict']);

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
        'limit the key to taxii:read, taxii:write, api:read, api:write, metrics:read',
        names,
      )
      .option('--only <collections>', 'limit the key to these collections, separated by commas', names)
      .option('--addresses <networks>', 'limit the key to clients in these addresses and networks', names);
  limited('create', 'Create an API key, which is shown once').action(async (flags: KeyFlags) => {
    code = await (await import('./key.ts')).keyCreate(flags, io);
  });
  limited('register-certificate', 'Register a TLS client certificate for a service account')
    .argument('<file>', 'certificate in PEM format')
    .option('--key <file>', 'private key in PEM format, to prove that you hold it (needed with --hub)')
    .action(async (file: string, flags: CertificateFlags) => {
      code = await (await import('./key.ts')).keyRegisterCertificate(file, flags, io);
    });
  command(key, 'list', 'List keys with their limits, last use and expiry')
    .option('--account <name>', 'only keys of this account')
    .action(async (flags: KeyFlags) => {
      code = await (await import('./key.ts')).keyList(flags, io);
    });
  command(key, 'rotate', 'Replace a key; the old key stays valid for an overlap')
    .argument('<key>', 'name of the key (see key list)')
    .option('--overlap <days>', 'remaining lifetime of the old key, such as 2d (default: 7d)', days)
    .option('--expires <days>', 'lifetime of the new key (default: 365d)', days)
    .action(async (id: string, flags: RotateFlags) => {
      code = await (await import('./key.ts')).keyRotate(id, flags, io);
    });
  command(key, 'revoke', 'Revoke keys immediately')
    .argument('<key...>', 'names of the keys (see key list)')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      code = await (await import('./key.ts')).keyRevoke(ids, flags, io);
    });

  const account = program
    .command('account')
    .description('Manage accounts of people and services')
    .exitOverride();
  command(account, 'list', 'List accounts').action(async (flags: CommonFlags) => {
    code = await (await import('./account.ts')).accountList(flags, io);
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
  ofAccount('add', 'Create an account')
    .option('--member <name>', 'member of the account (default: the hub)')
    .action(async (name: string, flags: AccountFlags) => {
      code = await (
        await import('./account.ts')
      ).accountAdd(name, { ...flags, role: flags.role ?? 'machine' }, io);
    });
  ofAccount('set', 'Update an account')
    .option('--disable', 'prevent the account from signing in')
    .option('--enable', 'allow the account to sign in again')
    .action(async (name: string, flags: AccountFlags) => {
      code = await (await import('./account.ts')).accountSet(name, flags, io);
    });
  command(account, 'invite', 'Create an invitation, a one-time link for choosing a password')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountInvite(name, flags, io);
    });
  command(account, 'reset-second-factor', 'Reset the second factor of a person who has lost it')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountResetSecondFactor(name, flags, io);
    });
  command(account, 'link', 'Link an account to a person at the sign-in provider')
    .argument('<name>')
    .option('--subject <subject>', "the provider's identifier for the person")
    .option('--email <address>', 'verified email address that matches the account at the first sign-in')
    .action(async (name: string, flags: LinkFlags) => {
      code = await (await import('./account.ts')).accountLink(name, flags, io);
    });
  command(account, 'unlink', 'Remove the link of an account to the sign-in provider')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountUnlink(name, flags, io);
    });
  command(account, 'sign-ins', 'List the last sign-ins and refused attempts of an account')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountSignIns(name, flags, io);
    });
  command(account, 'remove', 'Delete an account with its keys and grants')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountRemove(name, flags, io);
    });

  const audit = program.command('audit').description('Read and verify the audit log').exitOverride();
  command(audit, 'list', 'List audit log entries')
    .option('--after <place>', 'start after this entry number or "next" value')
    .option('--limit <number>', 'maximum number of entries (default: 100)', whole, 100)
    .action(async (flags: AuditFlags) => {
      code = await (await import('./audit.ts')).auditList(flags, io);
    });
  command(audit, 'export', 'Export audit log entries as lines for a log system')
    .option('--after <place>', 'start after this entry number or "next" value', '0')
    .addOption(new Option('--format <format>', 'format of a line').choices(['jsonl', 'cef']).default('jsonl'))
    .action(async (flags: AuditExportFlags) => {
      code = await (await import('./audit.ts')).auditExport(flags, io);
    });
  command(audit, 'verify', 'Verify that no audit log entry was changed').action(
    async (flags: CommonFlags) => {
      code = await (await import('./audit.ts')).auditVerify(flags, io);
    },
  );

  const collection = program
    .command('collection')
    .description('Manage collections and grants')
    .exitOverride();
  command(collection, 'list', 'List collections and their grants').action(async (flags: CommonFlags) => {
    code = await (await import('./collection.ts')).collectionList(flags, io);
  });
  command(collection, 'add', 'Create a collection and print its id')
    .argument('<title>')
    .option('--alias <name>', 'short name that can be used instead of the id')
    .option('--api-root <path>', 'API root (default: the first one)')
    .option('--description <text>')
    .addOption(tlp('--max-tlp <label>', 'maximum TLP (default: amber+strict)'))
    .addOption(tlp('--min-tlp <label>', 'minimum TLP; looser objects have this level (default: clear)'))
    .addOption(
      new Option('--unmarked <what>', 'how to treat objects without TLP').choices(['refuse', 'default']),
    )
    .addOption(tlp('--default-tlp <label>', 'TLP level of objects without a marking (default: amber)'))
    .addOption(new Option('--validation <level>').choices(['strict', 'standard']))
    .action(async (title: string, flags: object) => {
      code = await (await import('./collection.ts')).collectionAdd(title, flags, io);
    });
  const grants = program
    .command('grant')
    .description('Manage grants to read and write collections')
    .exitOverride();
  command(grants, 'list', 'List collections and their grants').action(async (flags: CommonFlags) => {
    code = await (await import('./collection.ts')).collectionList(flags, io);
  });
  // The same commands exist under both nouns, because users look in either place.
  for (const [parent, add, remove] of [
    [grants, 'add', 'remove'],
    [collection, 'grant', 'revoke'],
  ] as const) {
    command(parent, add, 'Grant access to a collection')
      .argument('<collection>', 'id or alias')
      .argument('<to>', 'account:NAME, member:NAME, clients:NAME, group:NAME, role:NAME or public')
      .option('--read', 'grant read access (default)')
      .option('--write', 'grant write access')
      .action(async (name: string, to: string, flags: object) => {
        code = await (await import('./collection.ts')).collectionGrant(name, to, flags, io);
      });
    command(parent, remove, 'Remove a grant')
      .argument('<collection>', 'id or alias')
      .argument('<to>')
      .action(async (name: string, to: string, flags: CommonFlags) => {
        code = await (await import('./collection.ts')).collectionRevoke(name, to, flags, io);
      });
  }

  addSharingCommands({ program, command, io, ended: (exit) => (code = exit) });
  const feed = program.command('feed').description('Manage feeds').exitOverride();
  const feedCli = () => import('./feed.ts');
  command(feed, 'list', 'List feeds and their status').action(async (flags: CommonFlags) => {
    code = await (await feedCli()).feedList(flags, io);
  });
  command(feed, 'catalogue', 'List the presets that ship with the hub').action(async (flags: CommonFlags) => {
    code = await (await feedCli()).feedCatalogue(flags, io);
  });
  const adding = (sub: Command, source = '<source>'): Command =>
    sub
      .argument(source, 'name of a preset, URL of a feed, or file with a feed document (JSON)')
      .requiredOption('--collection <name>', 'collection to fill, by id or alias')
      .option('--name <name>', 'name of the feed (default: derived from the source)')
      .option('--url <url>', 'URL to use instead of that of the preset')
      .option('--title <text>', 'title for display')
      .addOption(tlp('--tlp <level>', 'TLP level of its objects'));
  adding(command(feed, 'add', 'Add a feed; the format of a URL is detected'), '[source]')
    .option('--disabled', 'do not run it on its schedule yet')
    .option('--defaults', 'add the recommended presets for a new hub')
    .action(async (source: string | undefined, flags: FeedAddFlags) => {
      code = await (await feedCli()).feedAdd(source, flags, io);
    });
  command(feed, 'change', 'Replace the document of a feed, or change parts of it')
    .argument('<name>')
    .argument('[file]', 'file with a feed document (JSON)')
    .option('--collection <name>', 'collection to fill, by id or alias')
    .option('--url <url>', 'URL')
    .option('--title <text>', 'title for display')
    .addOption(tlp('--tlp <level>', 'TLP level of its objects'))
    .option('--on', 'run it on its schedule')
    .option('--off', 'do not run it on its schedule')
    .action(async (name: string, file: string | undefined, flags: FeedChangeFlags) => {
      code = await (await feedCli()).feedChange(name, file, flags, io);
    });
  command(feed, 'show', 'Show the status, alarms and document of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedShow(name, flags, io);
    });
  adding(command(feed, 'try', 'Preview a new feed without storing anything')).action(
    async (source: string, flags: FeedAddFlags) => {
      code = await (await feedCli()).feedTry(source, flags, io);
    },
  );
  command(feed, 'test', 'Preview a run without storing anything')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedTest(name, flags, io);
    });
  command(feed, 'run', 'Run a feed now')
    .argument('<name>')
    .option('--confirm', 'accept a list that has shrunk or is empty')
    .action(async (name: string, flags: FeedRunFlags) => {
      code = await (await feedCli()).feedRun(name, flags, io);
    });
  command(feed, 'upload', 'Upload a file to a feed')
    .argument('<name>')
    .argument('<file>', 'file, or - for standard input')
    .action(async (name: string, file: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedUpload(name, file, flags, io);
    });
  command(feed, 'history', 'List the runs of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedHistory(name, flags, io);
    });
  command(feed, 'quarantine', 'List rows that the last runs could not use')
    .argument('<name>')
    .option('--retry', 'process them again with the current document')
    .action(async (name: string, flags: FeedQuarantineFlags) => {
      code = await (await feedCli()).feedQuarantine(name, flags, io);
    });
  command(feed, 'pause', 'Stop running a feed on its schedule')
    .argument('<name>')
    .option('--reason <text>', 'reason, which the status shows')
    .action(async (name: string, flags: FeedPauseFlags) => {
      code = await (await feedCli()).feedPause(name, flags, io);
    });
  command(feed, 'resume', 'Run a feed on its schedule again')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedResume(name, flags, io);
    });
  command(feed, 'export', 'Print the document of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedExport(name, flags, io);
    });
  command(feed, 'remove', 'Delete a feed; its indicators stay until they expire')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedRemove(name, flags, io);
    });

  command(feed, 'usefulness', 'Compare feeds by the entries that only they have, or have first').action(
    async (flags: CommonFlags) => {
      code = await (await feedCli()).feedUsefulness(flags, io);
    },
  );

  const secret = program
    .command('secret')
    .description('Manage secrets for feeds and channels')
    .exitOverride();
  command(secret, 'set', 'Store a secret from standard input')
    .argument('<name>')
    .requiredOption('--host <host...>', 'hosts that may receive the secret')
    .action(async (name: string, flags: SecretFlags) => {
      code = await (await import('./secret.ts')).secretSet(name, flags, io);
    });
  command(secret, 'list', 'List the names of secrets').action(async (flags: CommonFlags) => {
    code = await (await import('./secret.ts')).secretList(flags, io);
  });
  command(secret, 'remove', 'Delete a secret')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./secret.ts')).secretRemove(name, flags, io);
    });

  command(program, 'publish', 'Publish addresses, domains, URLs and hashes as indicators')
    .argument('[value...]', 'values, defanged or not')
    .requiredOption('--collection <name>', 'collection, by id or alias')
    .addOption(tlp('--tlp <level>', 'marking of the indicators').default('amber'))
    .option('--title <text>', 'name of the indicators (default: the value)')
    .option('--description <text>', 'description of the threat')
    .option('--until <days>', 'lifetime of the indicators, such as 30d', days, 30)
    .option('--file <file>', 'file with one value per line (# starts a comment)')
    .option('--dry-run', 'print the indicators without publishing them')
    .option(
      '--on-behalf-of <member>',
      'submit on behalf of this member; for hub staff only, recorded in the audit log',
    )
    .option('--preview', 'show the recipients without publishing')
    .action(async (values: readonly string[], flags: PublishFlags) => {
      code = await (await import('./publish.ts')).publish(values, flags, io);
    });

  command(program, 'search', 'Find objects by a value, in the collections that you may read')
    .argument(
      '<value>',
      'address, network, AS number, domain, URL, hash, email address, or the beginning of a name',
    )
    .option('--limit <number>', 'maximum number of results', whole, 100)
    .action(async (value: string, flags: SearchFlags) => {
      code = await (await import('./search.ts')).search(value, flags, io);
    });

  command(program, 'revoke', 'Revoke objects that the hub created')
    .argument('<id...>')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      code = await (await import('./revoke.ts')).revoke(ids, flags, io);
    });

  const remote = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .argument('<url>', 'discovery, API root or collection of a TAXII 2.1 server')
      .option('--collection <name>', 'id, alias or title (optional if there is only one)')
      .option('--user <name>', 'user name for HTTP Basic')
      .option(
        '--password-env <variable>',
        'environment variable with the password (default: TALANOA_PASSWORD)',
      )
      .option('--key-env <variable>', 'environment variable with a key or token')
      .option('--quiet', 'print results only')
      .exitOverride();
  remote('poll', 'Read a collection of a TAXII server, one object per line')
    .option('--state <file>', 'continue where the poll that wrote this file stopped')
    .option('--follow', 'keep polling until stopped')
    .option('--every <seconds>', 'interval of --follow (default: 60)', seconds, 60)
    .option('--limit <number>', 'objects per page', whole)
    .option('--added-after <time>', 'start after this date added')
    .option('--exact', 'keep line breaks inside objects')
    .option('--match <filter...>', 'type=…, id=…, version=… or spec_version=…')
    .action(async (url: string, flags: PollFlags) => {
      code = await (await import('./taxii.ts')).poll(url, flags, io);
    });
  remote('push', 'Send STIX files to a collection of a TAXII server')
    .argument('<file...>')
    .action(async (url: string, files: readonly string[], flags: RemoteFlags) => {
      code = await (await import('./taxii.ts')).push(url, files, flags, io);
    });

  program
    .command('upgrade')
    .description('Convert a STIX 2.0 bundle to STIX 2.1 on standard output')
    .argument('<file>')
    .option('--quiet', 'print only refused objects')
    .exitOverride()
    .action(async (file: string, flags: CommonFlags) => {
      code = await (await import('./upgrade.ts')).upgradeFile(file, flags, io);
    });

  const pattern = program.command('pattern').description('Check and explain STIX patterns').exitOverride();
  for (const [name, description] of [
    ['check', 'Check patterns and print their normal form'],
    ['explain', 'Explain in plain English what patterns match'],
  ] as const)
    pattern
      .command(name)
      .description(description)
      .argument('<pattern...>', 'patterns in quotes (- reads one per line)')
      .addOption(new Option('--pattern-version <version>', 'grammar').choices(['2.0', '2.1']).default('2.1'))
      .option('--json', 'print one JSON document per pattern')
      .exitOverride()
      .action(async (patterns: readonly string[], flags: CommonFlags) => {
        const { patternCheck, patternExplain } = await import('./pattern.ts');
        code = await (name === 'check' ? patternCheck : patternExplain)(patterns, flags, io);
      });

  program
    .command('validate')
    .description('Validate STIX files')
    .argument('<file...>')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print only findings')
    .exitOverride()
    .action(async (files: readonly string[], flags: CommonFlags) => {
      code = await (await import('./validate.ts')).validateFiles(files, flags, io);
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return (await import('./errors.ts')).tellError(error, io);
  }
}
