import { decide } from '../../access/policy.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { markingFacts, tlpOf } from '../../stix/markings.ts';
import type { FeedbackKind, Report } from './model.ts';

const DAY_MS = 86_400_000;
/** A collection with fewer readers among the members has no summary: a count would name who reported. */
const FEWEST_READERS = 3;
/** Sightings older than this are not counted. */
const WINDOW_MS = 365 * DAY_MS;

/** How many members reported something. Exact numbers would name them. */
export type Bucket = '1' | '2-4' | '5+';

/** The facts that others see about the reports of members. */
export interface FeedbackSummary {
  readonly members: Bucket;
  /** The day of the last report, in milliseconds since 1970. Only for five members or more. */
  readonly last?: number;
}

/**
 * Returns how many members made some reports. Each counts once, and reports that somebody else could have made do not
 * count. The first account of a new member counts by itself, so that its reports change the number whatever was reported
 * before. Later reports of proven accounts of the member take its place.
 */
export function reportersOf(reports: readonly Report[]): number {
  const proven = new Map<string, number>();
  for (const { member, debut, apart, at } of reports)
    if (debut === undefined && apart !== true) proven.set(member, Math.max(at, proven.get(member) ?? at));
  const firsts = new Set<string>();
  for (const { member, account = '', debut, apart, at } of reports)
    if (debut !== undefined && apart !== true && (proven.get(member) ?? -1) < at)
      firsts.add(`${member} ${account} ${debut}`);
  return proven.size + firsts.size;
}

/** Returns the readable collections in which a summary names nobody. */
export function countable(
  collections: Iterable<CollectionInfo>,
  viewer: Principal,
  directory: Snapshot,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const collection of collections) {
    const rights = directory.rights(viewer, collection);
    if (!can(viewer, 'collection.read', { kind: 'collection', rights })) continue;
    let readers = 0;
    for (const name of directory.members.keys()) {
      if (name === 'hub' || directory.grantFor(name, collection) === undefined) continue;
      if (++readers >= FEWEST_READERS) break;
    }
    if (readers >= FEWEST_READERS) found.add(collection.id);
  }
  return found;
}

/**
 * Returns the counts that a viewer sees for the reports of one kind. Undefined for none. A report counts only for viewers
 * that may see its TLP level, and that read a collection with the value that its reporter also reads.
 */
export function summaryFor(
  reports: readonly Report[],
  kind: FeedbackKind,
  collections: ReadonlySet<string>,
  viewer: Principal,
  directory: Snapshot,
  now: number,
): FeedbackSummary | undefined {
  const audience = directory.audienceOf(viewer);
  const marking = markingFacts({ type: 'sighting' }, () => undefined);
  const counted = reports.filter(
    (report) =>
      report.kind === kind &&
      report.apart !== true &&
      (report.last ?? report.at) > now - WINDOW_MS &&
      report.collections.some((id) => collections.has(id)) &&
      decide({ effective: tlpOf(report.level), marking }, audience, 'console', now).verdict === 'allow',
  );
  const members = reportersOf(counted);
  if (members === 0) return undefined;
  if (members < 5) return { members: members === 1 ? '1' : '2-4' };
  // An account that was given again counts once more, and does not make five members of three.
  if (new Set(counted.map(({ member }) => member)).size < 5) return { members: '2-4' };
  const last = Math.max(...counted.map((report) => report.last ?? report.at));
  return { members: '5+', last: Math.floor(last / DAY_MS) * DAY_MS };
}
