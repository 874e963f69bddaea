import type { Command } from 'commander';
import type { FeedCreateFlags, FeedUpdateFlags } from '../feed-documents.ts';
import type { FeedPauseFlags, FeedQuarantineFlags, FeedRunFlags } from '../feed-runs.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { AskedFlags } from '../questions.ts';
import { tlp, type CommandKit } from './kit.ts';

const documents = () => import('../feed-documents.ts');
const lists = () => import('../feed-lists.ts');
const runs = () => import('../feed-runs.ts');

/** Declares the commands for feeds. */
export function declareFeed(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const feed = program.command('feed').description('Manage feeds').exitOverride();
  declareDocuments(feed, kit);
  declareRuns(feed, kit);
  command(feed, 'export', 'Print the document of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await documents()).feedExport(name, flags, io));
    });
  command(feed, 'delete', 'Delete a feed; its indicators stay until they expire')
    .argument('<name>')
    .option('--yes', 'delete without asking for confirmation (scripts are never asked)')
    .action(async (name: string, flags: AskedFlags) => {
      ended(await (await documents()).feedDelete(name, flags, io));
    });
  command(feed, 'usefulness', 'Compare feeds by the values that only they report, or report first').action(
    async (flags: CommonFlags) => {
      ended(await (await lists()).feedUsefulness(flags, io));
    },
  );
}

function declareDocuments(feed: Command, { command, io, ended }: CommandKit): void {
  command(feed, 'list', 'List feeds and their status').action(async (flags: CommonFlags) => {
    ended(await (await lists()).feedList(flags, io));
  });
  command(feed, 'catalogue', 'List the presets that ship with the hub').action(async (flags: CommonFlags) => {
    ended(await (await lists()).feedCatalogue(flags, io));
  });
  const adding = (sub: Command, source = '<source>'): Command =>
    sub
      .argument(source, 'name of a preset, URL of a feed, or file with a feed document (JSON)')
      .requiredOption('--collection <name>', 'collection to fill, by id or alias')
      .option('--name <name>', 'name of the feed (default: derived from the source)')
      .option('--url <url>', 'URL to use instead of that of the preset')
      .option('--title <text>', 'title for display')
      .addOption(tlp('--tlp <level>', 'TLP level of its objects'));
  adding(command(feed, 'create', 'Create a feed; the format of a URL is detected'), '[source]')
    .option('--disabled', 'do not run it on its schedule yet')
    .option('--yes', 'create the feed of a URL without asking for confirmation (scripts are never asked)')
    .option('--defaults', 'create the feeds of the recommended presets')
    .action(async (source: string | undefined, flags: FeedCreateFlags) => {
      ended(await (await documents()).feedCreate(source, flags, io));
    });
  command(feed, 'update', 'Replace the document of a feed, or change parts of it')
    .argument('<name>')
    .argument('[file]', 'file with a feed document (JSON)')
    .option('--collection <name>', 'collection to fill, by id or alias')
    .option('--url <url>', 'URL')
    .option('--title <text>', 'title for display')
    .addOption(tlp('--tlp <level>', 'TLP level of its objects'))
    .option('--on', 'run it on its schedule')
    .option('--off', 'do not run it on its schedule')
    .action(async (name: string, file: string | undefined, flags: FeedUpdateFlags) => {
      ended(await (await documents()).feedUpdate(name, file, flags, io));
    });
  command(feed, 'show', 'Show the status, alarms and document of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await lists()).feedShow(name, flags, io));
    });
  adding(command(feed, 'try', 'Preview a new feed without storing anything')).action(
    async (source: string, flags: FeedCreateFlags) => {
      ended(await (await documents()).feedTry(source, flags, io));
    },
  );
  command(feed, 'test', 'Preview a run without storing anything')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await documents()).feedTest(name, flags, io));
    });
}

function declareRuns(feed: Command, { command, io, ended }: CommandKit): void {
  command(feed, 'run', 'Run a feed now')
    .argument('<name>')
    .option('--confirm', 'accept a list that has shrunk or is empty')
    .action(async (name: string, flags: FeedRunFlags) => {
      ended(await (await runs()).feedRun(name, flags, io));
    });
  command(feed, 'upload', 'Upload a file to a feed')
    .argument('<name>')
    .argument('<file>', 'file, or - for standard input')
    .action(async (name: string, file: string, flags: CommonFlags) => {
      ended(await (await runs()).feedUpload(name, file, flags, io));
    });
  command(feed, 'history', 'List the runs of a feed')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await runs()).feedHistory(name, flags, io));
    });
  command(feed, 'quarantine', 'List rows that the last runs could not use')
    .argument('<name>')
    .option('--retry', 'process them again with the current document')
    .action(async (name: string, flags: FeedQuarantineFlags) => {
      ended(await (await runs()).feedQuarantine(name, flags, io));
    });
  command(feed, 'pause', 'Stop running a feed on its schedule')
    .argument('<name>')
    .option('--reason <text>', 'reason, which the status shows')
    .action(async (name: string, flags: FeedPauseFlags) => {
      ended(await (await runs()).feedPause(name, flags, io));
    });
  command(feed, 'resume', 'Run a feed on its schedule again')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await runs()).feedResume(name, flags, io));
    });
}
