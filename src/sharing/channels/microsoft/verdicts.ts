import type { Snapshot } from '../../../access/snapshot.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { valueKey, type ObservedValue } from '../../../stix/values/observed-values.ts';
import { entryPages, LAST_VERSION, type Store } from '../../../store/store.ts';
import { linesFormat } from '../../lists/formats/format.ts';
import type { Lists } from '../../lists/lists.ts';
import { Selection, type LeftOut } from '../../lists/selection.ts';
import type { Suppressions } from '../../suppression/suppressed-values.ts';
import type { ValueRow } from '../../values/contribution.ts';
import type { CurrentValue } from '../../values/current.ts';
import type { LifeSettings } from '../../values/life.ts';
import type { ValueView } from '../../values/value-view.ts';
import type { Channel } from '../model.ts';
import { mayHave, type Entry } from '../parcels.ts';
import { CARRIED, USUAL_ACTION } from './defender-indicators.ts';

/** Number of indicators that are read at once. */
const READ = 100;
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

/**
 * Returns the active values that the filters of a channel let through because of one of their indicators. A value that was
 * freed comes without an object that was checked.
 */
export async function wantedOf(
  channel: Channel,
  snapshot: Snapshot,
  values: readonly CurrentValue[],
  { view, life, clock, store }: Pick<JudgeParts, 'view' | 'life' | 'clock'> & { readonly store: Pick<Store, 'entries'> },
): Promise<readonly CurrentValue[]> {
  const { collection, types, labels, min_confidence: min } = channel;
  if (values.length === 0 || (types ?? labels ?? min) === undefined) return values;
  const [now, lifetimes] = [clock.now(), life.of(snapshot)];
  const contributions = await view.ofAll(collection, values);
  const idsOf = (value: CurrentValue): readonly string[] =>
    (contributions.get(valueKey(value)) ?? [])
      .filter((one) => lifetimes.stateOf(value.type, one, now) === 'active')
      .map(({ id }) => id);
  const ids = [...new Set(values.flatMap(idsOf))];
  const wanted = new Set<string>();
  for (let at = 0; at < ids.length; at += READ) {
    const query = { collection, after: 0, limit: READ, ids: ids.slice(at, at + READ), versions: LAST_VERSION };
    for await (const entries of entryPages(store, query))
      for (const entry of entries as readonly Entry[])
        if (mayHave(entry, channel, snapshot, now)) wanted.add(entry.id);
  }
  return values.filter((value) => idsOf(value).some((id) => wanted.has(id)));
} // prettier-ignore

/** Returns the value if the tenant may have it. */
export function activeIn(verdict: Verdict | undefined): CurrentValue | undefined {
  return typeof verdict === 'object' ? verdict : undefined;
}

/** True for a value that something keeps out that can end without a new version of its indicators. */
export function canEnd(verdict: Verdict | undefined): boolean {
  return typeof verdict === 'string' && !ENDED.has(verdict);
}
