import type { Directory } from '../access/directory.ts';
import type { Stored } from '../store/records.ts';
import type { AuditFact } from '../store/store.ts';
import { commitDrafts } from './drafting.ts';
import { FindingMaker } from './maker.ts';
import { Mapper } from './mapper.ts';
import { draftsOf } from './objects.ts';
import { QUARANTINES, type QuarantineRecord } from './model.ts';
import { quarantineChange, quarantinedAt, quarantinedIn } from './quarantine.ts';
import type { FeedRegistry } from './registry.ts';
import { nothingStored, together, type Quarantined, type StoreCounts } from './report.ts';
import type { RunServices } from './run.ts';
import type { FeedRunner } from './runner.ts';
import { withoutRows } from './run-rows.ts';
import { Unsettled } from './unsettled.ts';
import { WarningLists, keptLists } from './warning-lists.ts';

/** The rows that the last runs could not use. */
export class FeedQuarantine {
  readonly #services: RunServices;
  readonly #directory: Directory;
  readonly #registry: FeedRegistry;
  readonly #runner: Pick<FeedRunner, 'alone'>;
  #isSealed = false;

  constructor(
    services: RunServices,
    directory: Directory,
    registry: FeedRegistry,
    runner: Pick<FeedRunner, 'alone'>,
  ) {
    this.#services = services;
    this.#directory = directory;
    this.#registry = registry;
    this.#runner = runner;
  }

  /** Returns the bad rows of the last run that had any. */
  async of(name: string): Promise<readonly Quarantined[]> {
    return quarantinedIn(await this.#last(name), this.#services.sealer);
  }

  /** Seals bad rows that an earlier version stored unencrypted. Runs once per process, record by record. */
  async seal(): Promise<void> {
    if (this.#isSealed) return;
    const { store, sealer } = this.#services;
    const records = QUARANTINES.in(store);
    for (let [record] = await records.list({ limit: 1 }); record !== undefined;) {
      if (record.document.sealed === undefined)
        await store.commit({
          records: [quarantineChange(record, quarantinedIn(record, sealer), quarantinedAt(record), sealer)],
          scrub: true,
        });
      [record] = await records.list({ limit: 1, after: record.id });
    }
    this.#isSealed = true;
  }

  async #last(name: string): Promise<Stored<QuarantineRecord> | undefined> {
    const [newest] = await QUARANTINES.in(this.#services.store).by('feed', name, {
      newestFirst: true,
      limit: 1,
    });
    return newest;
  }

  /**
   * Retries the rows of the last quarantine with the current document. The audit facts are durable before anything is
   * stored. Returns the results.
   */
  async retry(
    name: string,
    facts: readonly AuditFact[] = [],
  ): Promise<StoreCounts & { readonly still_bad: number }> {
    const { document, collection } = await this.#registry.find(name);
    return this.#runner.alone(name, 0, async (lease, signal) => {
      if (facts.length > 0) await this.#services.store.commit({ facts, lease });
      const record = await this.#last(name);
      const now = this.#services.clock.now();
      const members = [...(await this.#directory.current()).members.values()];
      const mapper = new Mapper(
        new FindingMaker(
          document,
          now,
          await WarningLists.load(document, members, await keptLists(this.#services.store)),
        ),
      );
      const stored = nothingStored();
      const beside = nothingStored();
      const still: Quarantined[] = [];
      const findings = quarantinedIn(record, this.#services.sealer).flatMap((quarantined) => {
        const mapped = quarantined.row === undefined ? undefined : mapper.map(quarantined.row);
        if (mapped === undefined) still.push(quarantined);
        else if (mapped.fault !== undefined) still.push({ ...quarantined, ...mapped.fault });
        return mapped?.findings ?? [];
      });
      await withoutRows(this.#services.store, name, lease, false);
      await commitDrafts(
        {
          ...this.#services,
          document,
          collection: await this.#registry.target(name, collection),
          lease,
          signal,
          now,
          stored,
          beside,
          unsettled: new Unsettled(),
          progress: () => undefined,
          leftOut: () => undefined,
        },
        findings.flatMap((finding) => draftsOf(document, finding, now)),
        {
          records:
            record === undefined
              ? []
              : [quarantineChange(record, still, quarantinedAt(record), this.#services.sealer)],
          scrub: true,
        },
      );
      return { ...together(stored, beside), still_bad: still.length };
    });
  }
}
