import type { Directory } from '../../access/directory.ts';
import type { MemberSecrets } from '../../access/member-secrets.ts';
import { memberOf, type Principal } from '../../access/principal.ts';
import { rankOf } from '../../stix/markings.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import type { Store } from '../../store/store.ts';
import type { Judged } from '../intake/judge.ts';
import type { Submission } from '../intake/submission.ts';
import type { FeedbackKind } from './model.ts';
import type { Reporting } from './reporting.ts';
import type { SealedReports } from './sealed-reports.ts';

const TYPES: ReadonlySet<string> = new Set(['sighting', 'opinion', 'note']);
/** The outcome of an object that is kept under seal. */
const SEALED = 'feedback: recorded under seal; others see only how many members reported';
const MOST_REFS = 20;

interface StixFeedbackParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly reporting: Pick<Reporting, 'record' | 'targetsOfObject'>;
  readonly reports: Pick<SealedReports, 'withdrawn'>;
  readonly memberSecrets: Pick<MemberSecrets, 'changedBy'>;
}

/**
 * Reads sightings, opinions and notes that machines of members submit about indicators of others. They are feedback: the
 * hub keeps them under seal instead of storing the object, which would show everybody what a member sees in its own
 * networks. Objects about the member's own indicators are stored as submitted.
 */
export class StixFeedback {
  readonly #s: StixFeedbackParts;

  constructor(parts: StixFeedbackParts) {
    this.#s = parts;
  }

  /** Takes the feedback out of a submission. Repeating it changes nothing. A preview stores nothing. */
  async divert(
    judged: readonly Judged[],
    submission: Submission,
    isPreview: boolean,
  ): Promise<readonly Judged[]> {
    const { actor } = submission;
    if (actor.kind === 'feed' || actor.onBehalfOf !== undefined || !actor.mayRead) return judged;
    const member = memberOf(actor.principal);
    if (member === 'hub' || member === 'public') return judged;
    if (!judged.some((item) => item.kind === 'candidate' && TYPES.has(item.candidate.type))) return judged;
    const kept: Judged[] = [];
    for (const item of judged) {
      const isTaken =
        item.kind === 'candidate' &&
        TYPES.has(item.candidate.type) &&
        (await this.#take(item, actor.principal, submission, isPreview));
      if (!isTaken) kept.push(item);
      else {
        const { id, version } = item.candidate;
        kept.push({ kind: 'sealed', outcome: { id, version, kind: 'stored', message: SEALED } });
      }
    }
    return kept;
  }

  async #take(
    { object, marked }: Extract<Judged, { kind: 'candidate' }>,
    principal: Principal,
    { collection }: Submission,
    isPreview: boolean,
  ): Promise<boolean> {
    const member = memberOf(principal);
    const { store, reporting, reports, memberSecrets } = this.#s;
    const refs = [...texts(object, 'object_refs'), text(object, 'sighting_of_ref') ?? '']
      .filter((id) => id.startsWith('indicator--'))
      .slice(0, MOST_REFS);
    if (refs.length === 0) return false;
    const owners = await store.standing(collection.id, refs);
    const foreign = refs.filter((id) => [...(owners.get(id) ?? [])].some((owner) => owner !== member));
    if (foreign.length === 0) return false;
    if (isPreview) return true;
    const id = text(object, 'id') ?? '';
    if (object['revoked'] === true) {
      const mayAct = await memberSecrets.changedBy(principal);
      await store.commit({ records: await reports.withdrawn(member, id, mayAct) });
      return true;
    }
    for (const ref of foreign) {
      const targets = await reporting.targetsOfObject(ref, [collection]);
      const level = marked.tlp === undefined ? {} : { level: rankOf(marked.tlp) };
      if (targets.length > 0)
        await reporting.record(principal, { ...saidBy(object), ...level, object: id }, targets);
    }
    return true;
  }
}

/** Returns the report that an object contains. An opinion that disagrees reports a false positive. */
function saidBy(object: StixObject) {
  const time = (name: string): number => Date.parse(text(object, name) ?? '');
  const [first, last, count] = [time('first_seen'), time('last_seen'), object['count']];
  const opinion = text(object, 'opinion');
  const note =
    text(object, 'content') ?? text(object, 'explanation') ?? text(object, 'description') ?? opinion;
  const kind: FeedbackKind =
    object['type'] === 'sighting'
      ? 'sighting'
      : opinion?.endsWith('disagree') === true
        ? 'false-positive'
        : 'note';
  return {
    kind,
    ...(note === undefined ? {} : { note: note.slice(0, 1_000) }),
    ...(typeof count === 'number' ? { count } : {}),
    ...(Number.isNaN(first) ? {} : { first }),
    ...(Number.isNaN(last) ? {} : { last }),
  };
}
