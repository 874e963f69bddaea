import { Option } from 'commander';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

/** Declares the commands for STIX patterns. */
export function declarePattern({ program, io, ended }: CommandKit): void {
  const pattern = program.command('pattern').description('Check and explain STIX patterns').exitOverride();
  for (const [name, description] of [
    ['check', 'Check patterns and print their canonical form'],
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
        const { patternCheck, patternExplain } = await import('../pattern.ts');
        ended(await (name === 'check' ? patternCheck : patternExplain)(patterns, flags, io));
      });
}
