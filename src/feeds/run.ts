import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CollectionInfo, MemberInfo } from '../access/snapshot.ts';
import { canonical } from '../kernel/canonical.ts';
import type { LimitFunction } from 'p-limit';
import { joined } from '../kernel/deadline.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import type { Intake } from '../sharing/intake/intake.ts';
import { runOffer } from '../sharing/scorecards/offers.ts';
import type { Stored } from '../store/records.ts';
import type { AuditFact, Lease, RecordChange, Store } from '../store/store.ts';
import type { FeedDocument } from '../config/settings.ts';
import { durationMs } from './document.ts';
import { storeFindings, storeList, storeObjects } from './commit.ts';
import type { StoreTarget } from './drafting.ts';
import type { FetchPlaces } from './fetch-places.ts';
import { fetchSource, type FetchServices } from './fetching.ts';
import { FEED_RUNS, FEED_STATES, type FeedStateRecord } from './model.ts';
import { quarantineChange, type QuarantineSealing } from './quarantine.ts';
import {
  nothingStored,
  settled,
  together,
  type RunProgress,
  type RunReport,
  type RunStatus,
} from './report.ts';
import { isUnitKey } from './findings.ts';
import { badRowsOf, doubtIn, implausible, isStream, kindNotes } from './guards.ts';
import { RunRows, withoutRows } from './run-rows.ts';
import { checkpointOf, digestOf, doubting } from './run-state.ts';
import { KEPT_QUARANTINE, leaveOut, nothingStaged, unitsFileOf, type Staged } from './stage.ts';
import { compared, stageFiles } from './staging.ts';
import { storeUnits } from './units.ts';
import { inSpool } from './spool.ts';
import { FetchProblem, type Cursor, type Fetched } from './transports/transport.ts';
import { Unsettled } from './unsettled.ts';
import { keptLists } from './warning-lists.ts';

export interface RunServices extends FetchServices {
  readonly store: Store;
  readonly intake: Intake;
  readonly spool: string;
  /** Seals the rows of the quarantine. */
  readonly sealer: QuarantineSealing;
}

/** Options of a run. */
export interface RunRequest {
  readonly slot?: string | undefined;
  /** A person has checked a list that shrank and confirmed it. */
  readonly confirmed?: boolean | undefined;
  /** Uploaded files, which replace fetching. */
  readonly given?: Fetched | undefined;
  /** Audit facts about the account that starts the run. They are durable before the run stores anything. */
  readonly facts?: readonly AuditFact[] | undefined;
}

export interface RunContext {
  readonly services: RunServices;
  readonly document: FeedDocument;
  readonly collection: CollectionInfo;
  readonly members: readonly MemberInfo[];
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly progress: RunProgress;
  /** Limits of how many runs of the hub fetch, and how many read and store, at the same time. */
  readonly places: { readonly fetch: FetchPlaces; readonly work: LimitFunction };
}

/** Maximum number of files that are remembered as doubtful. */
const MOST_DOUBTFUL = 1_000;

/**
 * One run of a feed under its lease:
 *
 * - Fetch into spool files.
 * - Read and map every record into a staging file.
 * - Check the files as a whole.
 * - Commit in batches. The last commit includes the checkpoint.
 *
 * A run that fails before the commits leaves the last good state unchanged.
 */
export async function runFeed(context: RunContext, request: RunRequest = {}): Promise<RunReport> {
  return new Run(context, request).go();
}

class Run {
  readonly #c: RunContext;
  readonly #request: RunRequest;
  readonly #now: number;
  readonly #staged: Staged = nothingStaged();
  readonly #stored = nothingStored();
  readonly #beside = nothingStored();
  readonly #unsettled = new Unsettled();
  readonly #took = { fetch: 0, read: 0, store: 0 };
  #fetched: Fetched | undefined;
  #httpStatus: number | undefined;

  constructor(context: RunContext, request: RunRequest) {
    this.#c = context;
    this.#request = request;
    this.#now = context.services.clock.now();
  }

  go(): Promise<RunReport> {
    const { document, services } = this.#c;
    return inSpool(services.spool, document.name, (folder) => this.#goIn(folder));
  }

  async #goIn(folder: string): Promise<RunReport> {
    const { document, services, progress } = this.#c;
    const before = await FEED_STATES.in(services.store).get(document.name);
    const state = before?.document;
    const mapping = createHash('sha256').update(canonical(document)).digest('hex');
    // A list that never changes is still read again from time to time. Otherwise its entries would expire.
    const fresh =
      state !== undefined &&
      state.mapping === mapping &&
      this.#now - state.read_at < durationMs(document.defaults.valid_for) / 4;
    try {
      progress({ stage: 'fetch', records: 0 });
      // A slow source must not block the others. Many sources are fetched at the same time, but only a few are
      // processed.
      const fetched = await this.#c.places.fetch.run((slow) =>
        this.#timed('fetch', () =>
          this.#fetch(folder, fresh || isStream(document) ? state : undefined, slow),
        ),
      );
      this.#fetched = fetched;
      this.#httpStatus = fetched.status;
      if (fetched.unchanged) return await this.#finish('not-modified', fetched.nothing);
      const sha256 = digestOf(fetched);
      const next: FeedStateRecord = { cursor: fetched.cursor, sha256, mapping, read_at: this.#now };
      if (fresh && state.sha256 === sha256 && this.#request.given === undefined)
        return await this.#finish('unchanged', undefined, [
          checkpointOf(document, before, { ...state, cursor: fetched.cursor }),
        ]);
      // A part of a list does not show what the rest contains.
      if (fetched.incomplete !== undefined && document.mode === 'snapshot')
        return await this.#finish(
          'suspect',
          `${fetched.incomplete}; the hub stores nothing and ends nothing until it receives the whole list`,
        );
      return await this.#c.places.work(() => this.#use(fetched, join(folder, 'findings'), before, next));
    } catch (error) {
      return await this.#failed(error);
    }
  }

  /** Reads fetched files and stores what they contain. `next` is the state after that. */
  async #use(
    fetched: Fetched,
    staging: string,
    before: Stored<FeedStateRecord> | undefined,
    next: FeedStateRecord,
  ): Promise<RunReport> {
    const { document, services } = this.#c;
    const state = before?.document;
    const { sha256, mapping } = next;
    const rows = await RunRows.of(this.#rowParts(), staging, state);
    await this.#timed('read', () => this.#stage(fetched, staging, rows));
    this.#compareColumns(state);
    const asked = { document, confirmed: this.#request.confirmed === true, state };
    const { listing, incomplete } = fetched;
    const guard = await implausible(services.store, this.#staged, asked, { sha256, listing });
    if (guard !== undefined)
      return this.#finish(
        'suspect',
        guard.reason,
        guard.remember ? [doubting(document, before, state, sha256, mapping)] : [],
      );
    const doubt = doubtIn(this.#staged, asked);
    const known = this.#withColumns({ ...next, ...badRowsOf(this.#staged) });
    const now = await withoutRows(services.store, document.name, this.#c.lease, true);
    const isSure = doubt === undefined && incomplete === undefined;
    const sure = isSure && rows !== undefined ? { ...known, rows: rows.remembered() } : known;
    const checkpoint = checkpointOf(document, now, doubt === undefined ? sure : this.#readAgain(known));
    await this.#timed('store', () => this.#store(staging, checkpoint, doubt !== undefined));
    if (isSure) await rows?.keep(this.#unsettled);
    return doubt === undefined ? this.#finish(this.#outcome(), incomplete) : this.#finish('suspect', doubt);
  }

  /** Reports columns that appeared or disappeared since the last run. They are the first sign of a changed format. */
  #compareColumns(state: FeedStateRecord | undefined): void {
    const { columns, warnings } = this.#staged;
    if (columns === undefined || state?.columns === undefined) return;
    const added = columns.filter((name) => !state.columns?.includes(name));
    const gone = state.columns.filter((name) => !columns.includes(name));
    if (added.length > 0) warnings.add(`columns-added: ${added.join(', ').slice(0, 200)}`);
    if (gone.length > 0) warnings.add(`columns-gone: ${gone.join(', ').slice(0, 200)}`);
  }

  #withColumns(state: FeedStateRecord): FeedStateRecord {
    const { columns } = this.#staged;
    return columns === undefined ? state : { ...state, columns };
  }

  /** Returns a state with which the next run reads the doubtful files again. */
  #readAgain(next: FeedStateRecord): FeedStateRecord {
    const { document } = this.#c;
    const { files } = next.cursor;
    const cursor: Cursor = !isStream(document)
      ? {}
      : files === undefined
        ? next.cursor
        : {
            doubtful: [...this.#staged.doubts.keys()].slice(0, MOST_DOUBTFUL),
            files: Object.fromEntries(
              Object.entries(files).filter(([name]) => !this.#staged.doubts.has(name)),
            ),
          };
    return { ...next, cursor, sha256: '' };
  }

  async #fetch(folder: string, state: FeedStateRecord | undefined, slow: AbortSignal): Promise<Fetched> {
    const { services, document, progress } = this.#c;
    const { signal, release } = joined(this.#c.signal, slow);
    try {
      return await fetchSource(services, document, {
        spool: folder,
        cursor: state?.cursor ?? {},
        signal,
        given: this.#request.given,
        onRetry: () => progress({ stage: 'fetch', records: 0 }),
      });
    } finally {
      release();
    }
  }

  #rowParts(): Parameters<typeof RunRows.of>[0] {
    const { services, document, collection } = this.#c;
    const { store, spool } = services;
    return { store, spool, document, collection: collection.id, now: this.#now };
  }

  async #stage({ files }: Fetched, staging: string, rows: RunRows | undefined): Promise<void> {
    const { document, services, members, signal, progress } = this.#c;
    await stageFiles(
      {
        files,
        staging,
        document,
        members: compared(members),
        kept: await keptLists(services.store),
        now: this.#now,
        rows: rows?.files,
      },
      this.#staged,
      progress,
      signal,
    );
  }

  /** With `keepAll`, no entry that is gone from a list is ended. */
  async #store(staging: string, checkpoint: RecordChange, keepAll: boolean): Promise<void> {
    const { services, document, collection, lease, signal, progress } = this.#c;
    const target: StoreTarget = {
      store: services.store,
      intake: services.intake,
      clock: services.clock,
      document,
      collection,
      lease,
      signal,
      now: this.#now,
      keepAll,
      isWhole: this.#staged.gone === 0,
      stored: this.#stored,
      beside: this.#beside,
      unsettled: this.#unsettled,
      progress: () => progress({ stage: 'store', records: this.#staged.counts.accepted }),
      leftOut: (reason) => {
        const { counts } = this.#staged;
        counts.accepted--;
        counts.used--;
        leaveOut(this.#staged, reason);
      },
    };
    const { ids, known } = this.#staged;
    this.#stored.unchanged += known;
    if (document.parser.kind === 'stix') await storeObjects(target, staging, checkpoint);
    else if (document.warning_list !== undefined) await storeList(target, staging, checkpoint);
    else if (document.parser.kind === 'misp') {
      await storeFindings(target, staging, undefined, ids);
      const gone = (this.#fetched?.listing?.gone ?? []).map((name) =>
        name.replace(/\.json$/, '').toLowerCase(),
      );
      await storeUnits(target, unitsFileOf(staging), gone.filter(isUnitKey), ids, checkpoint);
    } else await storeFindings(target, staging, checkpoint, ids);
  }

  #outcome(): RunStatus {
    const { accepted, quarantined } = this.#staged.counts;
    const { held, refused } = together(this.#stored, this.#beside);
    // A fault of the hub must not look like success.
    const lost = accepted - settled(this.#stored);
    if (lost !== 0) this.#staged.warnings.add(`not-counted: ${lost} of ${accepted} values have no result`);
    if (lost !== 0 || quarantined + held + refused > 0 || this.#fetched?.incomplete !== undefined)
      return 'partial';
    return accepted === 0 ? 'ok-empty' : 'ok';
  }

  async #failed(error: unknown): Promise<RunReport> {
    if (error instanceof Problem && error.code === 'TLN-S-410') throw error;
    const failure = error instanceof FetchProblem ? error : undefined;
    this.#httpStatus = failure?.httpStatus ?? this.#httpStatus;
    const [description, hint] =
      error instanceof Problem ? [error.description ?? '', error.hint ?? ''] : ['', ''];
    const said = [`${reasonOf(error)}.`, description, hint].filter((text) => text !== '').join(' ');
    return this.#finish('failed', said, [], failure);
  }

  async #timed<T>(part: 'fetch' | 'read' | 'store', work: () => Promise<T>): Promise<T> {
    const { clock } = this.#c.services;
    const begun = clock.monotonic();
    try {
      return await work();
    } finally {
      this.#took[part] += Math.round(clock.monotonic() - begun);
    }
  }

  async #finish(
    status: RunStatus,
    reason?: string,
    extra: readonly RecordChange[] = [],
    failed?: FetchProblem,
  ): Promise<RunReport> {
    const { services, document, collection, lease } = this.#c;
    const { counts, filteredBy, quarantinedBy, newest, warnings } = this.#staged;
    const own = this.#staged.quarantine;
    const quarantine = [...own, ...this.#unsettled.refused].slice(0, KEPT_QUARANTINE);
    const refused = this.#unsettled.warning(quarantine.length - own.length, document.name);
    if (refused !== undefined) warnings.add(refused);
    const oddities = [
      ...(this.#fetched?.oddities ?? []),
      ...new Set(this.#staged.doubts.values()),
      ...kindNotes(this.#staged, document),
      ...warnings,
      ...tooWide(document, collection),
    ];
    const files = this.#fetched?.files ?? [];
    const report: RunReport = {
      feed: document.name,
      started: new Date(this.#now).toISOString(),
      ended: new Date(services.clock.now()).toISOString(),
      ...(this.#request.slot === undefined ? {} : { slot: this.#request.slot }),
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(failed === undefined ? {} : { failure: failed.failure }),
      ...(failed?.retryAfterMs === undefined ? {} : { retry_after_s: Math.ceil(failed.retryAfterMs / 1000) }),
      ...(this.#httpStatus === undefined ? {} : { http_status: this.#httpStatus }),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(files.length > 1 ? { files: files.length } : {}),
      ...counts,
      ...together(this.#stored, this.#beside),
      ...(Object.keys(filteredBy).length === 0 ? {} : { filtered_by: filteredBy }),
      ...(Object.keys(quarantinedBy).length === 0 ? {} : { quarantined_by: quarantinedBy }),
      ...(newest === undefined ? {} : { newest: new Date(newest).toISOString() }),
      took: this.#took,
      ...(oddities.length === 0 ? {} : { oddities }),
    };
    // The fence makes the id of the run unique, whatever the clock does.
    const id = `${document.name}/${report.started}/${lease.fence}`;
    const index = { feed: document.name };
    await services.store.commit({
      records: [
        ...extra,
        ...(await runOffer(services.store, report, services.clock.now())),
        FEED_RUNS.insert(id, report),
        ...(quarantine.length === 0
          ? []
          : [
              quarantineChange({ id, revision: 0, index }, quarantine, services.clock.now(), services.sealer),
            ]),
      ],
      lease,
    });
    return report;
  }
}

/**
 * Returns a warning about a feed whose licence does not allow sharing with the readers of its collection. Routing does
 * not share such objects in any case.
 */
function tooWide({ defaults }: FeedDocument, { alias, id, readers }: CollectionInfo): readonly string[] {
  const { redistribute } = defaults;
  const wide =
    (redistribute === 'no' && readers.some(({ kind }) => kind !== 'hub')) ||
    (redistribute === 'members' && readers.some(({ kind }) => kind === 'public'));
  return wide
    ? [
        `its licence (redistribute: ${redistribute}) does not allow redistribution to all readers of the collection ${alias ?? id}`,
      ]
    : [];
}
