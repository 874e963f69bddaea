import type { Snapshot } from '../../../access/snapshot.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { valueKey, type ObservedValue } from '../../../stix/values/observed-values.ts';
import { linesFormat } from '../../lists/formats/format.ts';
import type { Lists } from '../../lists/lists.ts';
import { Selection, type LeftOut } from '../../lists/selection.ts';
import type { Suppressions } from '../../suppression/suppressed-values.ts';
import type { ValueRow } from '../../values/contribution.ts';
import type { CurrentValue } from '../../values/current.ts';
import type { LifeSettings } from '../../values/life.ts';
import type { ValueView } from '../../values/value-view.ts';
import type { Channel } from '../model.ts';
import { CARRIED, USUAL_ACTION } from './defender-indicators.ts';

const ONLY_ALERTS: ReadonlySet<string> = new Set(['Audit', 'Alert']);
/** The reasons that only a new version ends, which is sent when it arrives. All others can end without one. */
const ENDED: ReadonlySet<string> = new Set(['absent', 'expired', 'withdrawn', 'policy', 'filter']);

/** The services that verdicts depend on. */
export interface JudgeParts {
  readonly view: Pick<ValueView, 'ofAll'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly lists: Pick<Lists, 'guardFor'>;
  readonly clock: Clock;
}

/** A value that the tenant may have now, or the reason that keeps it out. */
export type Verdict = CurrentValue | LeftOut | 'absent';

/**
 * Judges which values the tenant of a channel may have now, by `valueKey`. `note` is called with the indicators that state
 * each of them.
 */
export async function judged(
  channel: Channel,
  snapshot: Snapshot,
  values: readonly ObservedValue[],
  parts: JudgeParts,
  note: (key: string, ids: readonly string[]) => void,
): Promise<ReadonlyMap<string, Verdict>> {
  const { view, suppressions, life, lists, clock } = parts;
  const now = clock.now();
  const guard = await lists.guardFor(snapshot, now);
  const member = snapshot.members.get(channel.member);
  const isAlert = ONLY_ALERTS.has(channel.action ?? USUAL_ACTION);
  const selection = new Selection({
    format: linesFormat({
      name: 'defender', tools: '', media: '', acts: isAlert ? 'detect' : 'block',
      carries: CARRIED, usual: CARRIED, line: () => undefined,
    }),
    query: {
      types: CARRIED, minConfidence: 0, maxAge: undefined, labels: undefined, sources: 1,
      limit: undefined, page: 1, since: undefined, aggregate: false,
    },
    audience: snapshot.audienceOfMember(channel.member), through: 'provider',
    marking: (id, owner) => snapshot.marking(id, owner),
    guard,
    reader: member === undefined ? undefined : { member: member.name, guard: guard.forReporter(member) },
    suppressed: await suppressions.current(),
    life: life.of(snapshot),
    now,
    clock,
  }); // prettier-ignore
  const verdicts = new Map<string, Verdict>();
  const contributions = await view.ofAll(channel.collection, values);
  for (const { type, value } of values) {
    const key = valueKey({ type, value });
    const rows = (contributions.get(key) ?? []).map((contribution): ValueRow => ({
      type,
      value,
      contribution,
    }));
    const [first, ...others] = rows;
    const found = first === undefined ? 'absent' : selection.examine([first, ...others]);
    const ids = rows.map(({ contribution }) => contribution.id);
    note(key, ids);
    verdicts.set(key, found);
  }
  return verdicts;
}

/** Returns the value if the tenant may have it. */
export function activeIn(verdict: Verdict | undefined): CurrentValue | undefined {
  return typeof verdict === 'object' ? verdict : undefined;
}

/** True for a value that something keeps out that can end without a new version of its indicators. */
export function canEnd(verdict: Verdict | undefined): boolean {
  return typeof verdict === 'string' && !ENDED.has(verdict);
}
