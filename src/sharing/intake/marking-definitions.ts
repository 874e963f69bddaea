import { MARKINGS, type MarkingRecord } from '../../access/model.ts';
import type { Directory } from '../../access/directory.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem } from '../../kernel/problem.ts';
import { definitionMeaning } from '../../stix/meaning.ts';
import type { StixObject } from '../../stix/types.ts';
import { isOfHub, type Store } from '../../store/store.ts';

/**
 * Maximum size of a marking definition that the hub remembers. Every process keeps all of them in memory and reads
 * them again after each change of accounts, grants or collections.
 */
const LARGEST_DEFINITION = 16_384;

/** The marking definitions whose meaning the hub remembers. */
export class MarkingDefinitions {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #log: Log;

  constructor(store: Store, directory: Directory, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#log = log;
  }

  /**
   * Stores the meaning of a marking definition, and for whom it counts. The first definition stays. Owners
   * who submit the same meaning are added, and a definition from the hub replaces a member's. A different
   * definition from another member under a known id counts for nobody.
   */
  async learn(object: StixObject, owner: string): Promise<void> {
    const id = String(object['id']);
    if (Buffer.byteLength(JSON.stringify(object)) > LARGEST_DEFINITION) {
      this.#log.warn('marking.too_large', { marking: id, owner, most_bytes: LARGEST_DEFINITION });
      return;
    }
    for (;;) {
      const known = await MARKINGS.in(this.#store).try(id);
      if (known === 'damaged') return;
      const document = learned(known?.document, object, owner);
      if (document === undefined) return;
      try {
        await this.#store.commit({
          records: [MARKINGS.put(id, known, document)],
        });
        this.#directory.touch();
        return;
      } catch (error) {
        if (error instanceof Problem && error.kind === 'full') {
          this.#log.warn('marking.too_many', { owner, reason: error.title });
          return;
        }
        // Another process stored a definition of the same marking at the same moment.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }
}

/** Returns the record of a marking after `owner` submitted a definition of it. Undefined when nothing changes. */
function learned(
  known: MarkingRecord | undefined,
  object: StixObject,
  owner: string,
): MarkingRecord | undefined {
  if (known === undefined) return { object, owner };
  const { owner: before, also = [] } = known;
  const isSame = definitionMeaning(known.object) === definitionMeaning(object);
  // A definition from the hub can still replace a member's.
  if (isOfHub(owner) && !isOfHub(before)) return isSame ? { ...known, owner } : { object, owner };
  if (!isSame || before === owner || isOfHub(before) || also.includes(owner)) return undefined;
  return { ...known, also: [...also, owner] };
}
