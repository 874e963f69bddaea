import type { SealedReports } from '../feedback/sealed-reports.ts';
import { ScoreFollower } from './follower.ts';
import { Scorecards } from './service.ts';
import { SightedValues } from './sighted-values.ts';

type Parts = Omit<ConstructorParameters<typeof ScoreFollower>[0], 'sighted'> &
  Omit<ConstructorParameters<typeof Scorecards>[0], 'follower'>;

/** Creates the scorecards of sources, and the job that counts for them. */
export function createScorecards(parts: Parts, reports: Pick<SealedReports, 'each'>) {
  const scoreFollower = new ScoreFollower({ ...parts, sighted: new SightedValues({ ...parts, reports }) });
  return { scoreFollower, scorecards: new Scorecards({ ...parts, follower: scoreFollower }) };
}
