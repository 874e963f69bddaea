import { gateSliced, readObject } from '../kernel/json-gate.ts';
import { Slices } from '../kernel/slices.ts';
import { LAST_VERSION, type Listing, type RecordChange, type Store } from '../store/store.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { UuidSet } from './digest-set.ts';
import { commitDrafts, demandGoing, submissionOf, type StoreTarget } from './drafting.ts';
import { draftsOf, expiryDraft, identityDraft, markingDraft, type Draft, type Held } from './objects.ts';
import { findingOf, linesIn } from './stage.ts';
import { WARNING_LISTS } from './model.ts';
import { feedErrors } from './errors.ts';

const BATCH = 250;
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

/** The unit of the list of a snapshot feed, which is one list. */
const WHOLE_LIST = '';

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
  stagingFile: string,
  checkpoint: RecordChange | undefined,
  ids: UuidSet,
): Promise<void> {
  const { document, collection, now, store, keepAll = false } = target;
  const isSnapshot = document.mode === 'snapshot';
  const records = checkpoint === undefined ? [] : [checkpoint];
  const first: Draft[] = [markingDraft(document.defaults.tlp), identityDraft(document, now)];
  let drafts: Draft[] = first;
  let listed: Listing[] = [];
  let findings = 0;
  const held = isEnriching(document) ? await heldIn(store, collection.id) : undefined;
  // The next batch is prepared while one is written. No two batches contain the same indicator.
  const writing = new Overlap(AT_ONCE);
  const slices = new Slices(target.clock);
  for await (const line of linesIn(stagingFile)) {
    // Lines arrive without a pause between them.
    if (slices.isOver()) await slices.next();
    // A batch is committed when the next one begins. The last batch is then known and includes the checkpoint.
    if (findings > 0 && findings % BATCH === 0) {
      const batch = { drafts, listed };
      await writing.add(() => commitDrafts(target, batch.drafts, { listed: batch.listed }));
      drafts = [];
      listed = [];
    }
    const finding = findingOf(line);
    const made = draftsOf(document, finding, now, held);
    if (made.length === 0) {
      target.leftOut('not-held');
      continue;
    }
    drafts.push(...made);
    if (isSnapshot && !(finding.kind === 'indicator' && finding.gone === true))
      listed.push({ feed: document.name, unit: WHOLE_LIST, object: finding.id });
    findings++;
  }
  await writing.end();
  if (findings === 0) drafts = [];
  if (!isSnapshot || document.removal === 'keep' || keepAll || target.isWhole === true) {
    await commitDrafts(target, drafts, { listed, records });
    return;
  }
  await commitDrafts(target, drafts, { listed });
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

/** Maximum number of entries of a list. */
const MOST_ENTRIES = 200_000;

/** Replaces the warning list that a feed maintains, in one commit with the checkpoint. */
export async function storeList(
  { document, store, lease, stored, signal, keepAll = false }: StoreTarget,
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
  else stored.removed += present.size;
  await store.commit({
    records: [
      WARNING_LISTS.put(kept.name, before, { type: kept.type, list, action: kept.action ?? 'drop' }),
      checkpoint,
    ],
    lease,
  });
}

/** Runs a limited number of tasks at the same time. The first failure ends all of them. */
class Overlap {
  readonly #most: number;
  readonly #running: Promise<void>[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts a task when there is room. Throws the error of an earlier task. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.length >= this.#most) await this.#running.shift();
    const running = work();
    // The task is awaited later. Without a handler, an earlier failure would count as unhandled.
    running.catch(() => undefined);
    this.#running.push(running);
  }

  async end(): Promise<void> {
    while (this.#running.length > 0) await this.#running.shift();
  }
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
  stagingFile: string,
  checkpoint: RecordChange,
): Promise<void> {
  let texts: string[] = [];
  let objects = 0;
  for await (const line of linesIn(stagingFile)) {
    if (objects > 0 && objects % BATCH === 0) {
      await submitTexts(target, texts, []);
      texts = [];
    }
    texts.push(JSON.parse(line) as string);
    objects++;
  }
  await submitTexts(target, texts, [checkpoint]);
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
  for (const outcome of outcomes) {
    if (outcome.kind === 'stored') target.stored.created++;
    else if (outcome.kind === 'known') target.stored.unchanged++;
    else target.stored[outcome.kind]++;
  }
  target.progress();
}
