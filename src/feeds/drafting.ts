import type { CollectionInfo } from '../access/snapshot.ts';
import { feedIdentityId } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { isGated } from '../kernel/json-gate.ts';
import { BACKGROUND_SLICE_MS, Slices } from '../kernel/slices.ts';
import type { Intake } from '../sharing/intake/intake.ts';
import type { CheckRules } from '../sharing/intake/judge.ts';
import type { Outcome } from '../sharing/intake/outcome.ts';
import type { Submission } from '../sharing/intake/submission.ts';
import type { StixObject } from '../stix/types.ts';
import {
  LAST_VERSION,
  allEntries,
  type FeedItems,
  type Lease,
  type RecordChange,
  type Store,
} from '../store/store.ts';
import { feedErrors } from './errors.ts';
import { madeOf, type MadeFacts } from './making.ts';
import type { Draft } from './objects.ts';
import { storedById, type Prepared, type PreparedBatch } from './preparing.ts';
import type { StoreCounts } from './report.ts';
import type { Unsettled } from './unsettled.ts';

/** The unit of the list of a snapshot feed, which is one list. */
export const WHOLE_LIST = '';
/** Number of stored objects that are read at once. */
const READ_AT_ONCE = 250;

/** The destination of findings. */
export interface StoreTarget {
  readonly store: Store;
  readonly intake: Intake;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly document: FeedDocument;
  readonly collection: CollectionInfo;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly now: number;
  /** Entries may be missing from the files by mistake, so no entry of a list is ended. */
  readonly keepAll?: boolean;
  /** Results for the findings of the run. */
  readonly stored: StoreCounts;
  /** Results for other objects: those that accompany a finding, and those that the run ends. */
  readonly beside: StoreCounts;
  readonly progress: () => void;
  /** Receives what was held or refused. */
  readonly unsettled: Unsettled;
  /** The files contain all entries of the list, so none is ended. */
  readonly isWhole?: boolean;
  /** Called for each finding that is read but not stored, with the reason. */
  readonly leftOut: (reason: string) => void;
}

/**
 * Returns the texts of the stored versions of objects, by their ids. Other requests get their turn between the reads.
 */
export async function storedVersionTexts(
  { store, collection }: StoreTarget,
  ids: readonly string[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    const some = ids.slice(at, at + READ_AT_ONCE);
    const query = {
      collection: collection.id,
      after: 0,
      limit: some.length * 2,
      ids: some,
      versions: LAST_VERSION,
    };
    for (const { text } of await allEntries(store, query)) if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** Changes that belong to a batch of a run. */
export type BatchItems = Omit<FeedItems, 'found'> & {
  readonly records?: readonly RecordChange[];
  /** The record changes remove data that may be TLP:RED. */
  readonly scrub?: boolean;
};

/**
 * Commits the drafts that contain something new, with the records that belong to them. `ending` means that each draft
 * ends an indicator.
 */
export async function commitDrafts(
  target: StoreTarget,
  drafts: readonly Draft[],
  more: BatchItems,
  ending = false,
): Promise<void> {
  demandGoing(target);
  const standing = storedById(await storedVersionTexts(target, [...new Set(drafts.map(({ id }) => id))]));
  const { made, unchanged } = await madeOf(
    drafts,
    standing,
    ending,
    new Slices(target.clock, BACKGROUND_SLICE_MS),
  );
  target.stored.unchanged += unchanged;
  const item: Submission['item'] = (i) => ({ text: made[i]?.text ?? '', value: made[i]?.object ?? {} });
  await submitMade(target, made.map(({ facts }) => facts), { item }, more, ending); // prettier-ignore
}

/**
 * Commits objects that a thread has made and checked. The checks of intake that concern more than the object itself are
 * made here like for any other object.
 */
export async function commitPrepared(
  target: StoreTarget,
  rules: CheckRules,
  { objects, listed, leftOut, unchanged }: PreparedBatch,
  records: readonly RecordChange[],
): Promise<void> {
  demandGoing(target);
  const { stored, document } = target;
  for (let i = 0; i < leftOut; i++) target.leftOut('not-stored');
  stored.unchanged += unchanged;
  const objectOf = (i: number): Prepared => {
    const object = objects[i];
    if (object === undefined) throw new Error(`the batch has no object ${i}`);
    return object;
  };
  const source = {
    item: (i: number) => receivedItem(objectOf(i)),
    ahead: { rules, object: (i: number) => objectOf(i).checked },
  };
  const listings = listed.map((object) => ({ feed: document.name, unit: WHOLE_LIST, object }));
  await submitMade(target, objects.map(({ facts }) => facts), source, { listed: listings, records }, false); // prettier-ignore
}

/** Returns an object as it was before it was checked. */
function receivedItem({ checked, refused }: Prepared): ReturnType<Submission['item']> {
  const text = checked.kind === 'valid' ? checked.text : refused;
  return typeof text === 'string'
    ? { text, value: JSON.parse(text) as StixObject }
    : (text ?? { pointer: '', message: 'the text is missing' });
}

async function submitMade(
  target: StoreTarget,
  facts: readonly (MadeFacts | undefined)[],
  source: Pick<Submission, 'item' | 'ahead'>,
  { listed = [], unlisted = [], records = [], scrub = false }: BatchItems,
  ending: boolean,
): Promise<void> {
  const { document, intake, now } = target;
  const found = facts.flatMap((one) =>
    one?.value === undefined ? [] : [{ value: one.value, feed: document.name, at: now * 1000 }],
  );
  const outcomes = await intake.submit({
    ...submissionOf(target),
    ...source,
    count: facts.length,
    records,
    scrub,
    feedItems: { listed, unlisted, found },
  });
  outcomes.forEach((outcome, i) => {
    count(outcome, facts[i], target, ending);
    if (facts[i] === undefined) target.unsettled.object(outcome, () => textOf(source.item(i)));
  });
  target.progress();
}

function textOf(item: ReturnType<Submission['item']>): string {
  return isGated(item) ? item.text : '';
}

function count({ kind }: Outcome, facts: MadeFacts | undefined, target: StoreTarget, ending: boolean): void {
  const stored = ending || facts?.isCounted === false ? target.beside : target.stored;
  if (facts === undefined) {
    // The text is stored as received.
    if (kind === 'stored') stored.created++;
    else if (kind === 'known') stored.unchanged++;
    else stored[kind]++;
  } else if (kind === 'held' || kind === 'refused') {
    stored[kind]++;
    if (facts.finding !== undefined) target.unsettled.add(facts.finding);
  } else if (facts.isCounted) {
    if (kind === 'known') stored.unchanged++;
    else if (ending || facts.isRevoked) stored.removed++;
    else if (facts.isNew) stored.created++;
    else stored.updated++;
  }
}

/** Returns the parts that all submissions of a run share. */
export function submissionOf({
  document,
  collection,
  lease,
}: StoreTarget): Pick<Submission, 'actor' | 'collection' | 'lease'> {
  return { actor: feedActor(document), collection, lease };
}

/** Returns a feed as the submitter of its objects. */
export function feedActor({ name, defaults }: FeedDocument): Submission['actor'] {
  return { kind: 'feed', name, identity: feedIdentityId(name), defaultTlp: defaults.tlp };
}

/** Throws a Problem when the run is stopped. */
export function demandGoing({ signal }: StoreTarget): void {
  if (signal.aborted) throw feedErrors.runStopped();
}
