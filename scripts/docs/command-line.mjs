import { join } from 'node:path';
import { Command } from 'commander';
import { cell, code, sentence, table } from './markdown.mjs';

/** Flags that every command has. They are listed once. */
const COMMON = new Set(['--config', '--data', '--hub', '--json', '--quiet']);

/** Returns the pages about the commands: an overview, and one page for each command or group of commands. */
export async function commandLine(root) {
  const program = await declared(root);
  const groups = program.commands.filter((command) => command.name() !== 'help');
  const exits = (await import(join(root, 'dist/cli/io.js'))).EXIT;
  const common = allOf(program)
    .find((command) => COMMON.size === command.options.filter(({ long }) => COMMON.has(long)).length)
    ?.options.filter(({ long }) => COMMON.has(long));
  return {
    'command-line.md': [
      '# Command line',
      'Run a command as `npx talanoa COMMAND` in the folder of the package, or as `talanoa COMMAND` where the package is installed. `talanoa COMMAND --help` prints the same information.',
      table(
        ['Command', 'What it does'],
        groups.map((group) => [
          `[${code(group.name())}](command-line/${group.name()}.md)`,
          cell(sentence(group.description())),
        ]),
      ),
      '## Flags of most commands',
      options(common ?? []),
      '## Exit codes',
      table(
        ['Code', 'Meaning'],
        Object.entries(exits).map(([name, exit]) => [exit, EXITS[name] ?? missing(`the exit code ${name}`)]),
      ),
    ].join('\n\n'),
    ...Object.fromEntries(groups.map((group) => [`command-line/${group.name()}.md`, page(group)])),
  };
}

const EXITS = {
  done: 'Success.',
  failed: 'An unexpected error. Its error id is in the log.',
  usage: 'The command line is wrong: an unknown command or flag, or a missing argument.',
  invalid: 'An input is not valid: a settings file, a STIX file, or a value.',
  notFound: 'Something that the command names does not exist.',
  notAllowed: 'The account is not allowed to do this, or the credentials are wrong.',
  peer: 'Another system did not respond or returned an error.',
  conflict: 'The change conflicts with what exists, or the settings file manages it.',
  part: 'Only a part succeeded.',
  interrupted: 'The command was interrupted.',
};

function missing(what) {
  throw new Error(`scripts/docs/command-line.mjs does not describe ${what}`);
}

/** Returns the root command. The declarations end with parsing, so parsing is where the root can be taken. */
async function declared(root) {
  let program;
  const { parseAsync } = Command.prototype;
  Command.prototype.parseAsync = function () {
    program ??= this;
    return Promise.resolve(this);
  };
  try {
    const { run } = await import(join(root, 'dist/cli/program.js'));
    await run([], { stdout: process.stdout, stderr: process.stderr, environment: {}, exit: process.exit });
  } finally {
    Command.prototype.parseAsync = parseAsync;
  }
  if (program === undefined) throw new Error('the command line was not parsed');
  return program;
}

function allOf(command) {
  return [command, ...command.commands.flatMap(allOf)];
}

function page(group) {
  const commands = group.commands.length === 0 ? [group] : group.commands;
  return [
    `# talanoa ${group.name()}`,
    sentence(group.description()),
    ...commands.flatMap((command) => section(command, group)),
    '[All commands](../command-line.md), with the flags that most of them share.',
  ].join('\n\n');
}

function section(command, group) {
  const words = command === group ? [group.name()] : [group.name(), command.name()];
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const own = command.options.filter(({ long }) => !COMMON.has(long));
  const described = command.registeredArguments.filter(({ description }) => description !== '');
  return [
    ...(command === group ? [] : [`## ${words.join(' ')}`, sentence(command.description())]),
    `\`\`\`\ntalanoa ${[...words, ...args].join(' ')}${own.length === 0 ? '' : ' [flags]'}\n\`\`\``,
    ...(described.length === 0
      ? []
      : [table(['Argument', 'Meaning'], described.map((argument) => [code(argument.name()), cell(sentence(argument.description))]))]), // prettier-ignore
    ...(own.length === 0 ? [] : [options(own)]),
  ];
}

function options(list) {
  return table(
    ['Flag', 'Meaning'],
    list.map((option) => {
      const choices =
        option.argChoices === undefined ? '' : ` One of ${option.argChoices.map(code).join(', ')}.`;
      const isNamed = option.defaultValue === undefined || option.description.includes('default');
      const preset = isNamed ? '' : ` Default: ${code(option.defaultValue)}.`;
      return [code(option.flags), `${cell(sentence(option.description))}${choices}${preset}${option.mandatory ? ' Required.' : ''}`]; // prettier-ignore
    }),
  );
}
