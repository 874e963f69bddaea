import { stat } from 'node:fs/promises';
import { gateSliced, readObject } from '../kernel/json-gate.ts';
import { BACKGROUND_SLICE_MS, Slices } from '../kernel/slices.ts';
import { LAST_VERSION, type RecordChange, type Store } from '../store/store.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { UuidSet } from './digest-set.ts';
import {
  WHOLE_LIST,
  commitDrafts,
  commitPrepared,
  demandGoing,
  storedVersionTexts,
  submissionOf,
  type StoreTarget,
} from './drafting.ts';
import { BATCH, draftBatches, textBatches, type Making } from './making.ts';
import { expiryDraft, type Held } from './objects.ts';
import { Overlap } from './overlap.ts';
import type { PreparingPort } from './preparing.ts';
import { linesIn } from './spool.ts';
import { findingOf } from './stage.ts';
import { inThread } from './threads.ts';
import { WARNING_LISTS } from './model.ts';
import { feedErrors } from './errors.ts';

const PAGE = 1_000;
/** Number of batches that are prepared and written at the same time. */
const AT_ONCE = 2;

/** True for a feed that adds information to objects of other feeds. */
export function isEnriching({ map }: FeedDocument): boolean {
  return map.some(({ object }) => object === 'enrichment');
}

/** Returns the stored vulnerabilities of a collection that are not revoked, by CVE id. */
export async function heldIn(store: Store, collection: string): Promise<Held> {
  const held = new Map<string, string[]>();
  let after = 0;
  for (;;) {
    const { entries, more } = await store.entries(
      { collection, after, limit: PAGE, types: ['vulnerability'], versions: LAST_VERSION },
      true,
    );
    for (const { id, text } of entries) {
      const { name, revoked } = JSON.parse(text ?? '{}') as { name?: unknown; revoked?: unknown };
      if (typeof name !== 'string' || revoked === true) continue;
      const ids = held.get(name);
      if (ids === undefined) held.set(name, [id]);
      else ids.push(id);
    }
    after = entries.at(-1)?.added ?? after;
    if (!more || entries.length === 0) return held;
  }
}

/** Yields the ids of the indicators in the last file of a snapshot feed. */
export function memberIds(store: Pick<Store, 'listings'>, feed: string): AsyncGenerator<string> {
  return listedIn(store, feed, WHOLE_LIST);
}

/** Yields the ids of the objects that a unit of a feed lists. */
export async function* listedIn(
  store: Pick<Store, 'listings'>,
  feed: string,
  unit: string,
): AsyncGenerator<string> {
  let after = '';
  for (;;) {
    const page = await store.listings({ feed, unit, after, limit: PAGE });
    yield* page;
    after = page.at(-1) ?? after;
    if (page.length < PAGE) return;
  }
}

/**
 * Commits staged findings in batches. Each finding is compared with the stored object, so unchanged content creates no
 * version. For a snapshot, the indicators that the list no longer contains are ended afterwards. The last commit
 * includes the checkpoint, if there is one.
 */
export async function storeFindings(
  target: StoreTarget,
  staging: string,
  checkpoint: RecordChange | undefined,
  ids: UuidSet,
): Promise<void> {
  const { document, collection, now, store, keepAll = false } = target;
  const records = checkpoint === undefined ? [] : [checkpoint];
  const held = isEnriching(document) ? await heldIn(store, collection.id) : undefined;
  const endsMissing =
    document.mode === 'snapshot' && document.removal !== 'keep' && !keepAll && target.isWhole !== true;
  await storeStaged(target, { document, staging, now, held }, endsMissing ? [] : records);
  if (!endsMissing) return;
  let gone: string[] = [];
  for await (const id of memberIds(store, document.name)) {
    if (ids.has(id)) continue;
    if (gone.length === BATCH) {
      await endMembers(target, gone, []);
      gone = [];
    }
    gone.push(id);
  }
  await endMembers(target, gone, records);
}

/** Staging files with at least this many bytes are prepared in a thread, which takes a moment to start. */
const THREAD_FROM_BYTES = 256 * 1024;

/** Stores staged findings or objects. Those of a large file are made and checked in a thread. */
async function storeStaged(
  target: StoreTarget,
  making: Making,
  records: readonly RecordChange[],
): Promise<void> {
  const { size } = await stat(making.staging);
  if (size < THREAD_FROM_BYTES) return storeHere(target, making, records);
  const rules = target.intake.rulesOf(target.collection);
  const port: PreparingPort = {
    standing: (ids) => storedVersionTexts(target, ids),
    store: (batch) => commitPrepared(target, rules, batch, batch.isLast ? records : []),
  };
  await inThread({ kind: 'prepare', request: { ...making, rules } }, target.signal, {
    longestMs: LONGEST_STORING_MS,
    port,
  });
}

/** Milliseconds after which a thread that prepares objects is ended. It waits for the database most of the time. */
const LONGEST_STORING_MS = 86_400_000;

/** Makes and stores staged findings or objects in the current thread. */
async function storeHere(
  target: StoreTarget,
  making: Making,
  records: readonly RecordChange[],
): Promise<void> {
  const recordsOf = (isLast: boolean): readonly RecordChange[] => (isLast ? records : []);
  if (target.document.parser.kind === 'stix') {
    for await (const { texts, isLast } of textBatches(making.staging))
      await submitTexts(target, texts, recordsOf(isLast));
    return;
  }
  // The next batch is prepared while one is written. No two batches contain the same indicator.
  const writing = new Overlap(AT_ONCE);
  for await (const { drafts, listed, leftOut, isLast } of draftBatches(
    making,
    new Slices(target.clock, BACKGROUND_SLICE_MS),
  )) {
    for (let i = 0; i < leftOut; i++) target.leftOut('not-stored');
    const listings = listed.map((object) => ({ feed: target.document.name, unit: WHOLE_LIST, object }));
    // The last batch contains the checkpoint, which must not be stored before everything else is.
    if (isLast) await writing.end();
    await writing.add(() => commitDrafts(target, drafts, { listed: listings, records: recordsOf(isLast) }));
  }
  await writing.end();
}

/** Maximum number of entries of a list. */
const MOST_ENTRIES = 200_000;

/** Replaces the warning list that a feed maintains, in one commit with the checkpoint. */
export async function storeList(
  { document, store, lease, stored, beside, signal, keepAll = false }: StoreTarget,
  stagingFile: string,
  checkpoint: RecordChange,
): Promise<void> {
  const { warning_list: kept } = document;
  if (kept === undefined) throw new Error('the document keeps no list');
  const list: string[] = [];
  for await (const line of linesIn(stagingFile)) {
    const finding = findingOf(line);
    if (finding.kind === 'entry') list.push(finding.entry);
    if (list.length > MOST_ENTRIES) throw feedErrors.listTooLong();
  }
  if (signal.aborted) throw feedErrors.runStopped();
  const before = await WARNING_LISTS.in(store).get(kept.name);
  const present = new Set(before?.document.list);
  for (const entry of list) {
    if (present.delete(entry)) stored.unchanged++;
    else stored.created++;
  }
  if (keepAll) list.push(...present);
  else beside.removed += present.size;
  await store.commit({
    records: [
      WARNING_LISTS.put(kept.name, before, { type: kept.type, list, action: kept.action ?? 'drop' }),
      checkpoint,
    ],
    lease,
  });
}

async function endMembers(
  target: StoreTarget,
  gone: readonly string[],
  records: readonly RecordChange[],
): Promise<void> {
  const drafts = gone.map((id) => expiryDraft(id, target.now));
  const unlisted = gone.map((object) => ({ feed: target.document.name, unit: WHOLE_LIST, object }));
  await commitDrafts(target, drafts, { unlisted, records }, true);
}

/** Submits STIX objects unchanged: with their own ids, creators and markings. */
export async function storeObjects(
  target: StoreTarget,
  staging: string,
  checkpoint: RecordChange,
): Promise<void> {
  const { document, now } = target;
  await storeStaged(target, { document, staging, now, held: undefined }, [checkpoint]);
}

async function submitTexts(
  target: StoreTarget,
  texts: readonly string[],
  records: readonly RecordChange[],
): Promise<void> {
  demandGoing(target);
  const document = await gateSliced(Buffer.from(`{"objects":[${texts.join(',')}]}`));
  const outcomes = await target.intake.submit({
    ...submissionOf(target),
    count: document.objects.length,
    item: (i) => {
      const span = document.objects[i];
      return span === undefined ? { pointer: '', message: 'is not there' } : readObject(document, span);
    },
    records,
  });
  for (const [i, outcome] of outcomes.entries()) {
    target.unsettled.object(outcome, () => texts[i] ?? '');
    if (outcome.kind === 'stored') target.stored.created++;
    else if (outcome.kind === 'known') target.stored.unchanged++;
    else target.stored[outcome.kind]++;
  }
  target.progress();
}
