import type { FeedbackListed, FeedbackOutcome, FeedbackRequest } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { personalOnly, voiceOf, type MemberSecrets } from '../../access/member-secrets.ts';
import { memberOf, principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem } from '../../kernel/problem.ts';
import { rankOf } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import {
  observedValues,
  readableObserved,
  readObserved,
  type ObservedValue,
} from '../../stix/values/observed-values.ts';
import { LAST_VERSION, type RecordChange, type Store } from '../../store/store.ts';
import { valueOf } from '../suppression/value-of.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import type { ValueView } from '../values/value-view.ts';
import { CASES, type Report } from './model.ts';
import { dayOf, type SealedReports } from './sealed-reports.ts';
import { readableBy } from '../reading/readable.ts';

/** Maximum number of open cases. Further reports are stored, but open no case. */
const MOST_OPEN = 2_000;
const MOST_LISTED = 1_000;
/** Maximum number of values of one object that a report is about. */
const MOST_VALUES = 100;
/** Maximum number of values of one request. Its items may be indicators with many values each. */
const MOST_AT_ONCE = 1_000;
/** Maximum number of attempts when several members report the same value at the same time. */
const TRIES = 10;
/** The same outcome for a value that does not exist and for one that the reporter cannot read. */
const UNKNOWN = 'no collection that you can read contains it';
const TOO_MANY = `the indicators of one request can have at most ${MOST_AT_ONCE} values, so send this report again in another request`;
/** The answer for a value that is not found while the hub has not read all of these collections yet. */
const NOT_READ_YET =
  'it was not found yet: the hub is still reading new objects in your collections, so send the report again in a few minutes';

type Item = FeedbackRequest['items'][number];

/** A value in the collections that a reporter reads. */
export interface Target extends ObservedValue {
  readonly collections: readonly string[];
  /** The loosest rank at which the reporter has it. */
  readonly level: number;
}

/** The reporter of a report. */
type Reporter = Pick<Report, 'member' | 'account' | 'key' | 'apart' | 'debut'>;

/** The subject of a report: a value, or an indicator with its values. */
interface About {
  readonly values: readonly ObservedValue[];
  /** The indicator that has the values, and where it is. Absent for a report about a value. */
  readonly indicator?: { readonly collection: string; readonly object: StixObject; readonly level: number };
}

interface ReportingParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly view: Pick<ValueView, 'catchUp' | 'head' | 'of'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly reports: SealedReports;
  readonly memberSecrets: MemberSecrets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes the reports of members about values: sightings, false positives and notes. */
export class Reporting {
  readonly #s: ReportingParts;

  constructor(parts: ReportingParts) {
    this.#s = parts;
  }

  /** Stores reports under seal. Each has its own outcome. A false positive opens a case for hub staff. */
  async send(actor: Principal, items: readonly Item[]): Promise<readonly FeedbackOutcome[]> {
    const member = memberOf(actor);
    if (!can(actor, 'feedback.send', { kind: 'member', name: member }))
      throw accessErrors.notPermitted(
        { action: 'send feedback' },
        {
          description:
            'Only accounts of members can send feedback, and their keys must not be limited to collections.',
          hint: 'Use an account of your member: talanoa login URL. Then add --hub URL to the command.',
        },
      );
    const directory = await this.#s.directory.current();
    const readable = readableBy(actor, directory);
    const outcomes: FeedbackOutcome[] = [];
    let left = MOST_AT_ONCE;
    for (const item of items) {
      const about = await this.#about(item, readable);
      const fits = about.values.length <= left;
      if (fits) left -= about.values.length;
      const { targets, isComplete } = await this.#targets(fits ? about : { values: [] }, readable);
      const refusal = !fits ? TOO_MANY : isComplete ? UNKNOWN : NOT_READ_YET;
      outcomes.push({
        about: (item.value ?? item.object ?? '').slice(0, 200),
        outcome: targets.length === 0 ? 'refused' : 'stored',
        ...(targets.length === 0 ? { message: refusal } : {}),
      });
      // The audit log has no entry: its time, next to that of a new case, would name the reporter to hub staff.
      if (targets.length > 0) await this.record(actor, reportOf(item), targets);
    }
    return outcomes;
  }

  /** Stores the reports of a member about some values, and opens cases for false positives. */
  async record(
    actor: Principal,
    said: Omit<Report, keyof Target | keyof Reporter | 'at'> & { readonly level?: number },
    targets: readonly Target[],
  ): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        await this.#recordOnce(actor, said, targets);
        return;
      } catch (error) {
        // Another report about the same value arrived at the same time. Neither may be lost, and neither reporter may
        // learn of the other.
        if (!(error instanceof Problem) || error.kind !== 'conflict' || tries >= TRIES) throw error;
      }
  }

  async #recordOnce(...[actor, said, targets]: Parameters<Reporting['record']>): Promise<void> {
    const { store, reports, memberSecrets, clock } = this.#s;
    const records: RecordChange[] = [];
    const { standing, given } = await memberSecrets.standingOf(actor);
    const reporter: Reporter = {
      member: memberOf(actor),
      ...voiceOf(actor),
      ...(standing === 'apart' ? { apart: true } : {}),
      ...(standing === 'first' ? { debut: given } : {}),
    };
    const isReplaced = await memberSecrets.changedBy(actor);
    for (const target of targets) {
      const report = {
        ...said,
        ...target,
        level: Math.max(target.level, said.level ?? 0),
        ...reporter,
        at: clock.now(),
      };
      records.push(...(await reports.put(report, given, isReplaced)));
      const change = report.kind === 'false-positive' ? await this.#case(target) : undefined;
      if (change !== undefined) records.push(change);
    }
    await store.commit({ records });
  }

  /**
   * Returns the change that opens a case about a value. Undefined when it is open or suppressed already. Nothing in a case
   * depends on its reporter: it has the day only, and all collections that contain the value, also those that the
   * reporter cannot read.
   */
  async #case({ type, value }: Target): Promise<RecordChange | undefined> {
    const { store, directory, reports, suppressions, clock, log } = this.#s;
    if ((await suppressions.current()).of({ type, value }) !== undefined) return undefined;
    const id = reports.caseId({ type, value });
    const before = await CASES.in(store).get(id);
    if (before?.document.state === 'open') return undefined;
    if ((await store.countRecords(CASES.kind, { name: 'state', value: 'open' })) >= MOST_OPEN) {
      log.warn('feedback.cases_full', { open: MOST_OPEN });
      return undefined;
    }
    const all = [...(await directory.current()).collections.values()];
    const found = await this.target(valueOf({ type, value }), all);
    return CASES.put(id, before, {
      type,
      value,
      state: 'open',
      at: dayOf(clock.now()),
      collections: found?.collections ?? [],
    });
  }

  /**
   * Returns the reports of the caller's member, newest first, with the decisions of the hub. Callers see what `MemberSecrets`
   * lets them see.
   */
  async list(actor: Principal): Promise<readonly FeedbackListed[]> {
    const reads = await this.#s.memberSecrets.readBy(actor, 'feedback.read');
    if (!reads({ account: principalId(actor), at: this.#s.clock.now() })) throw personalOnly('list feedback');
    const reports = (await this.#s.reports.ofMember(memberOf(actor), MOST_LISTED)).filter(reads);
    const listed: FeedbackListed[] = [];
    for (const report of reports.toSorted((a, b) => b.at - a.at)) {
      const record =
        report.kind === 'false-positive'
          ? await CASES.in(this.#s.store).get(this.#s.reports.caseId(report))
          : undefined;
      const { first, last, count, note } = report;
      const decided = record?.document.decided;
      listed.push({
        kind: report.kind,
        type: report.type,
        value: readableObserved(valueOf(report)),
        at: iso(report.at),
        ...(first === undefined ? {} : { first_seen: iso(first) }),
        ...(last === undefined ? {} : { last_seen: iso(last) }),
        ...(count === undefined ? {} : { count }),
        ...(note === undefined ? {} : { note }),
        state: record?.document.state ?? 'recorded',
        ...(decided === undefined ? {} : { decision: decided.note }),
      });
    }
    return listed;
  }

  /** Returns the values that an item is about. */
  async #about({ value, object }: Item, readable: readonly CollectionInfo[]): Promise<About> {
    if (object !== undefined) return this.#inIndicator(object, readable);
    const observed = readObserved(value ?? '');
    return { values: observed === undefined ? [] : [observed] };
  }

  /** Returns the values of an indicator that is in one of these collections. */
  async targetsOfObject(id: string, collections: readonly CollectionInfo[]): Promise<readonly Target[]> {
    return (await this.#targets(await this.#inIndicator(id, collections), collections)).targets;
  }

  async #inIndicator(id: string, collections: readonly CollectionInfo[]): Promise<About> {
    if (!id.startsWith('indicator--')) return { values: [] };
    for (const { id: collection } of collections) {
      const query = { collection, after: 0, limit: 1, ids: [id], versions: LAST_VERSION };
      const [entry] = (await this.#s.store.entries(query, true)).entries;
      if (entry?.text === undefined) continue;
      const object = JSON.parse(entry.text) as StixObject;
      const values = observedValues(object).slice(0, MOST_VALUES);
      return { values, indicator: { collection, object, level: entry.level } };
    }
    return { values: [] };
  }

  /** Returns those of some values that these collections contain. `isComplete` is false if more may be found later. */
  async #targets(
    { values, indicator }: About,
    collections: readonly CollectionInfo[],
  ): Promise<{ readonly targets: readonly Target[]; readonly isComplete: boolean }> {
    const targets: Target[] = [];
    let isComplete = true;
    // One after the other: only one request at a time can make the view of a collection catch up.
    for (const value of values) {
      const found = await this.#lookUp(value, collections);
      // The values of an indicator are in the indicator itself, whatever the view contains.
      if (indicator === undefined) isComplete &&= found.isComplete;
      const target =
        found.target ??
        (indicator === undefined ? undefined : await this.#notFollowed(value, indicator, collections));
      if (target !== undefined) targets.push(target);
    }
    return { targets, isComplete };
  }

  /**
   * Returns a value of an indicator that the view does not contain, if the view has not followed its collection yet:
   * another process follows it, or a long list is on its way. The report would be lost otherwise.
   */
  async #notFollowed(
    { type, value }: ObservedValue,
    { collection, object, level }: NonNullable<About['indicator']>,
    collections: readonly CollectionInfo[],
  ): Promise<Target | undefined> {
    if (object['revoked'] === true) return undefined;
    // The view may have followed since the value was looked up.
    if ((await this.#s.view.head(collection)).complete) return this.target({ type, value }, collections);
    return { type, value, collections: [collection], level };
  }

  /** Returns a value if one of these collections contains it. */
  async target(value: ObservedValue, collections: readonly CollectionInfo[]): Promise<Target | undefined> {
    return (await this.#lookUp(value, collections)).target;
  }

  /** Looks a value up. `isComplete` is false if the view of a collection did not contain everything. */
  async #lookUp(
    value: ObservedValue,
    collections: readonly CollectionInfo[],
  ): Promise<{ readonly target: Target | undefined; readonly isComplete: boolean }> {
    const found: { readonly collection: string; readonly level: number }[] = [];
    let isComplete = true;
    for (const { id } of collections) {
      const { complete } = await this.#s.view.catchUp(id);
      isComplete &&= complete;
      for (const { contribution } of await this.#s.view.of(id, value))
        found.push({ collection: id, level: contribution.level });
    }
    if (found.length === 0) return { target: undefined, isComplete };
    const target = {
      type: value.type,
      value: value.value,
      collections: [...new Set(found.map(({ collection }) => collection))],
      level: Math.min(...found.map(({ level }) => level)),
    };
    return { target, isComplete };
  }
}

function reportOf({ kind, note, count, tlp, ...times }: Item) {
  const [first, last] = [times.first_seen, times.last_seen].map((time) => Date.parse(time ?? ''));
  return {
    kind,
    ...(note === undefined ? {} : { note }),
    ...(count === undefined ? {} : { count }),
    ...(first === undefined || Number.isNaN(first) ? {} : { first }),
    ...(last === undefined || Number.isNaN(last) ? {} : { last }),
    ...(tlp === undefined ? {} : { level: rankOf(tlp) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
