import { whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { ScorecardFlags } from '../scorecard.ts';
import { examples, type CommandKit } from './kit.ts';

const scorecardCli = () => import('../scorecard.ts');

/** Declares the commands for scorecards of sources. */
export function declareScorecard({ program, command, io, ended }: CommandKit): void {
  const scorecard = program
    .command('scorecard')
    .description('Compare how original, fast and reliable feeds and members are')
    .exitOverride();
  const asking = (name: string, description: string) =>
    command(scorecard, name, description)
      .option('--days <n>', 'days until today, 1 to 365', whole, 30)
      .option('--collection <name>', 'compare sources within this collection only');
  examples(
    asking('list', 'List the scorecards of all sources that you can see').action(
      async (flags: ScorecardFlags) => {
        ended(await (await scorecardCli()).scorecardList(flags, io));
      },
    ),
    ['scorecard list --days 90', 'scorecard show feed:urlhaus'],
  );
  asking('show', 'Show the scorecard of one source, with the feeds that overlap with it')
    .argument('<source>', 'feed:NAME, member:NAME or hub')
    .action(async (source: string, flags: ScorecardFlags) => {
      ended(await (await scorecardCli()).scorecardShow(source, flags, io));
    });
  command(scorecard, 'rebuild', 'Count everything again from the stored objects').action(
    async (flags: CommonFlags) => {
      ended(await (await scorecardCli()).scorecardRebuild(flags, io));
    },
  );
}
