import { Option } from 'commander';
import { PUBLISHABLE_KINDS } from '../../stix/values/publishable-kinds.ts';
import { confidence, days, names, time } from '../arguments.ts';
import type { PublishFlags } from '../publish.ts';
import { examples, tlp, type CommandKit } from './kit.ts';

const publishCli = () => import('../publish.ts');

/** Declares the command that publishes indicators. */
export function declarePublish({ program, command, io, ended }: CommandKit): void {
  const publish = command(
    program,
    'publish',
    'Publish addresses, networks, AS numbers, domains, URLs and hashes as indicators',
  );
  examples(publish, [
    "publish 'evil[.]reef-bank[.]com' --collection indicators --tlp green --preview",
    'publish --file values.txt --collection indicators --malware Emotet',
  ])
    .argument('[value...]', 'values, defanged or not')
    .requiredOption('--collection <name>', 'collection, by id or alias')
    .addOption(tlp('--tlp <level>', 'marking of the indicators').default('amber'))
    .addOption(
      new Option('--kind <kind>', 'kind of all values (default: recognised by their format)').choices(
        PUBLISHABLE_KINDS,
      ),
    )
    .option('--title <text>', 'name of the indicators (default: the value)')
    .option('--description <text>', 'description of the threat')
    .option('--malware <name>', 'malware family that the indicators point to')
    .option('--confidence <number>', 'confidence, from 0 to 100', confidence)
    .option('--labels <labels>', 'labels, separated by commas', names)
    .option(
      '--reference <url>',
      'page about the threat (may be repeated)',
      (url: string, before: readonly string[] | undefined) => [...(before ?? []), url],
    )
    .option(
      '--valid-from <time>',
      'time from which the indicators are valid (default: now), such as 2026-11-29T00:00:00Z',
      time,
    )
    .option('--until <days>', 'lifetime of the indicators, such as 30d', days, 30)
    .option('--file <file>', 'file with one value per line (# starts a comment)')
    .option('--dry-run', 'print the indicators without publishing them')
    .option(
      '--on-behalf-of <member>',
      'submit on behalf of this member; for hub staff only, recorded in the audit log',
    )
    .option('--accept-warnings', 'also publish values on warning lists, with a label')
    .addOption(
      new Option(
        '--if-known <what>',
        'how to handle known values (default: skip): publish nothing, a sighting, or a new indicator',
      ).choices(['skip', 'sighting', 'new']),
    )
    .addOption(attribution())
    .option('--preview', 'show the recipients, or the changes without a name; publish nothing')
    .action(async (values: readonly string[], flags: PublishFlags) => {
      ended(await (await publishCli()).publish(values, flags, io));
    });
}

function attribution(): Option {
  const words = 'name your member; without a name, the hub releases the indicators within two hours';
  return new Option('--attribution <how>', words)
    .choices(['named', 'anonymous-to-members', 'anonymous-in-counts'])
    .default('named');
}
