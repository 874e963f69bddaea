import { decide, type Audience, type Outlet } from '../../access/policy.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import {
  markingFacts,
  PAP_LEVELS,
  tlpOf,
  type MarkingFacts,
  type MarkingLookup,
} from '../../stix/markings.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import { observedValues, valueKey } from '../../stix/values/observed-values.ts';
import { entryPages, LAST_VERSION, type Store } from '../../store/store.ts';
import { guarded, type GuardRules, type Omission } from '../lists/blocking.ts';
import { contributionOf, type Contribution } from '../values/contribution.ts';
import type { Lifetimes } from '../values/life.ts';
import { attributesOf, isRule, type Looked } from './attributes.ts';
import { MispContext, type ReportFacts } from './context.ts';
import { confidenceTags, labelTags } from './tags.ts';
import { Records, type Spool } from './spool.ts';

const AT_ONCE = 500;
/** Maximum number of attributes in a feed. They take about 32 MB of memory while the feed is made. */
const MOST_ATTRIBUTES = 1_000_000;
const LONGEST_COMMENT = 4_000;
/** Maximum number of values of other members that a member can report and still see. */
const MOST_OWN = 100_000;

/** The facts of the hub about an indicator. */
interface Placed {
  readonly owner: string;
  readonly level: number;
  readonly added: number;
}

/** An attribute as it waits in the spool, without what depends on its event. */
export interface Spooled {
  readonly type: Looked['type'];
  readonly value: string;
  readonly comment: string;
  readonly to_ids: boolean;
  /** The time of its version, in milliseconds since 1970. */
  readonly modified: number;
  /** The time since when the feed contains it in this way. */
  readonly moved: number;
  readonly from: number;
  readonly level: number;
  readonly tags: readonly string[];
}

/** An event before its attributes are read: a report, or the loose indicators of a producer and a day. */
export interface Draft {
  /** The key from which its id is made. */
  readonly key: string;
  readonly report: ReportFacts | undefined;
  readonly producer: string | undefined;
  readonly day: string;
  readonly level: number;
  readonly records: Records;
}

export interface CollectParts extends GuardRules {
  readonly store: Pick<Store, 'entries'>;
  readonly collection: string;
  readonly audience: Audience;
  readonly life: Lifetimes;
  readonly marking: (id: string, owner: string) => ReturnType<MarkingLookup>;
  readonly spool: Spool;
  readonly clock: Pick<Clock, 'monotonic'>;
}

export interface Collected {
  readonly context: MispContext;
  readonly drafts: readonly Draft[];
  readonly omitted: ReadonlyMap<Omission, number>;
  readonly owners: ReadonlySet<string>;
  /** The next time at which a value changes its state, in milliseconds since 1970. */
  readonly changesAt: number;
  /** The last day whose events were left out because there were too many attributes. Empty for none. */
  readonly cutDay: string;
}

/** Reads a collection and spools its attributes by event. */
export async function collect(parts: CollectParts): Promise<Collected> {
  return new Collector(parts).run();
}

class Collector {
  readonly #parts: CollectParts;
  readonly #drafts = new Map<string, Draft>();
  readonly #omitted = new Map<Omission, number>();
  readonly #owners = new Set<string>();
  readonly #decisions = new Map<string, Map<Outlet, boolean>>();
  /** The last requested day. */
  #day: { readonly day: number; readonly text: string } | undefined;
  /** The values that the reading member reports itself and that belong to members. */
  readonly #own = new Set<string>();
  #context!: MispContext;
  #changesAt = Infinity;
  #count = 0;
  #cutDay = '';

  constructor(parts: CollectParts) {
    this.#parts = parts;
  }

  async run(): Promise<Collected> {
    const { store, collection, clock, marking, spool } = this.#parts;
    const slices = new Slices(clock);
    this.#context = await MispContext.read(store, collection, slices, (object, { level, owner }) =>
      this.#permitted(
        level,
        markingFacts(object, (id) => marking(id, owner)),
      )('taxii'),
    );
    for (const report of this.#context.reports)
      if (!report.revoked)
        this.#draftOf(report, report.producer, this.#dayOf(report.published), report.level);
    const query = { collection, after: 0, limit: AT_ONCE, versions: LAST_VERSION, types: ['indicator'], specs: ['2.1'] as const }; // prettier-ignore
    await this.#readOwn(query, slices);
    for await (const entries of entryPages(store, query))
      for (const { text: written = '{}', ...entry } of entries) {
        if (slices.isOver(written.length)) await slices.next();
        for (const piece of this.#indicator(JSON.parse(written) as StixObject, entry)) await piece;
      }
    await spool.flush();
    return {
      context: this.#context,
      drafts: [...this.#drafts.values()],
      omitted: this.#omitted,
      owners: this.#owners,
      changesAt: this.#changesAt,
      cutDay: this.#cutDay,
    };
  }

  #omit(reason: Omission, count = 1): void {
    this.#omitted.set(reason, (this.#omitted.get(reason) ?? 0) + count);
  }

  /**
   * Reads the values of other members that the reading member reports itself. It gets these from everybody, or it would learn
   * from them what other members claim.
   */
  async #readOwn(query: Parameters<typeof entryPages>[1], slices: Slices): Promise<void> {
    const { store, reader, guard, life, now } = this.#parts;
    if (reader === undefined) return;
    for await (const entries of entryPages(store, query))
      for (const { text: written = '{}', owner, level } of entries) {
        if (slices.isOver()) await slices.next();
        if (owner !== reader.member) continue;
        const object = JSON.parse(written) as StixObject;
        const contribution = contributionOf(object, owner, level);
        for (const value of observedValues(object)) {
          const isActive = life.stateOf(value.type, contribution, now) === 'active';
          if (isActive && this.#own.size < MOST_OWN && guard.reason(value) === 'protected')
            this.#own.add(valueKey(value));
        }
      }
  }

  *#indicator(object: StixObject, placed: Placed): Generator<Promise<unknown>> {
    const { marking } = this.#parts;
    const { owner, level, added } = placed;
    const observed = observedValues(object);
    if (observed.length === 0) return;
    const contribution = contributionOf(object, owner, level);
    this.#owners.add(owner);
    const facts = markingFacts(object, (id) => marking(id, owner));
    const mayLeave = this.#permitted(level, facts);
    if (!mayLeave('taxii')) return this.#omit('policy');
    const looked = attributesOf(object, observed);
    if (looked === undefined) return this.#omit('format');
    const isForTools = mayLeave('blocking');
    const isForRules = mayLeave('detection');
    const tags = this.#tagsOf(object, facts);
    const order = [Date.parse(text(object, 'created') ?? '') || 0, numberOf(contribution.id)] as const;
    for (const one of looked) {
      const moved = this.#movedAt(one, contribution, added / 1_000);
      if (moved === undefined) continue;
      const reason = this.#reason(one, 'detect');
      if (reason !== undefined) {
        this.#omit(reason);
        continue;
      }
      const isIds = isRule(one.type) ? isForRules : isForTools && this.#reason(one, 'block') === undefined;
      yield* this.#place(object, owner, order, {
        type: one.type,
        value: one.value,
        comment: commentOf(object, one.value),
        to_ids: isIds,
        moved,
        modified: Math.min(contribution.modified, added / 1_000),
        from: contribution.from,
        level,
        tags,
      });
    }
  }

  /** Returns since when a value is in force in the collection. Undefined for one that is not, as in lists. */
  #movedAt({ lives }: Looked, contribution: Contribution, added: number): number | undefined {
    const { now, life } = this.#parts;
    const { from } = contribution;
    const state = life.stateOf(lives, contribution, now);
    if (state === 'pending') this.#changesAt = Math.min(this.#changesAt, from);
    if (state !== 'active') return undefined;
    this.#changesAt = Math.min(this.#changesAt, life.endOf(lives, contribution));
    return Math.max(added, from);
  }

  /**
   * Returns why a list of a tool with this action would leave out a value, or one of the values that it consists of.
   * Patterns have no rules of their own, but people suppress them.
   */
  #reason({ parts }: Looked, acts: 'detect' | 'block'): Omission | undefined {
    let found: Omission | undefined;
    for (const value of parts) {
      const isOwn = (): boolean => this.#own.has(valueKey(value));
      const { reason, changesAt } = guarded(
        value,
        value.type === 'pattern' ? 'read' : acts,
        isOwn,
        this.#parts,
      );
      this.#changesAt = Math.min(this.#changesAt, changesAt);
      found ??= reason;
    }
    return found;
  }

  /**
   * Puts an attribute into the events of the reports that refer to its indicator. Without a report of its owner or of the
   * hub, it is also in the event of its producer and day.
   */
  *#place(
    object: StixObject,
    owner: string,
    order: readonly [number, number],
    spooled: Spooled,
  ): Generator<Promise<unknown>> {
    const reports = this.#context.reportsOf(text(object, 'id') ?? '').flatMap((at) => this.#context.reports[at] ?? []); // prettier-ignore
    const standing = reports.filter(({ revoked }) => !revoked);
    for (const report of standing) {
      const level = Math.max(report.level, spooled.level);
      yield* this.#add(
        this.#draftOf(report, report.producer, this.#dayOf(report.published), level),
        order,
        spooled,
      );
    }
    // Only the owner or the hub moves an indicator. A report of somebody else would take it out of the event of its owner,
    // with another organisation and a stricter level.
    if (standing.some((report) => report.owner === owner || report.owner === 'hub')) return;
    const producer = text(object, 'created_by_ref');
    yield* this.#add(
      this.#draftOf(undefined, producer, this.#dayOf(order[0]), spooled.level),
      order,
      spooled,
    );
  }

  *#add(draft: Draft | undefined, [first, second]: readonly [number, number], spooled: Spooled): Generator<Promise<unknown>> {
    if (draft === undefined) return this.#omit('limit');
    const { spool } = this.#parts;
    const [position, length] = spool.write(JSON.stringify(spooled));
    draft.records.add(first, second, position, length);
    if (++this.#count > MOST_ATTRIBUTES) this.#cut();
    if (spool.isFull) yield spool.flush();
  } // prettier-ignore

  /** Leaves out the events of the oldest day. */
  #cut(): void {
    const all = [...this.#drafts.values()];
    this.#cutDay = all.reduce((oldest, { day }) => (day < oldest ? day : oldest), all[0]?.day ?? '');
    for (const { key, day, records } of all)
      if (day <= this.#cutDay) {
        this.#drafts.delete(key);
        this.#count -= records.count;
        this.#omit('limit', records.count);
      }
  }

  /** Returns the event of a report or of a producer and a day. Undefined for a day that was left out. */
  #draftOf(
    report: ReportFacts | undefined,
    producer: string | undefined,
    day: string,
    level: number,
  ): Draft | undefined {
    if (day <= this.#cutDay) return undefined;
    // No event mixes levels: who passes it on looks at its tag.
    const key = report === undefined ? `day ${producer ?? ''} ${day} ${level}` : `${report.id} ${level}`;
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const draft: Draft = { key, report, producer, day, level, records: new Records() };
    this.#drafts.set(key, draft);
    return draft;
  }

  #tagsOf(object: StixObject, { pap, iep }: MarkingFacts): readonly string[] {
    const { confidence } = object;
    const level = iep.some(({ isActedOn }) => !isActedOn) ? PAP_LEVELS[3] : pap;
    return [
      ...(level === undefined ? [] : [`PAP:${level.toUpperCase()}`]),
      ...confidenceTags(typeof confidence === 'number' ? confidence : undefined),
      ...labelTags([...texts(object, 'labels'), ...texts(object, 'indicator_types')]),
      ...this.#context.indicatedBy(text(object, 'id') ?? ''),
    ];
  }

  /** Returns the answers of the disclosure policy about an object. Objects with the same facts have the same answers. */
  #permitted(level: number, marking: MarkingFacts): (outlet: Outlet) => boolean {
    const { audience, now } = this.#parts;
    const { families, ...rest } = marking;
    const key = JSON.stringify([level, rest, [...families]]);
    const answers = this.#decisions.get(key) ?? new Map<Outlet, boolean>();
    if (this.#decisions.size < AT_ONCE) this.#decisions.set(key, answers);
    return (outlet) => {
      const known = answers.get(outlet);
      if (known !== undefined) return known;
      const { verdict } = decide({ effective: tlpOf(Math.max(0, level)), marking }, audience, outlet, now);
      answers.set(outlet, verdict === 'allow');
      return verdict === 'allow';
    };
  }

  /** Returns the day of a time in UTC. Most times are of a few days. */
  #dayOf(ms: number): string {
    const day = Math.floor(ms / 86_400_000);
    if (this.#day?.day !== day) this.#day = { day, text: new Date(ms).toISOString().slice(0, 10) };
    return this.#day.text;
  }
}

/** Returns the first 48 bits of the UUID of an id, which keep indicators of the same time in one order. */
function numberOf(id: string): number {
  const digits = id
    .slice(id.indexOf('--') + 2)
    .replaceAll('-', '')
    .slice(0, 12);
  return /^[0-9a-f]{12}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
}

function commentOf(object: StixObject, value: string): string {
  const [name, description] = [text(object, 'name'), text(object, 'description')];
  const parts = [name === value ? undefined : name, description === name ? undefined : description];
  return parts
    .filter((part) => part !== undefined && part.trim() !== '')
    .join('\n')
    .slice(0, LONGEST_COMMENT);
}
