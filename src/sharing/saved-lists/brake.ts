import type { Hold, ListStateRecord, SavedListRecord } from './model.ts';

/** Growth by fewer values than this harms nobody, and lists of a new hub grow all the time. */
const FEW = 10;

/**
 * Returns why new content of a list must wait for a person. Undefined for content that can be published. A list that
 * empties by accident stops protecting, and a list that doubles by accident blocks values that nobody meant to block.
 */
export function holdOf(
  { max_growth: growth, max_shrink: shrink }: Pick<SavedListRecord, 'max_growth' | 'max_shrink'>,
  { generation, entries: before, confirmed }: Pick<ListStateRecord, 'generation' | 'entries' | 'confirmed'>,
  after: number,
): Hold | undefined {
  if (generation === 0 || before === 0) return undefined;
  const reason = reasonFor(before, after, growth, shrink);
  if (reason === undefined || confirmed?.reason !== reason) return reason;
  // The person confirmed a number. A list that has changed much more since then needs a new confirmation.
  const isAsConfirmed =
    reason === 'growth' ? after <= confirmed.entries * 1.1 : after >= confirmed.entries * 0.9;
  return isAsConfirmed ? undefined : reason;
}

function reasonFor(before: number, after: number, growth: number, shrink: number): Hold | undefined {
  if (after === 0) return 'empty';
  if (after <= before * (1 - shrink / 100)) return 'shrink';
  return after >= before * (1 + growth / 100) && after - before >= FEW ? 'growth' : undefined;
}
