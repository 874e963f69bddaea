import { memberOf } from '../../access/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import type { Outcome } from '../intake/outcome.ts';
import type { Submission } from '../intake/submission.ts';
import { dayOf } from './counting.ts';
import { SCORE_INTAKE } from './model.ts';

const PAUSE_MS = 60_000;

/** How much a source offered, and how much of it the hub rejected. */
export interface Offer {
  readonly offered: number;
  readonly rejected: number;
}

/** Returns the change that adds to what a source offered today. */
async function offerChange(
  store: Pick<Store, 'record' | 'records'>,
  source: string,
  now: number,
  { offered, rejected }: Offer,
): Promise<RecordChange> {
  const day = dayOf(now);
  const id = `${source}/${day}`;
  const present = await SCORE_INTAKE.in(store).get(id);
  const before = present?.document ?? { offered: 0, rejected: 0 };
  return SCORE_INTAKE.put(id, present, {
    source,
    day,
    offered: before.offered + offered,
    rejected: before.rejected + rejected,
  });
}

/** The numbers of a run of a feed, in rows. */
interface RunNumbers {
  readonly feed: string;
  readonly accepted: number;
  readonly quarantined: number;
  readonly refused: number;
}

/** Returns the change that counts a run of a feed. None for a run without rows. */
export async function runOffer(
  store: Pick<Store, 'record' | 'records'>,
  { feed, accepted, quarantined, refused }: RunNumbers,
  now: number,
): Promise<readonly RecordChange[]> {
  const offer = {
    offered: accepted + quarantined,
    // An accepted row can become several objects.
    rejected: quarantined + Math.min(accepted, refused),
  };
  return offer.offered === 0 ? [] : [await offerChange(store, `feed:${feed}`, now, offer)];
}

interface OfferParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Counts how many objects members submit, and how many of them the hub rejects. Each process counts in memory and adds to
 * the records every minute. A killed process loses the counts of its last minute.
 */
export class Offers {
  readonly #s: OfferParts;
  /** The numbers that were not written yet, by member. */
  readonly #offers = new Map<string, Offer>();
  readonly #loop: WorkLoop;

  constructor(parts: OfferParts) {
    this.#s = parts;
    this.#loop = new WorkLoop(
      parts.clock,
      PAUSE_MS,
      () => this.flush(),
      (error) => parts.log.warn('scores.not_counted', { reason: reasonOf(error) }),
    );
  }

  /** Writes every minute, until `stop`. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.flush().catch(() => undefined);
  }

  /** Counts the outcomes of a submission. Those of feeds are counted with their runs. */
  count({ actor }: Pick<Submission, 'actor'>, outcomes: readonly Pick<Outcome, 'kind'>[]): void {
    if (actor.kind === 'feed' || outcomes.length === 0) return;
    const source = actor.onBehalfOf ?? memberOf(actor.principal);
    const { offered, rejected } = this.#offers.get(source) ?? { offered: 0, rejected: 0 };
    this.#offers.set(source, {
      offered: offered + outcomes.length,
      rejected: rejected + outcomes.filter(({ kind }) => kind === 'refused').length,
    });
  }

  /** Writes what was counted. */
  async flush(): Promise<void> {
    const { store, clock } = this.#s;
    for (const [source, offer] of [...this.#offers]) {
      for (;;)
        try {
          await store.commit({ records: [await offerChange(store, source, clock.now(), offer)] });
          break;
        } catch (error) {
          // Another process wrote the counts of the same member.
          if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
        }
      const { offered, rejected } = this.#offers.get(source) ?? offer;
      // Numbers that were counted during the write come with the next one.
      if (offered === offer.offered) this.#offers.delete(source);
      else
        this.#offers.set(source, {
          offered: offered - offer.offered,
          rejected: rejected - offer.rejected,
        });
    }
  }
}
