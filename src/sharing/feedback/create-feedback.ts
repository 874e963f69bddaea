import type { Sealer } from '../../access/sealing.ts';
import { Cases } from './cases.ts';
import { Reporting } from './reporting.ts';
import { SealedReports } from './sealed-reports.ts';
import { StixFeedback } from './from-stix.ts';
import { ValueCheck } from './value-check.ts';
import { ValueLookup } from './value-lookup.ts';

type Parts = Omit<ConstructorParameters<typeof Cases>[0], 'reports'> &
  Omit<ConstructorParameters<typeof Reporting>[0], 'reports'> &
  Omit<ConstructorParameters<typeof ValueLookup>[0], 'reports'> &
  ConstructorParameters<typeof ValueCheck>[0] & { readonly sealer: Sealer };

/** Creates the parts for feedback of members and for decisions on it. */
export function createFeedback(parts: Parts) {
  const reports = new SealedReports(parts.store, parts.sealer);
  const reporting = new Reporting({ ...parts, reports });
  return {
    reports,
    reporting,
    cases: new Cases({ ...parts, reports }),
    valueLookup: new ValueLookup({ ...parts, reports }),
    valueCheck: new ValueCheck(parts),
    stixFeedback: new StixFeedback({ ...parts, reporting, reports }),
  };
}
