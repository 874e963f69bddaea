import type { Audit } from '../../access/audit/audit.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import type { Candidate, HeldObject, PlaceOutcome, Store } from '../../store/store.ts';
import { HeldObjects, type Waiting } from '../review/held-objects.ts';
import type { Sealing } from '../review/held-seal.ts';
import { HELD_LIMITS, queueFull, QueueRoom, type HeldLimits } from '../review/queue-limits.ts';
import { Admission } from './admission.ts';
import { Consequences } from './consequences.ts';
import { isNewMarking, type CheckRules, type Judged } from './judge.ts';
import { MarkingDefinitions } from './marking-definitions.ts';
import type { FindingCounts } from './findings.ts';
import type { Finding, Outcome } from './outcome.ts';
import { replacedForm, storedFactOf } from './placement-facts.ts';
import { Recovery } from './recovery.ts';
import type { Submission } from './submission.ts';

/** Maximum number of times that an envelope is judged again because the rules changed meanwhile. */
const MOST_JUDGED = 5;

/** Takes objects out of a submission that are not stored as such. It may be asked several times. */
export interface Diversion {
  divert(judged: readonly Judged[], submission: Submission, isPreview: boolean): Promise<readonly Judged[]>;
}

/** The settings that differ between hubs. */
export interface IntakeOptions {
  readonly limits?: HeldLimits | undefined;
  /** The level of validation of collections that have none of their own. */
  readonly validation?: ValidationLevel | undefined;
  /** Counts findings by producer. */
  readonly counts?: Pick<FindingCounts, 'count'>;
}

/**
 * The only way in which objects enter the hub. Every object has its own outcome. Objects that are stored, known or on
 * hold are durable when the promise resolves. Throws only if the document as a whole is unreadable or the store cannot
 * write. Nothing of the submission was stored in that case.
 */
export class Intake {
  /** The objects on hold. */
  readonly held: HeldObjects;
  /** Checks objects on hold again. */
  readonly recovery: Recovery;
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #audit: Audit;
  readonly #limits: HeldLimits;
  readonly #room: QueueRoom;
  readonly #admission: Admission;
  readonly #consequences: Consequences;
  readonly #markings: MarkingDefinitions;
  readonly #counts: Pick<FindingCounts, 'count'> | undefined;
  #diversion: Diversion | undefined;

  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    log: Log,
    audit: Audit,
    sealing: Sealing,
    { limits = HELD_LIMITS, validation = 'tolerant', counts }: IntakeOptions = {},
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
    this.#limits = limits;
    this.#room = new QueueRoom(store, limits);
    this.held = new HeldObjects(store, clock, sealing);
    this.#counts = counts;
    this.#admission = new Admission(store, clock, validation);
    this.#consequences = new Consequences({ store, directory, clock, log, audit });
    this.#markings = new MarkingDefinitions(store, directory, log);
    this.recovery = new Recovery({
      store, directory, log, audit,
      held: this.held,
      markings: this.#markings,
      submit: (submission) => this.submit(submission),
    }); // prettier-ignore
  }

  /** Sets the part that takes feedback out of submissions. */
  useDiversion(diversion: Diversion): void {
    this.#diversion = diversion;
  }

  /** Returns the rules by which the single objects of a submission to a collection are checked. */
  rulesOf(collection: CollectionInfo): CheckRules {
    return this.#admission.rulesOf(collection);
  }

  /**
   * Stores the objects of a submission and returns the outcome of each. `named` is called with the outcomes of those that
   * were not taken under seal.
   */
  async submit(
    submission: Submission,
    named?: (outcomes: readonly Outcome[]) => void,
  ): Promise<readonly Outcome[]> {
    // If the rules changed meanwhile, the objects are judged again, so that nothing is stored by an outdated maximum
    // TLP.
    for (let tries = 1; ; tries++) {
      const directory = await this.#directory.current();
      const { id } = submission.collection;
      const now = { ...submission, collection: directory.collections.get(id) ?? submission.collection };
      const admitted = await this.#admission.judged(now, directory);
      const judged = (await this.#diversion?.divert(admitted, now, false)) ?? admitted;
      if (tries < MOST_JUDGED && (await this.#directory.current()) !== directory) continue;
      const outcomes = this.#counted(await this.#write(judged, now), submission);
      named?.(outcomes.filter((_, i) => judged[i]?.kind !== 'sealed'));
      return outcomes;
    }
  }

  #counted(outcomes: readonly Outcome[], { actor }: Submission): readonly Outcome[] {
    this.#counts?.count(actor, outcomes);
    return outcomes;
  }

  /** Returns what would happen to each object, based only on the object and the policy. Nothing is written. */
  async foresee(submission: Submission): Promise<readonly Judged[]> {
    const judged = await this.#admission.judged(submission, await this.#directory.current());
    return (await this.#diversion?.divert(judged, submission, true)) ?? judged;
  }

  async #write(judged: readonly Judged[], submission: Submission): Promise<readonly Outcome[]> {
    const candidates = judged.flatMap((item) => (item.kind === 'candidate' ? [item.candidate] : []));
    const waiting = new Map(
      judged.flatMap((item) =>
        item.kind === 'held'
          ? [[item, this.held.made(waitingOf(item), submission, item.marked?.tlp === 'red')] as const]
          : [],
      ),
    );
    const places = await this.#room.reserve([...waiting.values()]);
    try {
      return await this.#writeWith(judged, submission, candidates, waiting, places.ids);
    } finally {
      places.release();
    }
  }

  async #writeWith(
    judged: readonly Judged[],
    submission: Submission,
    candidates: readonly Candidate[],
    waiting: ReadonlyMap<Judged, HeldObject>,
    room: ReadonlySet<string>,
  ): Promise<readonly Outcome[]> {
    const { actor, collection } = submission;
    const held = [...waiting.values()].filter(({ id }) => room.has(id));
    await this.#consequences.overrule(judged, submission);
    const beside = await this.#consequences.identities(candidates, judged, collection);
    const fact = storedFactOf(candidates, submission);
    const lease = submission.lease === undefined ? {} : { lease: submission.lease };
    const rest = {
      records: submission.records ?? [],
      feedItems: submission.feedItems ?? {},
      facts: [...(submission.facts ?? []), ...fact.facts],
      scrub: submission.scrub === true,
    };
    // The checkpoint of a feed comes last. A process that is killed before it repeats the batch, which changes
    // nothing that is stored already, and nothing that follows from the batch is lost.
    const { unlisted = [], ...fresh } = rest.feedItems;
    const isFeedRun = submission.lease !== undefined && rest.records.length > 0;
    const { placed } = await this.#store.commit({
      placements:
        candidates.length === 0
          ? []
          : [{ collection: collection.id, candidates: [...candidates, ...beside] }],
      held,
      replaced: replacedForm(this.#audit),
      ...fact.form,
      ...(isFeedRun ? { feedItems: fresh } : rest),
      ...lease,
    });
    const outcomes = placed[0] ?? [];
    const turnedAway = await this.#holdForeign(candidates, outcomes, submission);
    await this.#learnMarkings(judged, outcomes);
    await this.#consequences.tighten(judged, outcomes, submission);
    if (isFeedRun) await this.#store.commit({ ...rest, feedItems: { unlisted }, ...lease });
    const mayRead = actor.kind === 'feed' || actor.mayRead;
    return this.#outcomes(judged, outcomes, mayRead, (item) =>
      item.kind === 'candidate' ? !turnedAway.has(item.candidate) : room.has(waiting.get(item)?.id ?? ''),
    );
  }

  /** Returns the outcome of each object. `fits` is false for an object for which the queue had no room. */
  #outcomes(
    judged: readonly Judged[],
    placed: readonly PlaceOutcome[],
    mayRead: boolean,
    fits: (item: Extract<Judged, { kind: 'candidate' | 'held' }>) => boolean,
  ): readonly Outcome[] {
    let next = 0;
    return judged.map((item) => {
      switch (item.kind) {
        case 'refused':
        case 'sealed':
          return item.outcome;
        case 'held': {
          const { id, version, findings } = item.checked;
          if (!fits(item)) return queueFull(id, version, this.#limits);
          const message = `held: ${item.reason}: ${item.message}`;
          return withFindings({ id, version, kind: 'held', message }, findings);
        }
        case 'candidate': {
          const outcome = placed[next++];
          const { id, version } = item.candidate;
          if (!fits(item)) return queueFull(id, version, this.#limits);
          return withFindings(outcomeOf(item.candidate, outcome, mayRead), item.findings);
        }
      }
    });
  }

  /**
   * Holds versions of another owner's id, and conflicts that the submitter cannot see, for review by a hub
   * analyst. Returns the candidates for which the queue has no room.
   */
  async #holdForeign(
    candidates: readonly Candidate[],
    outcomes: readonly PlaceOutcome[],
    submission: Submission,
  ): Promise<ReadonlySet<Candidate>> {
    const { actor } = submission;
    const mayRead = actor.kind === 'feed' || actor.mayRead;
    const held = outcomes.flatMap((outcome, i): (readonly [Candidate, HeldObject])[] => {
      const candidate = candidates[i];
      const blindConflict = (outcome.kind === 'conflict' || outcome.kind === 'revoked') && !mayRead;
      if (candidate === undefined || (outcome.kind !== 'foreign' && !blindConflict)) return [];
      const { text, id, version, owner } = candidate;
      const why =
        outcome.kind === 'foreign'
          ? { reason: 'other-owner', message: 'the id belongs to another owner in this collection' }
          : { reason: 'version-conflict', message: 'a version that is stored here contradicts it' };
      return [
        [candidate, this.held.made({ text, objectId: id, version, owner, waitsFor: [], ...why }, submission)],
      ];
    });
    if (held.length === 0) return new Set();
    const { ids: room, release } = await this.#room.reserve(held.map(([, item]) => item));
    try {
      const admitted = held.flatMap(([, item]) => (room.has(item.id) ? [item] : []));
      if (admitted.length > 0) await this.#store.commit({ held: admitted });
    } finally {
      release();
    }
    return new Set(held.flatMap(([candidate, item]) => (room.has(item.id) ? [] : [candidate])));
  }

  /** Stores the meaning of new marking definitions, and releases objects that waited for them. */
  async #learnMarkings(judged: readonly Judged[], outcomes: readonly PlaceOutcome[]): Promise<void> {
    const candidates = judged.flatMap((item) => (item.kind === 'candidate' ? [item] : []));
    for (const [i, item] of candidates.entries()) {
      if (!isNewMarking(item.object)) continue;
      const outcome = outcomes[i];
      if (outcome?.kind !== 'stored' && outcome?.kind !== 'known') continue;
      await this.#markings.learn(item.object, item.candidate.owner);
      await this.recovery.release(item.candidate.id, item.candidate.owner);
    }
  }
}

function withFindings(outcome: Outcome, findings: readonly Finding[]): Outcome {
  return findings.length === 0 ? outcome : { ...outcome, findings };
}

function waitingOf(item: Extract<Judged, { kind: 'held' }>): Waiting {
  const { checked, reason, message, waitsFor, owner } = item;
  return {
    text: checked.text,
    objectId: checked.id,
    version: checked.version,
    reason,
    message,
    waitsFor,
    owner,
  };
}

/**
 * A submitter without read access must not learn from an outcome what the collection contains (TAXII 2.1 appendix B).
 */
function outcomeOf(candidate: Candidate, outcome: PlaceOutcome | undefined, mayRead: boolean): Outcome {
  const { id, version } = candidate;
  if (outcome === undefined || outcome.kind === 'stored') return { id, version, kind: 'stored' };
  if (!mayRead) return { id, version, kind: 'stored' };
  switch (outcome.kind) {
    case 'known':
      return {
        id,
        version,
        kind: 'known',
        message: outcome.other
          ? 'a version that is already stored has other content; the stored text stays'
          : 'already known',
      };
    case 'conflict':
      return {
        id,
        version,
        kind: 'refused',
        message:
          'version-conflict: the same version is stored here with other content; send a new version with a later "modified"',
      };
    case 'revoked':
      return {
        id,
        version,
        kind: 'refused',
        message: outcome.late
          ? `S-044 /revoked: the version ${outcome.version} follows this revocation; send the revocation with a later "modified"`
          : `S-044 /modified: the version ${outcome.version} revoked the object, and no version follows a revocation; publish a new object`,
      };
    case 'foreign':
      return {
        id,
        version,
        kind: 'held',
        message:
          'held: other-owner: the id belongs to another owner in this collection; a hub analyst decides',
      };
  }
}
