import { join } from 'node:path';
import type { CollectionInfo, MemberInfo } from '../access/snapshot.ts';
import { gateSliced } from '../kernel/json-gate.ts';
import { giveTurn } from '../kernel/slices.ts';
import { itemOf } from '../sharing/intake/envelope-items.ts';
import { markedTlp, rankOf } from '../stix/markings.ts';
import { compareTimestamps } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import { LAST_VERSION, allEntries } from '../store/store.ts';
import type { FeedDocument } from '../config/settings.ts';
import { heldIn, isEnriching, memberIds } from './commit.ts';
import { feedActor } from './drafting.ts';
import { textBatches } from './making.ts';
import { draftsOf } from './objects.ts';
import type { Quarantined, ReadCounts } from './report.ts';
import { fetchSource } from './fetching.ts';
import type { Sample } from './sample-rows.ts';
import { readSamples } from './samples.ts';
import type { Fetched } from './transports/transport.ts';
import type { RunServices } from './run.ts';
import { linesIn } from './spool.ts';
import { findingOf, nothingStaged } from './stage.ts';
import { compared, stageFiles } from './staging.ts';
import { inSpool } from './spool.ts';
import { Unsettled } from './unsettled.ts';
import { keptLists } from './warning-lists.ts';

/** Maximum number of objects and rows that a preview shows. */
const SHOWN = 50;
/** Maximum number of findings that are compared with stored objects. */
const MOST_COMPARED = 20_000;
const BATCH = 100;
/** Number of findings that are compared before other requests get their turn. */
const COMPARED_AT_ONCE = 100;

/** The results that a run would have. */
export interface Preview extends Readonly<ReadCounts> {
  readonly http_status?: number;
  /** Why no row was read, as a sentence. */
  readonly nothing_read?: string;
  readonly bytes: number;
  readonly filtered_by: Readonly<Record<string, number>>;
  readonly quarantined_by: Readonly<Record<string, number>>;
  /** Number of indicators that are new, would get a new version, and are unchanged. Only the first 20,000 count. */
  readonly new: number;
  readonly changed: number;
  readonly same: number;
  /** Number of new and changed objects that a run would put on hold for their level. */
  readonly held: number;
  /** Entries that the list no longer contains (snapshot). */
  readonly gone: number;
  readonly objects: readonly StixObject[];
  readonly quarantine: readonly Quarantined[];
  /** The first rows and what they become. */
  readonly samples: readonly Sample[];
}

export interface PreviewContext {
  readonly services: RunServices;
  readonly document: FeedDocument;
  readonly collection: CollectionInfo;
  readonly members: readonly MemberInfo[];
  readonly signal: AbortSignal;
  /** Files that were fetched already. The source is not asked again. */
  readonly given?: Fetched | undefined;
}

/** Fetches and maps like a run, compares with the stored objects, and writes nothing. */
export function preview(context: PreviewContext, now: number): Promise<Preview> {
  const { services, document } = context;
  return inSpool(services.spool, document.name, (folder) => previewIn(folder, context, now));
}

async function previewIn(folder: string, context: PreviewContext, now: number): Promise<Preview> {
  const { services, document, members, signal } = context;
  const staged = nothingStaged();
  const staging = join(folder, 'findings');
  // A person waits for the response.
  const fetched = await fetchSource(services, document, {
    spool: folder,
    cursor: {},
    signal,
    tries: 1,
    given: context.given,
  });
  const isStix = document.parser.kind === 'stix';
  const kept = await keptLists(services.store);
  const order = { files: fetched.files, staging, document, members: compared(members), kept, now };
  await stageFiles(order, staged, () => undefined, signal);
  const unsettled = new Unsettled();
  const result = isStix ? await checked(context, staging, unsettled) : await compare(context, staging, now);
  const { refused } = result;
  let gone = 0;
  if (document.mode === 'snapshot')
    for await (const id of memberIds(services.store, document.name)) if (!staged.ids.has(id)) gone++;
  return {
    ...(fetched.status === undefined ? {} : { http_status: fetched.status }),
    ...(staged.counts.records > 0 ? {} : { nothing_read: fetched.nothing ?? 'The source has no rows' }),
    bytes: fetched.files.reduce((sum, { bytes }) => sum + bytes, 0),
    ...staged.counts,
    // A refused object is a row that becomes nothing.
    used: staged.counts.used - refused,
    accepted: staged.counts.accepted - refused,
    quarantined: staged.counts.quarantined + refused,
    filtered_by: staged.filteredBy,
    quarantined_by: { ...staged.quarantinedBy, ...(refused === 0 ? {} : { refused }) },
    new: result.new,
    changed: result.changed,
    same: result.same,
    held: result.held,
    objects: result.objects,
    gone,
    quarantine: [...staged.quarantine, ...unsettled.refused].slice(0, SHOWN),
    samples: isStix ? [] : (await readSamples(order, signal)).map((row) => judged(row, context.collection)),
  };
}

/** A run puts an object on hold that no collection, or not this one, may contain. */
function goesOnHold(object: StixObject, { max_tlp: max }: CollectionInfo): boolean {
  const level = markedTlp(object);
  return level !== undefined && (level === 'red' || rankOf(level) > rankOf(max));
}

function judged(row: Sample, collection: CollectionInfo): Sample {
  return row.objects.some((object) => goesOnHold(object as StixObject, collection))
    ? { ...row, held: true }
    : row;
}

type Compared = Pick<Preview, 'new' | 'changed' | 'same' | 'held' | 'objects'> & {
  /** Number of objects that the hub would refuse. */
  readonly refused: number;
};

/** Makes all decisions of a run about the objects of a STIX feed, and stores nothing. */
async function checked(
  { services, document, collection }: PreviewContext,
  staging: string,
  unsettled: Unsettled,
): Promise<Compared> {
  const counts = { new: 0, changed: 0, same: 0, held: 0, refused: 0 };
  const objects: StixObject[] = [];
  let checkedCount = 0;
  for await (const { texts } of textBatches(staging)) {
    if (checkedCount >= MOST_COMPARED) break;
    checkedCount += texts.length;
    const gated = await gateSliced(Buffer.from(`{"objects":[${texts.join(',')}]}`));
    const judged = await services.intake.foresee({
      actor: feedActor(document),
      collection,
      count: gated.objects.length,
      item: (i) => itemOf(gated, i),
    });
    const ids = judged.flatMap((item) => (item.kind === 'candidate' ? [item.candidate.id] : []));
    const query = { collection: collection.id, after: 0, limit: ids.length * 2, ids, versions: LAST_VERSION };
    const standing = new Map(
      ids.length === 0
        ? []
        : (await allEntries(services.store, query)).map(({ id, version }) => [id, version] as const),
    );
    judged.forEach((item, i) => {
      if (item.kind === 'refused') {
        counts.refused++;
        unsettled.object(item.outcome, () => texts[i] ?? '');
        return;
      }
      unsettled.object({ id: '', version: '', kind: 'stored' }, () => '');
      const before = item.kind === 'candidate' ? standing.get(item.candidate.id) : undefined;
      if (item.kind !== 'candidate' || before === undefined) counts.new++;
      else if (compareTimestamps(item.candidate.version, before) > 0) counts.changed++;
      else counts.same++;
      if (item.kind === 'held') counts.held++;
      if (objects.length < SHOWN) objects.push(JSON.parse(texts[i] ?? '{}') as StixObject);
    });
  }
  return { ...counts, objects };
}

async function compare(
  { services, document, collection }: PreviewContext,
  staging: string,
  now: number,
): Promise<Compared> {
  const counts = { new: 0, changed: 0, same: 0, held: 0 };
  const objects: StixObject[] = [];
  let drafts: ReturnType<typeof draftsOf>[number][] = [];
  const flush = async (): Promise<void> => {
    const ids = drafts.map(({ id }) => id);
    if (ids.length === 0) return;
    const query = { collection: collection.id, after: 0, limit: ids.length * 2, ids, versions: LAST_VERSION };
    const entries = await allEntries(services.store, query);
    const standing = new Map(entries.map(({ id, text }) => [id, JSON.parse(text ?? '{}') as StixObject]));
    for (const draft of drafts) {
      const present = standing.get(draft.id);
      const object = draft.against(present);
      if (object === undefined) counts.same++;
      else if (present === undefined) counts.new++;
      else counts.changed++;
      if (object !== undefined && goesOnHold(object, collection)) counts.held++;
      if (objects.length < SHOWN && (object ?? present) !== undefined) objects.push(object ?? present ?? {});
    }
    drafts = [];
  };
  let findings = 0;
  const held = isEnriching(document) ? await heldIn(services.store, collection.id) : undefined;
  for await (const line of linesIn(staging)) {
    if (++findings > MOST_COMPARED) break;
    if (findings % COMPARED_AT_ONCE === 0) await giveTurn();
    const [main] = draftsOf(document, findingOf(line), now, held);
    if (main !== undefined) drafts.push(main);
    if (drafts.length === BATCH) await flush();
  }
  await flush();
  return { ...counts, objects, refused: 0 };
}
