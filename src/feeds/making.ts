import type { FeedDocument } from '../config/settings.ts';
import type { Slices } from '../kernel/slices.ts';
import type { StixObject } from '../stix/types.ts';
import { linesIn } from './spool.ts';
import { findingOf } from './stage.ts';
import { draftsOf, identityDraft, markingDraft, type Draft, type Held } from './objects.ts';

/** Number of findings of a batch. */
export const BATCH = 250;
/** Maximum length of a stored pattern. The beginning of a longer one is enough. */
const LONGEST_PATTERN = 1_000;

/** The properties of an object of a run that are needed after it was stored. */
export interface MadeFacts {
  /** It represents a row and is counted. */
  readonly isCounted: boolean;
  /** Its collection has no version of it. */
  readonly isNew: boolean;
  readonly isRevoked: boolean;
  /** Id of the finding that it was made for. */
  readonly finding: string | undefined;
  /** The beginning of the pattern of a new indicator. */
  readonly value: string | undefined;
}

/** An object to store, made of a draft. */
export interface Made {
  readonly object: StixObject;
  readonly text: string;
  readonly facts: MadeFacts;
}

/** Staged findings, and everything that their objects consist of. */
export interface Making {
  readonly document: FeedDocument;
  /** The staging file. */
  readonly staging: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Stored vulnerabilities, for a feed that adds information to them. */
  readonly held: Held | undefined;
}

/** The drafts of some findings. */
export interface DraftBatch {
  readonly drafts: readonly Draft[];
  /** Ids of the entries in the list of a snapshot feed. */
  readonly listed: readonly string[];
  /** Number of findings about objects that the hub does not store. */
  readonly leftOut: number;
  readonly isLast: boolean;
}

/** Yields the drafts of staged findings. Even without findings there is one batch, which is the last one. */
export async function* draftBatches(
  { document, staging, now, held }: Making,
  slices: Slices,
): AsyncGenerator<DraftBatch> {
  const isSnapshot = document.mode === 'snapshot';
  let drafts: Draft[] = [markingDraft(document.defaults.tlp), identityDraft(document, now)];
  let listed: string[] = [];
  let leftOut = 0;
  let findings = 0;
  for await (const line of linesIn(staging)) {
    // Lines arrive without a pause between them.
    if (slices.isOver()) await slices.next();
    // A batch is complete when the next one begins, so that it is known which is the last one.
    if (findings > 0 && findings % BATCH === 0) {
      yield { drafts, listed, leftOut, isLast: false };
      drafts = [];
      listed = [];
      leftOut = 0;
    }
    const finding = findingOf(line);
    const made = draftsOf(document, finding, now, held);
    if (made.length === 0) {
      leftOut++;
      continue;
    }
    drafts.push(...made);
    if (isSnapshot && !(finding.kind === 'indicator' && finding.gone === true)) listed.push(finding.id);
    findings++;
  }
  yield { drafts: findings === 0 ? [] : drafts, listed, leftOut, isLast: true };
}

/**
 * Returns the objects of the drafts that contain something new, and the number of counted drafts without. `standing`
 * contains the stored versions by their ids. `ending` means that each draft ends an indicator.
 */
export async function madeOf(
  drafts: readonly Draft[],
  standing: Map<string, StixObject>,
  ending: boolean,
  slices: Slices,
): Promise<{ readonly made: readonly Made[]; readonly unchanged: number }> {
  const made: Made[] = [];
  let unchanged = 0;
  for (const { id, counted, finding, against } of drafts) {
    const before = standing.get(id);
    const object = against(before);
    if (object === undefined) {
      if (counted && !ending) unchanged++;
    } else {
      const isNew = before === undefined;
      const value = isNew && object['type'] === 'indicator' ? String(object['pattern']) : undefined;
      const facts: MadeFacts = {
        isCounted: counted,
        isNew,
        isRevoked: object['revoked'] === true,
        finding,
        value: value?.slice(0, LONGEST_PATTERN),
      };
      made.push({ object, text: JSON.stringify(object), facts });
      // Two rows with the same observable share one object.
      standing.set(id, object);
    }
    if (slices.isOver()) await slices.next();
  }
  return { made, unchanged };
}

/** Yields the texts of staged STIX objects: `BATCH` at once, or fewer if they are long. */
export async function* textBatches(
  staging: string,
): AsyncGenerator<{ readonly texts: readonly string[]; readonly isLast: boolean }> {
  let texts: string[] = [];
  let length = 0;
  for await (const line of linesIn(staging)) {
    const text = JSON.parse(line) as string;
    if (texts.length === BATCH || (texts.length > 0 && length + text.length > LONGEST_BATCH)) {
      yield { texts, isLast: false };
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length;
  }
  yield { texts, isLast: true };
}

/** Maximum number of characters of a batch with several texts. */
const LONGEST_BATCH = 1_048_576;
