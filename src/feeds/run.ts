import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CollectionInfo } from '../access/snapshot.ts';
import { canonical } from '../kernel/canonical.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import type { Intake } from '../sharing/intake/intake.ts';
import { tlpMarking } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import { LAST_VERSION, type HubRecord, type Lease, type RecordChange, type Store } from '../store/store.ts';
import type { FeedDocument } from '../settings.ts';
import { durationMs } from './document.ts';
import { FetchProblem, fetchFeed, spooled, type Validators } from './fetch.ts';
import { Mapper, type Finding } from './mapper.ts';
import { draftsOf, feedIdentityId, identityDraft, type Draft } from './objects.ts';
import { parseFeed } from './parsers.ts';

/** How a run ended (feeds.md 1.1). */
export type RunStatus = 'ok' | 'ok-empty' | 'not-modified' | 'unchanged' | 'suspect' | 'failed';

/** Everything that is remembered of a run. */
export interface RunReport {
  readonly feed: string;
  readonly started: string;
  readonly ended: string;
  /** The slot of its schedule that it ran for; undefined for a run by hand. */
  readonly slot?: string;
  readonly status: RunStatus;
  /** Why it is not ok, in words. */
  readonly reason?: string;
  readonly http_status?: number;
  readonly bytes: number;
  readonly records: number;
  /** Distinct findings. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly held: number;
  readonly refused: number;
}

/** A row that could not become an indicator. */
export interface Quarantined {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: string;
}

/** The state of a feed between runs. Validators are kept only after a run that was stored. */
interface FeedState {
  readonly validators: Validators;
  readonly sha256: string;
  /** Digest of the document that mapped it: another mapping reads the file again. */
  readonly mapping: string;
  /** Milliseconds since 1970 of the last run that read the whole file. */
  readonly read_at: number;
}

export interface RunServices {
  readonly store: Store;
  readonly intake: Intake;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly spool: string;
  readonly secret: (reference: string) => string | undefined;
}

export interface RunProgress {
  (done: { readonly stage: 'fetch' | 'read' | 'store'; readonly records: number }): void;
}

const BATCH = 500;
/** Rows whose text is kept; the count goes on. */
const KEPT_QUARANTINE = 1_000;
const MOST_QUARANTINE = 100_000;
const MOST_RECORDS = 5_000_000;

/** Counters of one reading of the file. */
interface Counts {
  records: number;
  accepted: number;
  duplicates: number;
  filtered: number;
  quarantined: number;
}

/**
 * One run of a feed under its lease: fetch to a spool file, read and map every record into a staging file, look at the
 * whole (guards), then commit in batches; the checkpoint goes with the last one. A run that fails before that leaves the
 * last good state as it was.
 */
export async function runFeed(
  services: RunServices,
  document: FeedDocument,
  collection: CollectionInfo,
  lease: Lease,
  signal: AbortSignal,
  progress: RunProgress = () => undefined,
  slot?: string,
): Promise<RunReport> {
  const { store, clock } = services;
  const now = clock.now();
  // The fence tells runs apart whatever the clock does.
  const runId = `${document.name}/${new Date(now).toISOString()}/${lease.fence}`;
  const counts: Counts = { records: 0, accepted: 0, duplicates: 0, filtered: 0, quarantined: 0 };
  const stored = { created: 0, updated: 0, unchanged: 0, held: 0, refused: 0 };
  const quarantine: Quarantined[] = [];
  let bytes = 0;
  let httpStatus: number | undefined;
  let spoolFile: string | undefined;
  let stagingFile: string | undefined;

  const finish = async (
    status: RunStatus,
    reason: string | undefined,
    extra: readonly RecordChange[],
  ): Promise<RunReport> => {
    const report: RunReport = {
      feed: document.name,
      started: new Date(now).toISOString(),
      ended: new Date(clock.now()).toISOString(),
      ...(slot === undefined ? {} : { slot }),
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
      bytes,
      ...counts,
      ...stored,
    };
    const records: RecordChange[] = [
      ...extra,
      { kind: 'feed-run', id: runId, expected: 0, document: { ...report }, index: { feed: document.name } },
    ];
    if (quarantine.length > 0) {
      records.push({
        kind: 'feed-quarantine',
        id: runId,
        expected: 0,
        document: { rows: quarantine },
        index: { feed: document.name },
      });
    }
    await store.commit({ records, lease });
    return report;
  };

  const before = await store.record('feed-state', document.name);
  const state = before?.document as FeedState | undefined;
  const mapping = createHash('sha256').update(canonical(document)).digest('hex');
  // A list that never changes is read again now and then, so that what still stands in it does not run out.
  const fresh =
    state !== undefined &&
    state.mapping === mapping &&
    now - state.read_at < durationMs(document.defaults.valid_for) / 4;
  try {
    progress({ stage: 'fetch', records: 0 });
    const fetched = await fetchFeed(document.transport, {
      http: services.http,
      spool: services.spool,
      name: document.name,
      validators: fresh ? state.validators : {},
      secret: services.secret,
      signal,
    });
    httpStatus = fetched.status;
    if (fetched.kind === 'not-modified') return await finish('not-modified', undefined, []);
    spoolFile = fetched.path;
    bytes = fetched.bytes;
    const checkpoint = checkpointOf(document, before, {
      validators: fetched.validators,
      sha256: fetched.sha256,
      mapping,
      read_at: now,
    });
    if (fresh && state.sha256 === fetched.sha256)
      return await finish('unchanged', undefined, [
        { ...checkpoint, document: { ...state, validators: fetched.validators } },
      ]);

    stagingFile = `${fetched.path}.findings`;
    await stage(spooled(fetched.path), stagingFile, document, now, counts, quarantine, progress);
    const guard = guardOf(document, counts);
    if (guard !== undefined) return await finish('suspect', guard, []);
    await storeFindings(
      services,
      document,
      collection,
      lease,
      stagingFile,
      checkpoint,
      now,
      stored,
      signal,
      () => progress({ stage: 'store', records: counts.accepted }),
    );
    return await finish(counts.accepted === 0 ? 'ok-empty' : 'ok', undefined, []);
  } catch (error) {
    if (error instanceof FetchProblem) httpStatus = error.httpStatus ?? httpStatus;
    if (error instanceof Problem && error.code === 'TLN-S-410') throw error;
    const hint = error instanceof Problem && error.hint !== undefined ? ` ${error.hint}` : '';
    return await finish('failed', `${reasonOf(error)}.${hint}`, []);
  } finally {
    if (spoolFile !== undefined) await rm(spoolFile, { force: true });
    if (stagingFile !== undefined) await rm(stagingFile, { force: true });
  }
}

function checkpointOf(document: FeedDocument, before: HubRecord | undefined, state: FeedState): RecordChange {
  return { kind: 'feed-state', id: document.name, expected: before?.revision ?? 0, document: { ...state } };
}

/** Reads the whole file into a staging file of distinct findings. Nothing of the store is touched. */
async function stage(
  stream: ReturnType<typeof spooled>,
  stagingFile: string,
  document: FeedDocument,
  now: number,
  counts: Counts,
  quarantine: Quarantined[],
  progress: RunProgress,
): Promise<void> {
  const mapper = new Mapper(document, now);
  const seen = new Set<string>();
  const out = createWriteStream(stagingFile, { mode: 0o600 });
  try {
    for await (const parsed of parseFeed(stream, document.parser)) {
      if (++counts.records > MOST_RECORDS)
        throw new Problem('peer', 'The feed has more than 5 million records', { code: 'TLN-F-012' });
      if (counts.records % 10_000 === 0) progress({ stage: 'read', records: counts.records });
      const mapped =
        parsed.kind === 'row'
          ? mapper.map(parsed.row)
          : { kind: 'quarantined' as const, code: parsed.code, message: parsed.message };
      if (mapped.kind === 'filtered') counts.filtered++;
      else if (mapped.kind === 'quarantined') {
        if (++counts.quarantined > MOST_QUARANTINE)
          throw new Problem('peer', 'More than 100,000 rows of the feed are bad', { code: 'TLN-F-013' });
        if (quarantine.length < KEPT_QUARANTINE) {
          quarantine.push({
            line: parsed.line,
            code: mapped.code,
            message: mapped.message,
            raw: parsed.raw.slice(0, 4096),
          });
        }
      } else {
        for (const finding of mapped.findings) {
          if (seen.has(finding.pattern)) counts.duplicates++;
          else {
            seen.add(finding.pattern);
            counts.accepted++;
            if (!out.write(`${JSON.stringify(finding)}\n`)) await once(out, 'drain');
          }
        }
      }
    }
  } finally {
    await new Promise<void>((resolve) => out.end(() => resolve()));
  }
}

/** Why the file as a whole is not believed, or undefined (feeds.md 1.1, guards). */
function guardOf(document: FeedDocument, counts: Counts): string | undefined {
  if (counts.records === 0 && document.guards?.allow_empty !== true)
    return 'the file is empty, which this feed never is';
  const share = counts.quarantined / Math.max(1, counts.records);
  const most = document.guards?.max_quarantine ?? 0.2;
  if (counts.quarantined >= 20 && share > most)
    return `${Math.round(share * 100)} % of the rows are bad; the format may have changed`;
  return undefined;
}

/** Commits the staged findings in batches, each compared with what stands, so that the same content makes no version. */
async function storeFindings(
  services: RunServices,
  document: FeedDocument,
  collection: CollectionInfo,
  lease: Lease,
  stagingFile: string,
  checkpoint: RecordChange,
  now: number,
  stored: { created: number; updated: number; unchanged: number; held: number; refused: number },
  signal: AbortSignal,
  progress: () => void,
): Promise<void> {
  const identity = identityDraft(document, now);
  const marking = tlpMarking(document.defaults.tlp);
  let drafts: Draft[] = [
    { id: String(marking['id']), against: (standing) => (standing === undefined ? marking : undefined) },
    identity,
  ];
  const flush = async (records: readonly RecordChange[]): Promise<void> => {
    if (signal.aborted) throw new Problem('unavailable', 'The run was stopped', { code: 'TLN-F-014' });
    await commitDrafts(services, document, collection, lease, drafts, records, stored);
    drafts = [];
    progress();
  };
  let findings = 0;
  for await (const line of createInterface({ input: createReadStream(stagingFile) })) {
    // A batch goes when the next one begins, so that the last one is known and takes the checkpoint along.
    if (findings > 0 && findings % BATCH === 0) await flush([]);
    drafts.push(...draftsOf(document, JSON.parse(line) as Finding, now));
    findings++;
  }
  if (findings === 0) drafts = [];
  await flush([checkpoint]);
}

async function commitDrafts(
  { store, intake }: RunServices,
  document: FeedDocument,
  collection: CollectionInfo,
  lease: Lease,
  drafts: readonly Draft[],
  records: readonly RecordChange[],
  stored: { created: number; updated: number; unchanged: number; held: number; refused: number },
): Promise<void> {
  const ids = drafts.map(({ id }) => id);
  const { entries } = await store.entries(
    { collection: collection.id, after: 0, limit: ids.length * 2, ids, versions: LAST_VERSION },
    true,
  );
  const standing = new Map(entries.map(({ id, text }) => [id, JSON.parse(text ?? '{}') as StixObject]));
  const objects: StixObject[] = [];
  const isNew: boolean[] = [];
  for (const draft of drafts) {
    const present = standing.get(draft.id);
    const object = draft.against(present);
    if (object === undefined) {
      if (draft.id.startsWith('indicator--')) stored.unchanged++;
      continue;
    }
    objects.push(object);
    isNew.push(present === undefined);
    // The same observable in two rows is one object.
    standing.set(draft.id, object);
  }
  const texts = objects.map((object) => JSON.stringify(object));
  const outcomes = await intake.submit({
    actor: {
      kind: 'feed',
      name: document.name,
      identity: feedIdentityId(document.name),
      defaultTlp: document.defaults.tlp,
    },
    collection,
    count: objects.length,
    item: (i) => ({ text: texts[i] ?? '', value: objects[i] ?? {} }),
    records,
    lease,
  });
  outcomes.forEach((outcome, i) => {
    if (outcome.kind === 'held') stored.held++;
    else if (outcome.kind === 'refused') stored.refused++;
    else if (outcome.id.startsWith('indicator--') && outcome.kind === 'stored') {
      if (isNew[i] === true) stored.created++;
      else stored.updated++;
    }
  });
}
