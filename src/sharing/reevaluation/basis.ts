import { hash } from 'node:crypto';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { FeedIdentity } from '../../access/snapshot-records.ts';
import { canonical } from '../../kernel/canonical.ts';

/** The settings on which routing depends, with the words for the log. */
const SUBJECTS = {
  claims: 'the members, their claims or delegations changed',
  rules: 'the forwarding rules changed',
  licences: 'the licence of a feed changed',
  levels: 'the TLP levels or readers of a collection changed',
  region: 'the countries of the hub changed',
} as const;

type Subject = keyof typeof SUBJECTS;

/** The parts of a basis that are the same for all source collections. */
interface SharedParts {
  readonly claims: string;
  readonly rules: string;
  readonly levels: string;
  readonly region: string;
}

/**
 * The settings by which routing decides, as a short text that changes with any of them. Routing keeps the text next to its
 * cursor. A cursor with another text starts from the beginning, so a changed setting reaches the stored objects. The
 * pages and the cursor are those of routing, so the work is bounded and continues after a restart.
 */
export class Basis {
  readonly #region: readonly string[];
  #snapshot: Snapshot | undefined;
  #shared: SharedParts | undefined;

  /** `region`: the countries for which the hub acts if they have no member. */
  constructor(region: readonly string[]) {
    this.#region = region;
  }

  /** Returns the text for one source collection. */
  of(directory: Snapshot, source: Pick<CollectionInfo, 'id'>): string {
    if (this.#snapshot !== directory || this.#shared === undefined) {
      this.#snapshot = directory;
      this.#shared = sharedParts(directory, this.#region);
    }
    const parts: Readonly<Record<Subject, string>> = {
      ...this.#shared,
      licences: digest(licencesIn(directory, source.id)),
    };
    return Object.entries(parts)
      .map(([subject, value]) => `${subject}=${value}`)
      .join(' ');
  }
}

/** Returns what changed between two texts of a basis, in words. */
export function changesBetween(before: string, after: string): readonly string[] {
  const earlier = new Set(before.split(' '));
  const subjects = after.split(' ').flatMap((part) => (earlier.has(part) ? [] : [part.split('=')[0] ?? '']));
  // A hub of an earlier version wrote a text without parts.
  if (!before.includes('=')) return ['this version of the hub routes by more settings than the last one'];
  return subjects.map((subject) => SUBJECTS[subject as Subject]);
}

function sharedParts(directory: Snapshot, region: readonly string[]): SharedParts {
  const said = [...directory.members.values()].map(
    ({ title: _title, identities: _identities, objects_per_day: _quota, revision: _revision, ...claims }) =>
      claims,
  );
  return {
    claims: digest({
      said,
      delegations: directory.delegations.map(({ country, at }) => `${country} ${at}`),
      // Objects that damaged records withhold are routed after the records are repaired.
      ...(directory.damage.names.length === 0 ? {} : { damaged: directory.damage.names }),
    }),
    rules: digest(directory.rules),
    levels: digest(targetsIn(directory)),
    region: digest(region),
  };
}

/** The levels and the readers of the collections into which routing may place objects. The policy asks for both. */
function targetsIn(directory: Snapshot): readonly object[] {
  const targets = new Set(directory.rules.map(({ to }) => to));
  return [...directory.collections.values()].flatMap(
    ({ id, ownOf, max_tlp, min_tlp, unmarked, default_tlp, accept, readers }) =>
      ownOf !== undefined || targets.has(id)
        ? [
            {
              ...{ id, max_tlp, min_tlp, unmarked, default_tlp, accept },
              readers: [...new Set(readers.map((one) => JSON.stringify(one)))].toSorted(),
            },
          ]
        : [],
  );
}

/** The licences of the feeds whose objects a collection may contain: its own feeds, and all if rules forward into it. */
function licencesIn(directory: Snapshot, source: string): readonly string[] {
  const isFilledByRules = directory.rules.some(({ to }) => to === source);
  return directory.feeds
    .filter((feed) => isFilledByRules || isFilledBy(directory, source, feed))
    .map(({ name, passedOn }) => `${name} ${passedOn}`)
    .toSorted();
}

/** Returns true if a feed fills a collection, or if nobody knows which collection it fills. */
export function isFilledBy(directory: Snapshot, id: string, { collection }: FeedIdentity): boolean {
  const named = directory.named(collection);
  return named.length === 0 || named.some((one) => one.id === id);
}

function digest(value: unknown): string {
  return hash('sha256', canonical(JSON.parse(JSON.stringify(value)))).slice(0, 12);
}
