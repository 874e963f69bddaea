import type { Sealer } from '../../access/sealing.ts';
import type { Diversion, Intake } from '../intake/intake.ts';
import { SealOpenings } from './openings.ts';
import { AnonymousReleases } from './release.ts';
import { SealedOrigins } from './sealed-origins.ts';
import { AnonymousSubmissions } from './service.ts';

type Parts = Omit<ConstructorParameters<typeof SealOpenings>[0], 'origins' | 'sealer'> &
  Omit<ConstructorParameters<typeof AnonymousSubmissions>[0], 'origins' | 'intake' | 'sealer'> &
  Omit<ConstructorParameters<typeof AnonymousReleases>[0], 'origins' | 'intake'> & {
    readonly sealer: Sealer;
  };

/**
 * Creates the parts for submissions without a name. Later versions of anonymous objects are taken out of what members
 * submit, after the feedback. `telling` submits objects and announces them.
 */
export function createAnonymous(
  parts: Parts,
  intake: Pick<Intake, 'foresee' | 'useDiversion'>,
  telling: Pick<Intake, 'submit'>,
  feedback: Diversion,
) {
  const origins = new SealedOrigins(parts.store, parts.sealer);
  const anonymous = new AnonymousSubmissions({ ...parts, origins, intake });
  intake.useDiversion({
    divert: async (judged, ...more) => anonymous.divert(await feedback.divert(judged, ...more), ...more),
  });
  const sealOpenings = new SealOpenings({ ...parts, origins });
  return {
    anonymous,
    sealOpenings,
    anonymousReleases: new AnonymousReleases({ ...parts, origins, intake: telling }),
  };
}
