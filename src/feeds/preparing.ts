import { hash } from 'node:crypto';
import { gateSliced, isGated, readObject, type GateFault, type GatedObject } from '../kernel/json-gate.ts';
import type { Slices } from '../kernel/slices.ts';
import { checkAlike, validAs } from '../sharing/intake/check-alike.ts';
import { checkSliced, type CheckRules, type Checked } from '../sharing/intake/judge.ts';
import { outlineOf } from '../sharing/intake/outline.ts';
import type { StixObject } from '../stix/types.ts';
import { ValidShapes } from '../stix/validation/valid-shapes.ts';
import { draftBatches, madeOf, textBatches, type MadeFacts, type Making } from './making.ts';
import { Overlap } from './overlap.ts';

/** Staged findings or objects, to be made ready for the store in a thread. */
export interface PreparingRequest extends Making {
  /** The rules of the collection for single objects. */
  readonly rules: CheckRules;
}

/** An object that a thread has made and checked. All of it can be sent from there. */
export interface Prepared {
  /** With an outline instead of the object. */
  readonly checked: Checked;
  /** The refused text, or why it could not be read. Only for refused objects. */
  readonly refused: string | GateFault | undefined;
  /** Undefined for texts that are stored as received. */
  readonly facts: MadeFacts | undefined;
}

/** Prepared objects, and what belongs to them. */
export interface PreparedBatch {
  readonly objects: readonly Prepared[];
  readonly listed: readonly string[];
  readonly leftOut: number;
  readonly unchanged: number;
  readonly isLast: boolean;
}

/**
 * A batch in the format in which it is sent between threads. Copying many small objects takes several times as long as
 * writing and reading them as JSON. The texts are copied as they are.
 */
export interface SentBatch {
  readonly texts: readonly string[];
  /** The batch, with a `SentObject` for each object, as JSON. */
  readonly rest: string;
}

/** `MadeFacts` without the names of its properties. The finding is 0 if its id is that of the object. */
type SentFacts = readonly [
  isCounted: boolean,
  isNew: boolean,
  isRevoked: boolean,
  finding: string | 0 | null,
  value: string | null,
];

/**
 * An object without its text. An ordinary valid object is sent as its outline and digest, from which everything else of
 * the check follows. Others are sent as they are and with the fault, or with `true` for a refused text.
 */
type SentObject =
  | readonly [outline: StixObject, digest: string, facts: SentFacts | 0]
  | readonly [checked: Checked, refused: true | GateFault | 0, facts: SentFacts | 0, isWhole: true];

/** Returns a batch in the format in which it is sent. */
export function sentBatch({ objects, ...rest }: PreparedBatch): SentBatch {
  const texts: string[] = [];
  const sent = objects.map(({ checked, refused, facts }): SentObject => {
    const short = sentFacts(facts, checked);
    if (checked.kind !== 'valid') {
      texts.push(typeof refused === 'string' ? refused : '');
      return [checked, typeof refused === 'string' ? true : (refused ?? 0), short, true];
    }
    texts.push(checked.text);
    if (checked.digest !== undefined && checked.findings.length === 0)
      return [checked.object, checked.digest, short];
    return [{ ...checked, text: '' }, 0, short, true];
  });
  return { texts, rest: JSON.stringify({ ...rest, objects: sent }) };
}

function sentFacts(facts: MadeFacts | undefined, checked: Checked): SentFacts | 0 {
  if (facts === undefined) return 0;
  const { isCounted, isNew, isRevoked, finding, value } = facts;
  const isOwn = checked.kind === 'valid' && finding === checked.id;
  return [isCounted, isNew, isRevoked, isOwn ? 0 : (finding ?? null), value ?? null];
}

/** Returns the batch that was sent. */
export function receivedBatch({ texts, rest }: SentBatch): PreparedBatch {
  const batch = JSON.parse(rest) as Omit<PreparedBatch, 'objects'> & {
    readonly objects: readonly SentObject[];
  };
  const objects = batch.objects.map((sent, i): Prepared => {
    const text = texts[i] ?? '';
    if (sent.length === 3) {
      const [object, digest, facts] = sent;
      const checked = { ...validAs(text, object), digest };
      return { checked, refused: undefined, facts: receivedFacts(facts, checked.id) };
    }
    const [checked, refused, facts] = sent;
    return {
      checked: checked.kind === 'valid' ? { ...checked, text } : checked,
      refused: refused === true ? text : refused === 0 ? undefined : refused,
      facts: receivedFacts(facts, checked.kind === 'valid' ? checked.id : ''),
    };
  });
  return { ...batch, objects };
}

function receivedFacts(sent: SentFacts | 0, id: string): MadeFacts | undefined {
  if (sent === 0) return undefined;
  const [isCounted, isNew, isRevoked, finding, value] = sent;
  return {
    isCounted,
    isNew,
    isRevoked,
    finding: finding === 0 ? id : (finding ?? undefined),
    value: value ?? undefined,
  };
}

/** The main thread, which alone reads and writes the database. */
export interface PreparingPort {
  /** Returns the texts of the latest stored versions of objects. */
  readonly standing: (ids: readonly string[]) => Promise<readonly string[]>;
  /** Stores a batch. Resolves when that is done. */
  readonly store: (batch: PreparedBatch) => Promise<void>;
}

/** Number of batches that are stored while the next one is prepared. */
const AT_ONCE = 2;

/**
 * Makes and checks everything that a run stores, and hands it to the main thread in batches. The main thread then only
 * decides and writes. The code that makes and checks objects is the same in both threads.
 */
export async function prepare(request: PreparingRequest, port: PreparingPort, slices: Slices): Promise<void> {
  const { document, rules, staging } = request;
  const storing = new Overlap(AT_ONCE);
  const shapes = new ValidShapes();
  if (document.parser.kind === 'stix')
    for await (const { texts, isLast } of textBatches(staging)) {
      const objects = await received(texts, rules, slices);
      if (isLast) await storing.end();
      await storing.add(() => port.store({ objects, listed: [], leftOut: 0, unchanged: 0, isLast }));
    }
  else
    for await (const { drafts, listed, leftOut, isLast } of draftBatches(request, slices)) {
      const ids = drafts.map(({ id }) => id);
      const texts = ids.length === 0 ? [] : await port.standing([...new Set(ids)]);
      const { made, unchanged } = await madeOf(drafts, storedById(texts), false, slices);
      const objects: Prepared[] = [];
      for (const { text, object, facts } of made) {
        const item = { text, value: object };
        objects.push(prepared(item, await checkAlike(item, rules, shapes, slices), facts));
        if (slices.isOver()) await slices.next();
      }
      // The last batch contains the checkpoint, which must not be stored before everything else is.
      if (isLast) await storing.end();
      await storing.add(() => port.store({ objects, listed, leftOut, unchanged, isLast }));
    }
  await storing.end();
}

/** Returns stored objects by their ids. */
export function storedById(texts: readonly string[]): Map<string, StixObject> {
  return new Map(
    texts.map((text) => {
      const object = JSON.parse(text) as StixObject;
      return [String(object['id']), object];
    }),
  );
}

/** Reads and checks the texts of STIX objects. */
async function received(
  texts: readonly string[],
  rules: CheckRules,
  slices: Slices,
): Promise<readonly Prepared[]> {
  const document = await gateSliced(Buffer.from(`{"objects":[${texts.join(',')}]}`));
  const objects: Prepared[] = [];
  for (const span of document.objects) {
    const item = readObject(document, span);
    objects.push(prepared(item, await checkSliced(item, rules, slices), undefined));
  }
  return objects;
}

function prepared(item: GatedObject | GateFault, checked: Checked, facts: MadeFacts | undefined): Prepared {
  if (checked.kind === 'valid') {
    const { text, object, id, version, findings } = checked;
    const digest = hash('sha256', text);
    return {
      checked: { kind: 'valid', text, object: outlineOf(object), id, version, findings, digest },
      refused: undefined,
      facts,
    };
  }
  const { object } = checked;
  const outlined: Checked = object === undefined ? checked : { ...checked, object: outlineOf(object) };
  return { checked: outlined, refused: isGated(item) ? item.text : item, facts };
}
