import type { Command } from 'commander';
import { seconds, whole } from '../arguments.ts';
import type { PollFlags, RemoteFlags } from '../taxii.ts';
import type { CommandKit } from './kit.ts';

const taxiiCli = () => import('../taxii.ts');

/** Declares the commands that read from and send to other TAXII servers. */
export function declareTaxii({ program, io, ended }: CommandKit): void {
  const remote = (name: string, description: string, url: string): Command =>
    program
      .command(name)
      .description(description)
      .argument(url, 'discovery, API root or collection of a TAXII 2.1 server')
      .option('--collection <name>', 'id, alias or title (optional if there is only one)')
      .option('--user <name>', 'user name for HTTP Basic')
      .option(
        '--password-env <variable>',
        'environment variable with the password (default: TALANOA_PASSWORD)',
      )
      .option('--key-env <variable>', 'environment variable with a key or token')
      .option(
        '--hub <url>',
        'use a Talanoa hub (default: TALANOA_HUB), with the key in TALANOA_KEY or from login',
      )
      .option('--json', 'print one JSON document')
      .option('--quiet', 'print results only')
      .exitOverride();
  remote('poll', 'Read a collection of a TAXII server, one object per line', '[url]')
    .option('--state <file>', 'continue where the poll that wrote this file stopped')
    .option('--follow', 'keep polling until stopped')
    .option('--every <seconds>', 'interval of --follow', seconds, 60)
    .option('--limit <number>', 'objects per page', whole)
    .option('--added-after <time>', 'start after this date added')
    .option('--exact', 'keep line breaks inside objects')
    .option('--match <filter...>', 'type=…, id=…, version=… or spec_version=…')
    .action(async (url: string | undefined, flags: PollFlags) => {
      ended(await (await taxiiCli()).poll(url, flags, io));
    });
  remote('push', 'Send STIX files to a collection of a TAXII server', '<url>')
    .argument('<file...>')
    .action(async (url: string, files: readonly string[], flags: RemoteFlags) => {
      ended(await (await taxiiCli()).push(url, files, flags, io));
    });
}
