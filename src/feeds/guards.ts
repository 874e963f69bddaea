import type { FeedDocument } from '../config/settings.ts';
import type { Store } from '../store/store.ts';
import { memberIds } from './commit.ts';
import { WARNING_LISTS, type FeedStateRecord } from './model.ts';
import type { KindCounts, Staged } from './stage.ts';
import { isPaged } from './transports/paged.ts';
import type { Fetched } from './transports/transport.ts';

/** The context that the checks of a run need besides the rows. */
interface Asked {
  readonly document: FeedDocument;
  /** A person has checked the files and confirmed them. */
  readonly confirmed: boolean;
  readonly state: FeedStateRecord | undefined;
}

/** Lists with fewer entries than this may shrink without suspicion. */
const SMALL_LIST = 20;
/** Fewer bad rows than this prove nothing about the format. */
const FEWEST_BAD = 20;
/** Maximum number of kinds that a report names. */
const MOST_NOTES = 20;
const CONFIRM = 'or a person confirms it';

/**
 * Returns why the files as a whole are not plausible, so that nothing is stored. Undefined when they are. With
 * `remember`, the same files are accepted when they come again.
 */
export async function implausible(
  store: Store,
  staged: Staged,
  { document, confirmed, state }: Asked,
  { sha256, listing }: { readonly sha256: string; readonly listing: Fetched['listing'] },
): Promise<{ readonly reason: string; readonly remember: boolean } | undefined> {
  const { name } = document;
  const { records, quarantined } = staged.counts;
  if (records === 0 && document.guards?.allow_empty !== true && !confirmed && !isStream(document))
    return { reason: 'the file is empty, which is unusual for this feed', remember: false };
  const bad = quarantined - staged.unknown;
  const share = bad / Math.max(1, records - staged.unknown);
  if (
    isMostlyBad({ records: records - staged.unknown, bad }, document) &&
    !confirmed &&
    !isGoodInPart(staged, document)
  )
    if (state?.doubted !== sha256 || !isStream(document))
      return {
        reason: `${Math.round(share * 100)} % of the rows could not be used; the format may have changed (talanoa feed quarantine ${name})`,
        // A source that continues from where it ended must not stay there forever.
        remember: isStream(document),
      };
  if (
    listing !== undefined &&
    hasShrunk(listing.standing, listing.gone.length, document) &&
    !confirmed &&
    state?.doubted !== sha256
  )
    return {
      reason: `${listing.gone.length} of ${listing.standing} files are missing from the index; the hub ends nothing until it receives the same index again ${CONFIRM} (talanoa feed run ${name} --confirm)`,
      remember: true,
    };
  if (document.mode !== 'snapshot' || document.removal === 'keep') return undefined;
  const [doubt] = staged.doubts.values();
  if (doubt !== undefined && !confirmed)
    return {
      reason: `${doubt}; the file may be incomplete, so the hub stores nothing and ends nothing until it receives a complete file ${CONFIRM} (talanoa feed run ${name} --confirm)`,
      remember: false,
    };
  let { standing, gone } = await listShrunk(store, staged, document);
  for await (const id of memberIds(store, name)) {
    standing++;
    if (!staged.ids.has(id)) gone++;
  }
  staged.gone = gone;
  const shrunk = gone / Math.max(1, standing);
  if (
    standing < SMALL_LIST ||
    shrunk <= (document.guards?.max_shrink ?? 0.5) ||
    confirmed ||
    state?.doubted === sha256
  )
    return undefined;
  return {
    reason: `${gone} of ${standing} entries are missing; the hub removes nothing until it receives the same file again ${CONFIRM} (talanoa feed run ${name} --confirm)`,
    remember: true,
  };
}

function isMostlyBad({ records, bad }: KindCounts, { guards }: FeedDocument): boolean {
  return bad >= FEWEST_BAD && bad / Math.max(1, records) > (guards?.max_quarantine ?? 0.2);
}

/**
 * True when bad rows are of some kinds only, which prove nothing about the others. A single kind that is new proves
 * nothing about the format of a source with several.
 */
function isGoodInPart({ kinds }: Staged, document: FeedDocument): boolean {
  const bad = badKinds(kinds, document);
  return kinds.size > bad.length || (kinds.size === 1 && isStream(document));
}

function badKinds(
  kinds: Staged['kinds'],
  document: FeedDocument,
): readonly (readonly [string, KindCounts])[] {
  return [...kinds].filter(([, counts]) => isMostlyBad(counts, document) || counts.bad === counts.records);
}

/** Returns notes about the kinds of rows that are mostly bad while others are good. */
export function kindNotes({ kinds }: Staged, document: FeedDocument): readonly string[] {
  return [...kinds]
    .filter(([, counts]) => isMostlyBad(counts, document))
    .slice(0, MOST_NOTES)
    .map(
      ([kind, { records, bad }]) =>
        `bad-kind: ${bad} of ${records} rows of ${kind === '' ? 'no kind' : kind} are bad`,
    );
}

/** True for an index that has lost more files than is plausible. An index that is empty is never plausible at once. */
function hasShrunk(standing: number, gone: number, { guards }: FeedDocument): boolean {
  return (
    gone > 0 &&
    (gone === standing || (standing >= SMALL_LIST && gone / standing > (guards?.max_shrink ?? 0.5)))
  );
}

/** Returns the number of entries of the warning list that the feed maintains, and how many of them are gone. */
async function listShrunk(
  store: Store,
  { counts }: Staged,
  document: FeedDocument,
): Promise<{ standing: number; gone: number }> {
  if (document.warning_list === undefined) return { standing: 0, gone: 0 };
  const record = await WARNING_LISTS.in(store).get(document.warning_list.name);
  const standing = record?.document.list.length ?? 0;
  return { standing, gone: Math.max(0, standing - counts.accepted) };
}

/**
 * Returns why entries may be missing from plausible files, so that the received part is stored and nothing ends.
 * Undefined when they are complete.
 */
export function doubtIn(staged: Staged, { document, confirmed, state }: Asked): string | undefined {
  const { doubts, broken, counts, gone } = staged;
  if (confirmed) return undefined;
  const [doubt] = doubts;
  if (doubt !== undefined)
    return `${doubt[1]} (${doubt[0].slice(0, 100)}); the hub stores the rows that it received and reads the file again`;
  if (document.mode !== 'snapshot' || document.removal === 'keep' || gone === 0 || counts.quarantined === 0)
    return undefined;
  // Rows that were bad when the list was read last do not hide an entry that was good then.
  if (broken === 0 && badRowsOf(staged).bad_rows === state?.bad_rows) return undefined;
  const rows = counts.quarantined === 1 ? '1 row is' : `${counts.quarantined} rows are`;
  const entries = gone === 1 ? '1 entry is' : `${gone} entries are`;
  return `${rows} bad and ${entries} missing, which may be the same entries; the hub ends nothing until the rows are good ${CONFIRM} (talanoa feed quarantine ${document.name}; talanoa feed run ${document.name} --confirm)`;
}

/** Returns what a state remembers of the bad rows. */
export function badRowsOf({ counts, badRows }: Staged): { readonly bad_rows?: string } {
  return counts.quarantined === 0 ? {} : { bad_rows: badRows };
}

/** True for a source that continues where the last run ended instead of being read as a whole. */
export function isStream({ transport }: FeedDocument): boolean {
  return transport.kind !== 'https' || isPaged(transport);
}
