import type { CollectionInfo } from '../access/snapshot.ts';
import { feedIdentityId } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { Slices } from '../kernel/slices.ts';
import type { Intake } from '../sharing/intake/intake.ts';
import type { Outcome } from '../sharing/intake/outcome.ts';
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
import type { Draft } from './objects.ts';
import type { StoreCounts } from './report.ts';
import type { Unsettled } from './unsettled.ts';

/** Maximum length of a stored pattern. The beginning of a longer one says enough. */
const LONGEST_PATTERN = 1_000;
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
  readonly stored: StoreCounts;
  readonly progress: () => void;
  /** Receives what was held or refused. */
  readonly unsettled: Unsettled;
  /** The files contain all entries of the list, so none is ended. */
  readonly isWhole?: boolean;
  /** Called for each finding that is read but not stored, with the reason. */
  readonly leftOut: (reason: string) => void;
}

/** An object to store, made of a draft. */
interface Made {
  readonly object: StixObject;
  readonly text: string;
  readonly before: StixObject | undefined;
  readonly draft: Draft;
}

/** Returns the stored objects of drafts. Other requests get their turn between the reads. */
async function standingOf(
  { store, collection }: StoreTarget,
  drafts: readonly Draft[],
): Promise<Map<string, StixObject>> {
  const standing = new Map<string, StixObject>();
  for (let at = 0; at < drafts.length; at += READ_AT_ONCE) {
    const ids = drafts.slice(at, at + READ_AT_ONCE).map(({ id }) => id);
    const query = { collection: collection.id, after: 0, limit: ids.length * 2, ids, versions: LAST_VERSION };
    for (const { id, text } of await allEntries(store, query))
      standing.set(id, JSON.parse(text ?? '{}') as StixObject);
  }
  return standing;
}

/** Returns the objects of the drafts that contain something new, in slices. */
async function madeOf(target: StoreTarget, drafts: readonly Draft[], ending: boolean): Promise<Made[]> {
  const { stored, clock } = target;
  const standing = await standingOf(target, drafts);
  const made: Made[] = [];
  const slices = new Slices(clock);
  for (const draft of drafts) {
    const { id, counted, against } = draft;
    const before = standing.get(id);
    const object = against(before);
    if (object === undefined) {
      if (counted && !ending) stored.unchanged++;
    } else {
      made.push({ object, text: JSON.stringify(object), before, draft });
      // Two rows with the same observable share one object.
      standing.set(id, object);
    }
    if (slices.isOver()) await slices.next();
  }
  return made;
}

/**
 * Commits the drafts that contain something new, with the records that belong to them. `ending` means that each draft
 * ends an indicator.
 */
export async function commitDrafts(
  target: StoreTarget,
  drafts: readonly Draft[],
  more: Omit<FeedItems, 'found'> & {
    readonly records?: readonly RecordChange[];
    /** The record changes remove data that may be TLP:RED. */
    readonly scrub?: boolean;
  },
  ending = false,
): Promise<void> {
  demandGoing(target);
  const { listed = [], unlisted = [], records = [], scrub = false } = more;
  const made = await madeOf(target, drafts, ending);
  const found = made.flatMap(({ object, before }) =>
    object['type'] === 'indicator' && before === undefined
      ? [
          {
            value: String(object['pattern']).slice(0, LONGEST_PATTERN),
            feed: target.document.name,
            at: target.now * 1000,
          },
        ]
      : [],
  );
  const outcomes = await target.intake.submit({
    ...submissionOf(target),
    count: made.length,
    item: (i) => ({ text: made[i]?.text ?? '', value: made[i]?.object ?? {} }),
    records,
    scrub,
    feedItems: { listed, unlisted, found },
  });
  outcomes.forEach((outcome, i) => {
    const one = made[i];
    if (one !== undefined) count(outcome, one, target, ending);
  });
  target.progress();
}

function count(
  { kind }: Outcome,
  { object, before, draft }: Made,
  { stored, unsettled }: StoreTarget,
  ending: boolean,
): void {
  if (kind === 'held' || kind === 'refused') {
    stored[kind]++;
    if (draft.finding !== undefined) unsettled.add(draft.finding);
  } else if (draft.counted && kind === 'stored') {
    if (ending || object['revoked'] === true) stored.removed++;
    else if (before === undefined) stored.created++;
    else stored.updated++;
  }
}

/** Returns the parts that all submissions of a run share. */
export function submissionOf({ document, collection, lease }: StoreTarget): {
  readonly actor: {
    readonly kind: 'feed';
    readonly name: string;
    readonly identity: string;
    readonly defaultTlp: FeedDocument['defaults']['tlp'];
  };
  readonly collection: CollectionInfo;
  readonly lease: Lease;
} {
  return {
    actor: {
      kind: 'feed',
      name: document.name,
      identity: feedIdentityId(document.name),
      defaultTlp: document.defaults.tlp,
    },
    collection,
    lease,
  };
}

/** Throws a Problem when the run is stopped. */
export function demandGoing({ signal }: StoreTarget): void {
  if (signal.aborted) throw feedErrors.runStopped();
}
