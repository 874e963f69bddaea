import { Option, type Command } from 'commander';
import type { CommonFlags } from '../common-flags.ts';
import { tlp, type CommandKit } from './kit.ts';

const collectionCli = () => import('../collection.ts');

/** Declares the commands for collections and grants. */
export function declareCollection(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const collection = program
    .command('collection')
    .description('Manage collections and grants')
    .exitOverride();
  command(collection, 'list', 'List collections and their grants').action(async (flags: CommonFlags) => {
    ended(await (await collectionCli()).collectionList(flags, io));
  });
  command(collection, 'create', 'Create a collection and print its id')
    .argument('<title>')
    .option('--alias <name>', 'short name that can be used instead of the id')
    .option('--api-root <path>', 'API root (default: the first one)')
    .option('--description <text>')
    .addOption(tlp('--max-tlp <label>', 'maximum TLP (default: amber+strict)'))
    .addOption(tlp('--min-tlp <label>', 'minimum TLP; less strict objects get this level (default: clear)'))
    .addOption(
      new Option('--unmarked <what>', 'how to treat objects without TLP').choices(['refuse', 'default']),
    )
    .addOption(tlp('--default-tlp <label>', 'TLP level of objects without a marking (default: amber)'))
    .addOption(new Option('--validation <level>').choices(['strict', 'standard', 'tolerant']))
    .action(async (title: string, flags: object) => {
      ended(await (await collectionCli()).collectionCreate(title, flags, io));
    });
  declareChanges(collection, kit);
  declareGrants(collection, kit);
}

/** Declares the commands that update and delete collections. */
function declareChanges(collection: Command, { command, io, ended }: CommandKit): void {
  command(
    collection,
    'update',
    'Update a collection; stored objects are affected only by a lower maximum TLP',
  )
    .argument('<collection>', 'id or alias')
    .option('--title <text>')
    .option('--description <text>', '"-" for none')
    .addOption(tlp('--max-tlp <label>', 'maximum TLP; objects that are stricter are removed'))
    .addOption(tlp('--min-tlp <label>', 'minimum TLP; less strict new objects get this level'))
    .addOption(
      new Option('--unmarked <what>', 'how to treat new objects without TLP').choices(['refuse', 'default']),
    )
    .addOption(tlp('--default-tlp <label>', 'TLP level of new objects without a marking'))
    .addOption(
      new Option('--validation <level>', 'validation of new objects').choices([
        'strict',
        'standard',
        'tolerant',
      ]),
    )
    .option('--yes', 'do not ask before objects are removed (scripts are never asked)')
    .action(async (name: string, flags: object) => {
      ended(await (await collectionCli()).collectionUpdate(name, flags, io));
    });
  command(collection, 'delete', 'Delete a collection with its objects and grants')
    .argument('<collection>', 'id or alias')
    .option('--yes', 'delete without asking for confirmation (scripts are never asked)')
    .action(async (name: string, flags: object) => {
      ended(await (await collectionCli()).collectionDelete(name, flags, io));
    });
}

/** Declares the commands for grants. */
function declareGrants(collection: Command, { program, command, io, ended }: CommandKit): void {
  const grants = program
    .command('grant')
    .description('Manage grants to read and write collections')
    .exitOverride();
  command(grants, 'list', 'List collections and their grants').action(async (flags: CommonFlags) => {
    ended(await (await collectionCli()).collectionList(flags, io));
  });
  // The same commands exist under both nouns, because users look in either place.
  for (const [parent, grant, revoke] of [
    [grants, 'create', 'revoke'],
    [collection, 'grant', 'revoke'],
  ] as const) {
    command(parent, grant, 'Grant access to a collection, in addition to what was granted before')
      .argument('<collection>', 'id or alias')
      .argument('<to>', 'account:NAME, member:NAME, clients:NAME, group:NAME, role:NAME or public')
      .option('--read', 'grant read access (default)')
      .option('--write', 'grant write access')
      .option('--replace', 'take away rights that are not named; without it, rights are only added')
      .action(async (name: string, to: string, flags: object) => {
        ended(await (await collectionCli()).collectionGrant(name, to, flags, io));
      });
    command(parent, revoke, 'Revoke a grant')
      .argument('<collection>', 'id or alias')
      .argument('<to>')
      .action(async (name: string, to: string, flags: CommonFlags) => {
        ended(await (await collectionCli()).collectionRevoke(name, to, flags, io));
      });
  }
}
