import { hash } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { maybe, number, RecordKind, text } from '../store/records.ts';
import { removal, type Store } from '../store/store.ts';
import type { Sealer } from './sealing.ts';
import { accessErrors } from './errors.ts';

const KEPT_MS = 86_400_000;
/** A request that runs longer than this counts as failed, because its process may have been killed. */
const WORKING_MS = 300_000;
/** Maximum size in bytes of a response that is kept for a repeated request. */
const LONGEST_ANSWER = 16_384;
/** Records that the sweep reads at once. */
const SWEPT_AT_ONCE = 200;
const KEY = /^[\x21-\x7e]{1,200}$/;

/** A request with an `Idempotency-Key`. The id of the record is a digest of the credential and the key. */
export interface IdempotencyRecord {
  /** A keyed digest of the request. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The response, sealed. Absent while the request is processed, and for a response that is too long. */
  readonly answer?: string;
  /** The status of a response that was too long to be kept. */
  readonly tooLong?: number;
}

export const IDEMPOTENCY = new RecordKind<IdempotencyRecord>({
  kind: 'idempotency',
  fields: { digest: text, at: number, answer: maybe(text), tooLong: maybe(number) },
});

/** The stored response to a request. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/**
 * Handles the header `Idempotency-Key`. A client that lost its connection can send a request again, and the hub
 * performs it only once. The first request is performed, and repetitions within 24 hours get the same response.
 * Responses are sealed, because they may contain a new key. Requests are recognised by keyed digests, because they may
 * contain TLP:RED that could be guessed (earlier versions used digests without a key).
 */
export class Idempotency {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #sealer: Sealer;

  constructor(store: Store, clock: Clock, sealer: Sealer) {
    this.#store = store;
    this.#clock = clock;
    this.#sealer = sealer;
  }

  /**
   * Performs `work` once per key of a credential. Another credential of the same account does not receive the response.
   * The number of kept responses is limited per account. Throws a Problem of kind conflict while the first request is
   * still running, and of kind invalid-content when the key was used for a different request.
   */
  async once(
    { account, credential }: { readonly account: string; readonly credential: string },
    key: string,
    request: string,
    work: () => Promise<Answered>,
  ): Promise<Answered & { readonly replayed: boolean }> {
    if (!KEY.test(key)) throw accessErrors.invalidIdempotencyKey();
    const id = hash('sha256', JSON.stringify([credential, key]));
    const digest = this.#sealer.fingerprint(request);
    const digests = [digest, hash('sha256', request)];
    const known = await IDEMPOTENCY.in(this.#store).get(id);
    if (known !== undefined) {
      const again = this.#known(known.document, id, digests);
      if (again !== undefined) return { ...again, replayed: true };
    }
    const at = this.#clock.now();
    try {
      await this.#store.commit({ records: [IDEMPOTENCY.put(id, known, { digest, at }, { account })] });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      // Another request with the same key arrived at the same time and was first.
      const first = await IDEMPOTENCY.in(this.#store).get(id);
      const again = first === undefined ? undefined : this.#known(first.document, id, digests);
      if (again === undefined) throw stillProcessing();
      return { ...again, replayed: true };
    }
    try {
      const answered = await work();
      const answer = JSON.stringify(answered);
      await this.#keep(id, {
        digest,
        at,
        ...(Buffer.byteLength(answer) > LONGEST_ANSWER
          ? { tooLong: answered.status }
          : { answer: this.#sealer.seal(answer, contextOf(id)) }),
      });
      return { ...answered, replayed: false };
    } catch (error) {
      // A failed request may be repeated with the same key.
      await this.#keep(id, undefined);
      throw error;
    }
  }

  /** Returns the kept response to a request of a credential, and when the request came. Undefined without one. */
  async recall(
    { credential }: { readonly credential: string },
    key: string,
  ): Promise<(Answered & { readonly at: number }) | undefined> {
    if (!KEY.test(key)) return undefined;
    const id = hash('sha256', JSON.stringify([credential, key]));
    const document = (await IDEMPOTENCY.in(this.#store).get(id))?.document;
    if (document?.answer === undefined) return undefined;
    return { ...this.#opened(document.answer, id), at: document.at };
  }

  #opened(answer: string, id: string): Answered {
    return JSON.parse(this.#sealer.open(answer, contextOf(id))) as Answered;
  }

  #known(document: IdempotencyRecord, id: string, digests: readonly string[]): Answered | undefined {
    if (!digests.includes(document.digest)) throw accessErrors.idempotencyKeyReused();
    if (document.answer !== undefined) return this.#opened(document.answer, id);
    if (document.tooLong !== undefined) throw accessErrors.responseNotKept({ status: document.tooLong });
    if (this.#clock.now() - document.at < WORKING_MS) throw stillProcessing();
    return undefined;
  }

  async #keep(id: string, document: IdempotencyRecord | undefined): Promise<void> {
    const present = await IDEMPOTENCY.in(this.#store).get(id);
    if (present !== undefined)
      await this.#store.commit({
        records: [document === undefined ? removal(present) : IDEMPOTENCY.change(present, document)],
      });
  }

  /** Removes responses that are older than a day, page by page, because responses can be long. */
  async sweep(): Promise<void> {
    const before = this.#clock.now() - KEPT_MS;
    let after = '';
    for (;;) {
      const page = await IDEMPOTENCY.in(this.#store).list({ after, limit: SWEPT_AT_ONCE });
      for (const record of page)
        if (record.document.at < before) await this.#store.commit({ records: [removal(record)] });
      if (page.length < SWEPT_AT_ONCE) return;
      after = page.at(-1)?.id ?? '';
    }
  }
}

function stillProcessing(): Problem {
  return accessErrors.stillProcessing({ headers: { 'Retry-After': '2' } });
}

function contextOf(id: string): string {
  return `idempotency/${id}`;
}
