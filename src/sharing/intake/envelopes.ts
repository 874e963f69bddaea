import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { can } from '../../access/rights.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import type { Quota } from '../../access/quota.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import { gateSliced, type GatedDocument } from '../../kernel/json-gate.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { holdLease, type HeldLease } from '../../store/held-lease.ts';
import type { EnvelopeHead, Receipt, Store } from '../../store/store.ts';
import type { PendingBounds, ReceiptBounds } from './envelope-bounds.ts';
import { EnvelopeSeal } from './envelope-seal.ts';
import { accountActor } from './actor.ts';
import type { Intake } from './intake.ts';
import { factsOf, type Submitted } from './envelope-facts.ts';
import { itemOf, overLimit, storedOf, waitingOf, type Waiting } from './envelope-items.ts';
import type { Outcome } from './outcome.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';

/** How long a submitter waits for the outcome before the response is `pending`. */
const PATIENCE_MS = 5_000;
const LEASE_MS = 15_000;
/** How often a worker searches for envelopes that no process works on. */
const LOOK_MS = 5_000;
const AT_ONCE = 20;
const STOP_MS = 20_000;
/** An envelope that cannot be processed for this long is given up, and its status reports it. */
const LONGEST_MS = 86_400_000;

/** An envelope as it was received by the TAXII server or the API. */
export interface ReceivedEnvelope extends Submitted {
  /** Id of its status. */
  readonly id: string;
  /** When it was received. */
  readonly requested: Micros;
  /**
   * Called when the work has ended and the bytes are no longer needed. If the response is `pending`, that is after the
   * response.
   */
  readonly release?: () => void;
}

/** The status of an envelope. */
export type EnvelopeState = { readonly id: string; readonly requested: Micros } & (
  | { readonly status: 'complete'; readonly outcomes: readonly Outcome[] }
  | { readonly status: 'pending'; readonly waiting: readonly Waiting[] }
);

interface Services {
  readonly store: Store;
  readonly intake: Pick<Intake, 'submit'>;
  readonly audit: Audit;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly quota: Pick<Quota, 'begin' | 'stored'>;
  readonly sealer: Pick<Sealer, 'seal' | 'open' | 'sealBytes' | 'openBytes'>;
  readonly pending: Pick<PendingBounds, 'reserve'>;
  readonly receipts: Pick<ReceiptBounds, 'wrote'>;
  readonly patienceMs?: number | undefined;
}

/**
 * Envelopes and their outcomes (the status resource of TAXII 2.1 §4.3). A submitter receives the outcome of every
 * object, or the response `pending` after five seconds. The envelope is then durable, and any running process can finish
 * it. Processing it twice is harmless, and the first outcome counts.
 */
export class Envelopes {
  readonly #s: Services;
  readonly #seal: EnvelopeSeal;
  /** Work that continues after the submitter was answered. */
  readonly #later = new Set<Promise<void>>();
  readonly #loop: WorkLoop;

  constructor(services: Services) {
    this.#s = services;
    this.#seal = new EnvelopeSeal(services.sealer);
    this.#loop = new WorkLoop(
      services.clock,
      LOOK_MS,
      async () => void (await this.resume()),
      (error) => this.#s.log.error('envelope.failed', { reason: reasonOf(error) }),
    );
  }

  async submit(envelope: ReceivedEnvelope): Promise<EnvelopeState> {
    const { principal, document } = envelope;
    const { objects: room, end } = await this.#s.quota.begin(principal, document.objects.length);
    const release = await this.#s.pending
      .reserve(principal, document.bytes.length)
      .catch((error: unknown) => {
        end();
        throw error;
      });
    const working = this.#work(envelope, room).finally(() => {
      end();
      envelope.release?.();
    });
    try {
      return await this.#answer(envelope, working);
    } finally {
      // The envelope has its outcome, or it is in the store and counted there.
      release();
    }
  }

  async #answer(envelope: ReceivedEnvelope, working: Promise<readonly Outcome[]>): Promise<EnvelopeState> {
    const { clock, patienceMs = PATIENCE_MS } = this.#s;
    const patience = new AbortController();
    const outcomes = await Promise.race([
      working,
      clock.wait(patienceMs, patience.signal).then(() => undefined),
      // Without a reason, the controller would make an error with the stack of this call.
    ]).finally(() => patience.abort('answered'));
    if (outcomes !== undefined) return this.#complete(envelope, outcomes);
    return this.#pending(envelope, envelope, working);
  }

  /**
   * Submits the objects of an envelope, in order, until the daily limit leaves no room. Known objects need none, and only
   * the store can tell, so an envelope that might not fit is submitted in parts that cannot exceed the limit.
   */
  async #work(envelope: ReceivedEnvelope, room: number): Promise<readonly Outcome[]> {
    const { document } = envelope;
    const directory = await this.#s.directory.current();
    const outcomes: Outcome[] = [];
    const { length: total } = document.objects;
    for (let left = room; outcomes.length < total && left > 0;) {
      const part = { from: outcomes.length, count: Math.min(left, total - outcomes.length) };
      const submitted = await this.#submit(envelope, directory, part);
      left -= storedOf(submitted);
      outcomes.push(...submitted);
    }
    while (outcomes.length < total) outcomes.push(overLimit(document, outcomes.length));
    return outcomes;
  }

  async #submit(
    envelope: Submitted,
    directory: Snapshot,
    { from, count }: { readonly from: number; readonly count: number },
  ): Promise<readonly Outcome[]> {
    const { intake, audit, clock } = this.#s;
    const { principal, collection, document, onBehalfOf } = envelope;
    const actor = accountActor(principal, collection, directory);
    const outcomes = await intake.submit({
      actor: onBehalfOf === undefined ? actor : { ...actor, onBehalfOf },
      ...(await factsOf(audit, clock, envelope, from === 0)),
      collection,
      count,
      item: (index) => itemOf(document, from + index),
    });
    this.#s.quota.stored(principal, storedOf(outcomes));
    return outcomes;
  }

  async #complete(
    { id, requested, principal }: ReceivedEnvelope,
    outcomes: readonly Outcome[],
  ): Promise<EnvelopeState> {
    const receipt = await this.#receipt(id, principalId(principal), requested, outcomes);
    await this.#s.store.commit({ receipts: [receipt] });
    await this.#counted(receipt);
    return { id, requested, status: 'complete', outcomes };
  }

  /**
   * Makes the envelope durable before the response is `pending`. If that fails, the submitter waits for the outcome
   * instead.
   */
  async #pending(
    { id, requested }: { id: string; requested: Micros },
    envelope: ReceivedEnvelope,
    working: Promise<readonly Outcome[]>,
  ): Promise<EnvelopeState> {
    const { store, clock, log } = this.#s;
    const { document, principal, collection } = envelope;
    const waiting = await this.#waiting(document);
    const head: EnvelopeHead = {
      id,
      account: principalId(principal),
      ...memberOf(principal),
      collection: collection.id,
      at: clock.now(),
      pending: await this.#seal.pending(
        id,
        {
          requested,
          waiting,
          ...(envelope.onBehalfOf === undefined ? {} : { on_behalf_of: envelope.onBehalfOf }),
          ...(envelope.isPublication === true ? { publication: true } : {}),
        },
        new Slices(clock),
      ),
    };
    let held: HeldLease | undefined;
    try {
      // The process that works on an envelope holds its lease. A worker takes the envelope over only after this process
      // has ended.
      held = await holdLease(store, clock, leaseOf(id), LEASE_MS);
      const body = await this.#seal.body(id, document.bytes);
      await store.commit({ envelopes: [{ ...head, body }] });
    } catch (error) {
      log.warn('envelope.not_durable', { envelope: id, reason: reasonOf(error) });
      await held?.release().catch(() => undefined);
      return this.#complete(envelope, await working);
    }
    const later = working
      .then(
        (outcomes) => this.#finish(head, outcomes),
        (error: unknown) => log.warn('envelope.delayed', { envelope: id, reason: reasonOf(error) }),
      )
      .then(() => held?.release())
      .catch((error: unknown) => log.warn('envelope.delayed', { envelope: id, reason: reasonOf(error) }))
      .finally(() => this.#later.delete(later));
    this.#later.add(later);
    return { id, requested, status: 'pending', waiting };
  }

  /**
   * Stores the outcome before it removes the envelope. If the process is killed in between, the envelope is processed
   * again, and its first outcome counts.
   */
  async #finish(head: EnvelopeHead, outcomes: readonly Outcome[]): Promise<void> {
    const { store, log } = this.#s;
    const { requested } = this.#seal.pendingHead(head);
    const receipt = await this.#receipt(head.id, head.account, requested, outcomes);
    await store.commit({
      receipts: [receipt],
      finished: [head.id],
      // The envelope may contain TLP:RED, which must not stay in the files.
      scrub: true,
    });
    await this.#counted(receipt);
    log.info('envelope.finished', { envelope: head.id, objects: outcomes.length });
  }

  /** The receipt is stored, so a failure to remove older ones changes nothing for the submitter. */
  async #counted({ account, body }: Receipt): Promise<void> {
    await this.#s.receipts
      .wrote(account, Buffer.byteLength(body))
      .catch((error: unknown) => this.#s.log.warn('receipts.not_trimmed', { reason: reasonOf(error) }));
  }

  async #receipt(
    id: string,
    account: string,
    requested: Micros,
    outcomes: readonly Outcome[],
  ): Promise<Receipt> {
    const body = await this.#seal.receipt(id, { requested, outcomes }, new Slices(this.#s.clock));
    return { id, account, at: this.#s.clock.now(), body };
  }

  /** Returns the pending objects of an envelope. The objects are read for this, in slices. */
  async #waiting(document: GatedDocument): Promise<readonly Waiting[]> {
    const waiting: Waiting[] = [];
    const slices = new Slices(this.#s.clock);
    for (const [index, { start, end }] of document.objects.entries()) {
      waiting.push(waitingOf(document, index));
      if (slices.isOver(end - start)) await slices.next();
    }
    return waiting;
  }

  /** Returns the status of an envelope to the account that submitted it. Undefined for everybody else. */
  async find(principal: Principal, id: string): Promise<EnvelopeState | undefined> {
    const { store, clock } = this.#s;
    const may = (account: string): boolean => can(principal, 'receipt.read', { kind: 'receipt', account });
    // The receipt is written before the envelope is removed, so it is read last.
    const head = await store.envelopeHead(id);
    const receipt = await store.receipt(id);
    if (receipt !== undefined) {
      if (!may(receipt.account)) return undefined;
      return { id, status: 'complete', ...(await this.#seal.receiptOf(receipt, new Slices(clock))) };
    }
    if (head === undefined || !may(head.account)) return undefined;
    const { requested, waiting } = await this.#seal.pendingOf(head, new Slices(clock));
    return { id, status: 'pending', requested, waiting };
  }

  /** Finishes envelopes that other processes left behind, until `stop`. */
  start(): void {
    this.#loop.start();
  }

  /** Ends the loop, and waits a limited time for running work. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const ended = new AbortController();
    const works = Promise.all(this.#later).finally(() => ended.abort());
    // Longer work is durable, and the next process finishes it.
    await Promise.race([works, this.#s.clock.wait(STOP_MS, ended.signal)]);
  }

  /** Processes envelopes that no other process works on. Returns the number of envelopes that were finished. */
  async resume(): Promise<number> {
    let finished = 0;
    for (const head of await this.#s.store.envelopeHeads(AT_ONCE)) {
      if (this.#loop.signal.aborted) break;
      const held = await holdLease(this.#s.store, this.#s.clock, leaseOf(head.id), LEASE_MS);
      if (held === undefined) continue;
      try {
        await this.#resumeOne(head);
        finished++;
      } catch (error) {
        this.#s.log.error('envelope.failed', { envelope: head.id, reason: reasonOf(error) });
      } finally {
        await held.release();
      }
    }
    return finished;
  }

  async #resumeOne(head: EnvelopeHead): Promise<void> {
    const { store, clock, log } = this.#s;
    const body = await store.envelopeBody(head.id);
    if (body === undefined) return;
    const isTooOld = clock.now() - head.at > LONGEST_MS;
    let bytes: Buffer;
    try {
      bytes = this.#seal.bodyOf(head.id, body);
    } catch (error) {
      if (!isTooOld) throw error;
      // The envelope cannot be opened, so there is no outcome to report to its submitter.
      await store.commit({ finished: [head.id], scrub: true });
      log.error('envelope.lost', { envelope: head.id, reason: reasonOf(error) });
      return;
    }
    const document = await gateSliced(bytes);
    const refuseAll = async (message: string): Promise<void> => {
      const waiting = await this.#waiting(document);
      await this.#finish(
        head,
        waiting.map((one) => ({ ...one, kind: 'refused', message })),
      );
    };
    if (isTooOld) {
      await refuseAll('not-finished: the hub could not process it within a day; send it again');
      return;
    }
    // The current rights of the submitter apply. Rights that were lost since submission are not used.
    const directory = await this.#s.directory.refresh();
    const collection = directory.collections.get(head.collection);
    const principal = directory.principal(head.account);
    const rights =
      collection === undefined || principal === undefined
        ? undefined
        : directory.rights(principal, collection);
    if (
      collection === undefined ||
      principal === undefined ||
      rights === undefined ||
      !can(principal, 'collection.write', { kind: 'collection', rights })
    ) {
      await refuseAll('not-allowed: the account may no longer write here');
      return;
    }
    const { on_behalf_of: onBehalfOf, publication: isPublication = false } = this.#seal.pendingHead(head);
    if (onBehalfOf !== undefined && !can(principal, 'object.represent', { kind: 'hub' })) {
      await refuseAll('not-allowed: the account may no longer submit on behalf of a member');
      return;
    }
    // Its room was given when it arrived, and objects that were stored then must not be refused now.
    const whole = { from: 0, count: document.objects.length };
    const represented = onBehalfOf === undefined ? {} : { onBehalfOf };
    const envelope = { principal, collection, document, isPublication, ...represented };
    await this.#finish(head, await this.#submit(envelope, directory, whole));
  }
}

/** The member whose room a pending envelope takes. */
function memberOf(principal: Principal): Pick<EnvelopeHead, 'member'> {
  return principal.kind === 'account' && principal.member !== undefined ? { member: principal.member } : {};
}

function leaseOf(id: string): string {
  return `envelope/${id}`;
}
