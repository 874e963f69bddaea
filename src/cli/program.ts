import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../version.ts';
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
import type { KeyFlags, RotateFlags } from './key.ts';
import type { SecretFlags } from './secret.ts';
import type { SearchFlags } from './search.ts';
import type { PublishFlags } from './publish.ts';
import type { PollFlags, RemoteFlags } from './taxii.ts';

/** Flags that every command has. */
export interface CommonFlags {
  readonly config?: string;
  readonly data?: string;
  /** Address of a hub elsewhere; its key stands in TALANOA_KEY. */
  readonly hub?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * The command line. Each command's code is loaded when it is called. Gives the exit code; what goes wrong is told on
 * stderr in three lines.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('talanoa');
  program
    .description('A hub for sharing threat information by STIX and TAXII 2.1')
    .version(VERSION)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  /** A command with the flags that all have, and its code loaded late. */
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
    .option('--port <number>', 'port to listen on; 0 takes a free one', port)
    .option(
      '--role <roles>',
      'what this process does: web, worker, or both (default: web,worker); one alone needs MONGODB_URI',
    )
    .option('--no-feeds', 'run feeds on request only')
    .option('--demo', 'a hub with members, sample feeds and credentials of its own, apart from your data')
    .action(async (flags: object) => {
      code = await (await import('./serve.ts')).serve(flags, io);
    });

  command(program, 'status', 'Show the hub on one screen').action(async (flags: CommonFlags) => {
    code = await (await import('./status.ts')).status(flags, io);
  });

  command(program, 'doctor', 'Check what the promises of the hub rest on: disk, clock, store').action(
    async (flags: CommonFlags) => {
      code = await (await import('./doctor.ts')).doctor(flags, io);
    },
  );

  const tlp = (flag: string, description: string): Option =>
    new Option(flag, description).choices(['clear', 'green', 'amber', 'amber+strict']);

  const key = program.command('key').description('API keys').exitOverride();
  const limited = (name: string, description: string): Command =>
    command(key, name, description)
      .option('--account <name>', 'account that the key signs in; made when it is not there')
      .option('--member <name>', 'member that a new account belongs to')
      .addOption(
        new Option('--role <role>', 'role of a new account').choices([
          'administrator',
          'analyst',
          'officer',
          'machine',
        ]),
      )
      .option('--collections <names>', 'collections to grant, joined by commas', names)
      .option('--read', 'grant reading (default)')
      .option('--write', 'grant writing')
      .option('--expires <days>', 'life of the key, such as 180d (default: 365d)', days)
      .option('--label <text>', 'what the key is for')
      .option(
        '--scopes <names>',
        'limit it to taxii:read, taxii:write, api:read, api:write, metrics:read',
        names,
      )
      .option('--only <collections>', 'limit it to these collections, joined by commas', names)
      .option('--addresses <networks>', 'addresses and networks from which it may be used', names);
  limited('create', 'Make an API key; it is shown once').action(async (flags: KeyFlags) => {
    code = await (await import('./key.ts')).keyCreate(flags, io);
  });
  limited('register-certificate', 'Register a TLS client certificate for a service account')
    .argument('<file>', 'certificate in PEM')
    .action(async (file: string, flags: KeyFlags) => {
      code = await (await import('./key.ts')).keyRegisterCertificate(file, flags, io);
    });
  command(key, 'list', 'List keys with their limits, last use and end')
    .option('--account <name>', 'only keys of this account')
    .action(async (flags: KeyFlags) => {
      code = await (await import('./key.ts')).keyList(flags, io);
    });
  command(key, 'rotate', 'Make the next key; the old one lives on for a while')
    .argument('<key>', 'name of the key, as key list shows it')
    .option('--overlap <days>', 'life of the old key, such as 2d (default: 7d)', days)
    .option('--expires <days>', 'life of the new key (default: 365d)', days)
    .action(async (id: string, flags: RotateFlags) => {
      code = await (await import('./key.ts')).keyRotate(id, flags, io);
    });
  command(key, 'revoke', 'End keys at once')
    .argument('<key...>', 'names of keys, as key list shows them')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      code = await (await import('./key.ts')).keyRevoke(ids, flags, io);
    });

  const account = program
    .command('account')
    .description('Accounts: what people and machines sign in with')
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
      .option('--person', 'a TLP:RED list may name it')
      .addOption(tlp('--default-tlp <level>', 'what its unmarked objects count as'))
      .option('--email <address>', 'email address; its person must confirm it')
      .option('--password-env <variable>', 'variable that holds its password (12 to 256 characters)');
  ofAccount('add', 'Make an account')
    .option('--member <name>', 'member that it belongs to; without one it is of the hub')
    .action(async (name: string, flags: AccountFlags) => {
      code = await (
        await import('./account.ts')
      ).accountAdd(name, { ...flags, role: flags.role ?? 'machine' }, io);
    });
  ofAccount('set', 'Change an account')
    .option('--disable', 'let it sign in by nothing')
    .option('--enable', 'let it sign in again')
    .action(async (name: string, flags: AccountFlags) => {
      code = await (await import('./account.ts')).accountSet(name, flags, io);
    });
  command(account, 'invite', 'Make a one-use link by which somebody gives an account its password')
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
  command(account, 'remove', 'Remove an account with its keys and its own grants')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./account.ts')).accountRemove(name, flags, io);
    });

  const audit = program.command('audit').description('What was done, by whom, to what').exitOverride();
  command(audit, 'list', 'List the audit')
    .option('--after <place>', 'begin after this entry number or this "next" value')
    .option('--limit <number>', 'entries (default: 100)', whole, 100)
    .action(async (flags: AuditFlags) => {
      code = await (await import('./audit.ts')).auditList(flags, io);
    });
  command(audit, 'export', 'Write the audit as lines, for a log system')
    .option('--after <place>', 'begin after this entry number or this "next" value', '0')
    .addOption(new Option('--format <format>', 'one entry a line').choices(['jsonl', 'cef']).default('jsonl'))
    .action(async (flags: AuditExportFlags) => {
      code = await (await import('./audit.ts')).auditExport(flags, io);
    });
  command(audit, 'verify', 'Prove that nothing in the audit was changed').action(
    async (flags: CommonFlags) => {
      code = await (await import('./audit.ts')).auditVerify(flags, io);
    },
  );

  const collection = program.command('collection').description('Collections and grants').exitOverride();
  command(collection, 'list', 'List the collections and who may use them').action(
    async (flags: CommonFlags) => {
      code = await (await import('./collection.ts')).collectionList(flags, io);
    },
  );
  command(collection, 'add', 'Make a collection; prints its id')
    .argument('<title>')
    .option('--alias <name>', 'short name, usable instead of the id')
    .option('--api-root <path>', 'API root (default: the first)')
    .option('--description <text>')
    .addOption(tlp('--max-tlp <label>', 'strictest object that it takes (default: amber+strict)'))
    .addOption(tlp('--min-tlp <label>', 'looser objects count as this (default: clear)'))
    .addOption(new Option('--unmarked <what>', 'objects without TLP').choices(['refuse', 'default']))
    .addOption(tlp('--default-tlp <label>', 'what unmarked objects count as (default: amber)'))
    .addOption(new Option('--validation <level>').choices(['strict', 'standard']))
    .action(async (title: string, flags: object) => {
      code = await (await import('./collection.ts')).collectionAdd(title, flags, io);
    });
  const grants = program.command('grant').description('Who may read and write collections').exitOverride();
  command(grants, 'list', 'List the collections and who may use them').action(async (flags: CommonFlags) => {
    code = await (await import('./collection.ts')).collectionList(flags, io);
  });
  // The same under both nouns: who looks for it finds it.
  for (const [parent, add, remove] of [
    [grants, 'add', 'remove'],
    [collection, 'grant', 'revoke'],
  ] as const) {
    command(parent, add, 'Let somebody read (or write) a collection')
      .argument('<collection>', 'id or alias')
      .argument('<to>', 'account:NAME, member:NAME, clients:NAME, group:NAME, role:NAME or public')
      .option('--read', 'grant reading (default)')
      .option('--write', 'grant writing')
      .action(async (name: string, to: string, flags: object) => {
        code = await (await import('./collection.ts')).collectionGrant(name, to, flags, io);
      });
    command(parent, remove, 'Take a grant away')
      .argument('<collection>', 'id or alias')
      .argument('<to>')
      .action(async (name: string, to: string, flags: CommonFlags) => {
        code = await (await import('./collection.ts')).collectionRevoke(name, to, flags, io);
      });
  }

  addSharingCommands({ program, command, io, ended: (exit) => (code = exit) });
  const feed = program.command('feed').description('Feeds').exitOverride();
  const feedCli = () => import('./feed.ts');
  command(feed, 'list', 'List the feeds and how they do').action(async (flags: CommonFlags) => {
    code = await (await feedCli()).feedList(flags, io);
  });
  command(feed, 'catalogue', 'List the presets that ship with the hub').action(async (flags: CommonFlags) => {
    code = await (await feedCli()).feedCatalogue(flags, io);
  });
  const adding = (sub: Command, source = '<source>'): Command =>
    sub
      .argument(source, 'name of a preset, address of a feed, or file with a feed document (JSON)')
      .requiredOption('--collection <name>', 'collection that it fills, by id or alias')
      .option('--name <name>', 'name of the feed (default: made from the source)')
      .option('--url <url>', 'address in the place of that of the preset')
      .option('--title <text>', 'name for people')
      .addOption(tlp('--tlp <level>', 'marking of what it brings'));
  adding(command(feed, 'add', 'Add a feed; of an address the form is found out'), '[source]')
    .option('--disabled', 'do not run it by its schedule yet')
    .option('--defaults', 'add the presets that a new hub should have')
    .action(async (source: string | undefined, flags: FeedAddFlags) => {
      code = await (await feedCli()).feedAdd(source, flags, io);
    });
  command(feed, 'change', "Put another document in the place of a feed's, or change parts of it")
    .argument('<name>')
    .argument('[file]', 'file with a feed document (JSON)')
    .option('--collection <name>', 'collection that it fills, by id or alias')
    .option('--url <url>', 'address')
    .option('--title <text>', 'name for people')
    .addOption(tlp('--tlp <level>', 'marking of what it brings'))
    .option('--on', 'run it by its schedule')
    .option('--off', 'do not run it by its schedule')
    .action(async (name: string, file: string | undefined, flags: FeedChangeFlags) => {
      code = await (await feedCli()).feedChange(name, file, flags, io);
    });
  command(feed, 'show', 'Show a feed: how it does, its alarms, its document')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedShow(name, flags, io);
    });
  adding(
    command(feed, 'try', 'Show what a feed that is not there yet would bring; nothing is written'),
  ).action(async (source: string, flags: FeedAddFlags) => {
    code = await (await feedCli()).feedTry(source, flags, io);
  });
  command(feed, 'test', 'Show what a run would bring; nothing is written')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedTest(name, flags, io);
    });
  command(feed, 'run', 'Run a feed now')
    .argument('<name>')
    .option('--confirm', 'a list that has shrunk, or is empty, is right as it is')
    .action(async (name: string, flags: FeedRunFlags) => {
      code = await (await feedCli()).feedRun(name, flags, io);
    });
  command(feed, 'upload', 'Send a file to a feed, instead of having it fetched')
    .argument('<name>')
    .argument('<file>', 'a file, or - for standard input')
    .action(async (name: string, file: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedUpload(name, file, flags, io);
    });
  command(feed, 'history', 'Show the runs of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedHistory(name, flags, io);
    });
  command(feed, 'quarantine', 'Show rows that the last runs could not use')
    .argument('<name>')
    .option('--retry', 'try them again by the present document')
    .action(async (name: string, flags: FeedQuarantineFlags) => {
      code = await (await feedCli()).feedQuarantine(name, flags, io);
    });
  command(feed, 'pause', 'Keep a feed from running by its schedule')
    .argument('<name>')
    .option('--reason <text>', 'why, for whoever finds it paused')
    .action(async (name: string, flags: FeedPauseFlags) => {
      code = await (await feedCli()).feedPause(name, flags, io);
    });
  command(feed, 'resume', 'Let a feed run by its schedule again')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedResume(name, flags, io);
    });
  command(feed, 'export', 'Print the document of a feed, to be used elsewhere')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedExport(name, flags, io);
    });
  command(feed, 'remove', 'Take a feed away; what it has brought runs out by itself')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await feedCli()).feedRemove(name, flags, io);
    });

  command(
    feed,
    'usefulness',
    'Compare feeds: what each brings that no other does, and what it brings first',
  ).action(async (flags: CommonFlags) => {
    code = await (await feedCli()).feedUsefulness(flags, io);
  });

  const secret = program
    .command('secret')
    .description('Secrets that the hub keeps for its feeds')
    .exitOverride();
  command(secret, 'set', 'Keep a secret that comes by standard input')
    .argument('<name>')
    .requiredOption('--host <host...>', 'hosts that it may be sent to')
    .action(async (name: string, flags: SecretFlags) => {
      code = await (await import('./secret.ts')).secretSet(name, flags, io);
    });
  command(secret, 'list', 'List their names').action(async (flags: CommonFlags) => {
    code = await (await import('./secret.ts')).secretList(flags, io);
  });
  command(secret, 'remove', 'Forget a secret')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      code = await (await import('./secret.ts')).secretRemove(name, flags, io);
    });

  command(program, 'publish', 'Publish addresses, names, URLs and hashes as indicators')
    .argument('[value...]', 'values, defanged or not')
    .requiredOption('--collection <name>', 'collection, by id or alias')
    .addOption(tlp('--tlp <level>', 'marking of the indicators').default('amber'))
    .option('--title <text>', 'name of the indicators (default: the value)')
    .option('--description <text>', 'what is known')
    .option('--until <days>', 'how long they count, such as 30d', days, 30)
    .option('--file <file>', 'values, one a line; # begins a comment')
    .option('--dry-run', 'print the indicators and send nothing')
    .option(
      '--on-behalf-of <member>',
      'submit on behalf of this member; for hub staff only, recorded in the audit log',
    )
    .option('--preview', 'show who would have it, and who not and why; nothing is written')
    .action(async (values: readonly string[], flags: PublishFlags) => {
      code = await (await import('./publish.ts')).publish(values, flags, io);
    });

  command(program, 'search', 'Find objects by a value, in the collections that you may read')
    .argument(
      '<value>',
      'address, network, AS number, domain, URL, hash, mail address, or the beginning of a name',
    )
    .option('--limit <number>', 'most that are shown', whole, 100)
    .action(async (value: string, flags: SearchFlags) => {
      code = await (await import('./search.ts')).search(value, flags, io);
    });

  command(program, 'revoke', 'Take back objects that the hub itself made, by a new version that says so')
    .argument('<id...>')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      code = await (await import('./revoke.ts')).revoke(ids, flags, io);
    });

  const remote = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .argument('<url>', 'discovery, API root or collection of a TAXII 2.1 server')
      .option('--collection <name>', 'id, alias or title; not needed where there is one only')
      .option('--user <name>', 'user for HTTP Basic')
      .option('--password-env <variable>', 'variable that holds the password (default: TALANOA_PASSWORD)')
      .option('--key-env <variable>', 'variable that holds a key or token')
      .option('--quiet', 'print results only')
      .exitOverride();
  remote('poll', 'Read a collection of a TAXII server, one object a line')
    .option('--state <file>', 'go on where the poll that wrote this file stopped')
    .option('--follow', 'ask again and again, until stopped')
    .option('--every <seconds>', 'pause of --follow (default: 60)', seconds, 60)
    .option('--limit <number>', 'objects a page', whole)
    .option('--added-after <time>', 'begin after this date added')
    .option('--exact', 'keep line breaks inside of objects')
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
    .description('Make a bundle of STIX 2.0 one of 2.1, on standard output')
    .argument('<file>')
    .option('--quiet', 'say nothing but what is refused')
    .exitOverride()
    .action(async (file: string, flags: CommonFlags) => {
      code = await (await import('./upgrade.ts')).upgradeFile(file, flags, io);
    });

  const pattern = program.command('pattern').description('STIX patterns').exitOverride();
  for (const [name, description] of [
    ['check', 'Check patterns; show the place of a fault, or the normal form'],
    ['explain', 'Say in plain English what patterns look for'],
  ] as const)
    pattern
      .command(name)
      .description(description)
      .argument('<pattern...>', 'patterns in quotes; - reads one a line')
      .addOption(new Option('--pattern-version <version>', 'grammar').choices(['2.0', '2.1']).default('2.1'))
      .option('--json', 'print one JSON document a pattern')
      .exitOverride()
      .action(async (patterns: readonly string[], flags: CommonFlags) => {
        const { patternCheck, patternExplain } = await import('./pattern.ts');
        code = await (name === 'check' ? patternCheck : patternExplain)(patterns, flags, io);
      });

  program
    .command('validate')
    .description('Check STIX files: file:line:col rule message')
    .argument('<file...>')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print faults only')
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
