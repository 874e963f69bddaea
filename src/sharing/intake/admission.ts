import { decidePlacement } from '../../access/policy.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isGated } from '../../kernel/json-gate.ts';
import { BACKGROUND_SLICE_MS, SLICE_MS, Slices } from '../../kernel/slices.ts';
import { namedObservables, typeOfId } from '../../stix/identifiers.ts';
import { markingFacts, rankOf } from '../../stix/markings.ts';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import type { Store } from '../../store/store.ts';
import type { Actor } from './actor.ts';
import { comparedWithEarlier } from './earlier-versions.ts';
import {
  checkSliced,
  companyOf,
  judge,
  markedAsRefused,
  type CheckRules,
  type Checked,
  type Judged,
} from './judge.ts';
import { ownerOf } from './owner.ts';
import type { Submission } from './submission.ts';

/**
 * Decides what happens to each object of a submission: it is a candidate for its collection, it is put on hold, or it
 * is refused. Nothing is written.
 */
export class Admission {
  readonly #store: Pick<Store, 'levels' | 'entries'>;
  readonly #clock: Clock;
  /** The level of collections that have none of their own. */
  readonly #validation: ValidationLevel;

  constructor(store: Pick<Store, 'levels' | 'entries'>, clock: Clock, validation: ValidationLevel) {
    this.#store = store;
    this.#clock = clock;
    this.#validation = validation;
  }

  /** Returns the rules by which the single objects of a collection are checked. */
  rulesOf({ accept, validation = this.#validation }: CollectionInfo): CheckRules {
    return { accept, validation };
  }

  /** Returns the slices for a submission. Nobody waits for a feed, and its batches are prepared at the same time. */
  #slicesFor({ kind }: Actor): Slices {
    return new Slices(this.#clock, kind === 'feed' ? BACKGROUND_SLICE_MS : SLICE_MS);
  }

  /** Returns a decision for each object, in their order, by the rules of one snapshot. */
  async judged(submission: Submission, directory: Snapshot): Promise<readonly Judged[]> {
    const { actor, collection } = submission;
    const checked: Checked[] = [];
    const rules = this.rulesOf(collection);
    const slices = this.#slicesFor(actor);
    const ahead = isBy(rules, submission.ahead?.rules) ? submission.ahead : undefined;
    for (let i = 0; i < submission.count; i++) {
      let result: Checked | Promise<Checked>;
      if (ahead === undefined) {
        const item = submission.item(i);
        if (slices.isOver(isGated(item) ? item.text.length : 0)) await slices.next();
        result = checkSliced(item, rules, slices);
      } else result = ahead.object(i);
      const one = result instanceof Promise ? await result : result;
      checked.push(one.kind === 'refused' ? placed(leftOf(one, actor, directory), i, submission) : one);
      if (slices.isOver()) await slices.next();
    }
    const judged = await this.#judge(checked, actor, collection, directory);
    const named = await this.#namingOnly(judged, submission, directory);
    return withCauses(await comparedWithEarlier(named, submission, rules.validation, this.#store, slices));
  }

  async #judge(
    checked: readonly Checked[],
    actor: Actor,
    collection: CollectionInfo,
    directory: Snapshot,
  ): Promise<Judged[]> {
    const now = this.#clock.now();
    const company = companyOf(checked, ownerOf(actor), directory);
    const judgeOne = (item: Checked): Judged => {
      if (item.kind === 'refused') return item;
      const judged = judge(item, actor, collection, directory, company, now);
      if (judged.kind !== 'refused') return judged;
      const elsewhere = this.#elsewhere(item, actor, collection, directory, now);
      return elsewhere === ''
        ? judged
        : {
            ...judged,
            outcome: { ...judged.outcome, message: `${judged.outcome.message ?? ''}; ${elsewhere}` },
          };
    };
    const judged: Judged[] = [];
    const slices = this.#slicesFor(actor);
    for (const item of checked) {
      judged.push(judgeOne(item));
      if (slices.isOver()) await slices.next();
    }
    return judged;
  }

  /**
   * An object that names an observable by its deterministic id may be stored only where that observable may be stored.
   * It is put on hold if the observable is stored only in stricter collections, or if it is stored nowhere and was held
   * or refused in this submission. Only collections that the actor may read count. Otherwise the outcome would reveal
   * the content of the others.
   */
  async #namingOnly(
    judged: readonly Judged[],
    { actor, collection }: Submission,
    directory: Snapshot,
  ): Promise<readonly Judged[]> {
    const named = new Map<Judged, readonly string[]>();
    const slices = this.#slicesFor(actor);
    for (const item of judged) {
      const ids = item.kind === 'candidate' ? namedObservables(item.object) : [];
      if (ids.length > 0) named.set(item, ids);
      if (slices.isOver()) await slices.next();
    }
    if (named.size === 0) return judged;
    const here = new Set(judged.flatMap((item) => (item.kind === 'candidate' ? [item.candidate.id] : [])));
    const keptOut = new Set(
      judged.flatMap((item) =>
        item.kind === 'candidate' ? [] : [item.kind === 'held' ? item.checked.id : item.outcome.id],
      ),
    );
    const asked = [...new Set([...named.values()].flat())].filter((id) => !here.has(id));
    const readable = [...directory.collections.values()].filter(
      (other) =>
        actor.kind === 'feed' ||
        can(actor.principal, 'collection.read', {
          kind: 'collection',
          rights: directory.rights(actor.principal, other),
        }),
    );
    const levels = await this.#store.levels(
      asked,
      readable.map(({ id }) => id),
    );
    const barred = (id: string): boolean => {
      if (here.has(id)) return false;
      const level = levels.get(id);
      return level === undefined ? keptOut.has(id) : level > rankOf(collection.max_tlp);
    };
    return judged.map((item) => {
      if (item.kind !== 'candidate' || !(named.get(item) ?? []).some(barred)) return item;
      const { text, id, version, owner } = item.candidate;
      return {
        kind: 'held',
        marked: item.marked,
        checked: { kind: 'valid', text, object: item.object, id, version, findings: item.findings },
        owner,
        reason: 'names-observable',
        message:
          'it refers to an observable by an id that is derived from its value, and that observable must not be here',
        waitsFor: [],
      };
    });
  }

  /** Names other collections that the actor may write to and that may contain the object. */
  #elsewhere(
    item: Extract<Checked, { kind: 'valid' }>,
    actor: Actor,
    collection: CollectionInfo,
    directory: Snapshot,
    now: number,
  ): string {
    if (actor.kind !== 'account') return '';
    const facts = markingFacts(item.object, (ref) => directory.marking(ref, ''));
    const names = [...directory.collections.values()]
      .filter(
        (other) =>
          other.id !== collection.id &&
          can(actor.principal, 'collection.write', {
            kind: 'collection',
            rights: directory.rights(actor.principal, other),
          }),
      )
      .filter((other) => decidePlacement(facts, other, actor.defaultTlp, now).verdict === 'allow')
      .map((other) => other.alias ?? other.id);
    return names.length === 0 ? '' : `it may go into ${names.join(', ')}`;
  }
}

/** True for objects that were checked ahead by the same rules. */
function isBy({ accept, validation }: CheckRules, before: CheckRules | undefined): boolean {
  return before?.validation === validation && before.accept.join() === accept.join();
}

/**
 * Returns what is needed of a refused object: its outcome and how it is marked. Thousands of large refused objects
 * would otherwise fill the memory, and collecting it would stop the process.
 */
function leftOf(
  { outcome, object }: Extract<Checked, { kind: 'refused' }>,
  actor: Actor,
  directory: Snapshot,
): Extract<Checked, { kind: 'refused' }> {
  const marked = object === undefined ? undefined : markedAsRefused(object, actor, directory);
  return { kind: 'refused', outcome, ...(marked === undefined ? {} : { marked }) };
}

/** Returns a refused object with its position in the envelope, because its id is missing or may be there twice. */
function placed(
  refused: Extract<Checked, { kind: 'refused' }>,
  index: number,
  { actor, count }: Submission,
): Checked {
  if (actor.kind === 'feed') return refused;
  const { outcome } = refused;
  return {
    ...refused,
    outcome: { ...outcome, message: `${outcome.message ?? ''} (object ${index + 1} of ${count})` },
  };
}

/**
 * An object that waits for a marking definition waits in vain if the same submission brought the definition and it was
 * refused. Its message reports it, with the reason.
 */
function withCauses(judged: readonly Judged[]): readonly Judged[] {
  const causes = new Map<string, string>();
  for (const item of judged)
    if (item.kind === 'refused' && typeOfId(item.outcome.id) === 'marking-definition')
      causes.set(item.outcome.id, item.outcome.message ?? '');
  if (causes.size === 0) return judged;
  return judged.map((item) => {
    const missing = item.kind === 'held' ? item.waitsFor.find((id) => causes.has(id)) : undefined;
    if (item.kind !== 'held' || missing === undefined) return item;
    return {
      ...item,
      message: `${item.message}; the definition of ${missing} in this submission was refused: ${causes.get(missing) ?? ''}; send it again without the fault`,
    };
  });
}
