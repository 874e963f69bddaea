import { hash } from 'node:crypto';
import { LIFE_GROUPS, type LifeGroup, type LifeTerms } from '../../access/model.ts';
import type { FeedIdentity } from '../../access/snapshot-records.ts';
import { canonical } from '../../kernel/canonical.ts';
import type { ValueType } from '../../stix/values/observed-values.ts';
import type { Contribution } from './contribution.ts';

const DAY_MS = 86_400_000;
/** The score at the start of an indicator that states no confidence. */
const USUAL_CONFIDENCE = 50;

interface Life {
  readonly days: number;
  readonly decay: number;
  readonly threshold: number;
}

type Lives = Readonly<Record<LifeGroup, Life>>;

/** The lifetime in days, and the speed of the decay, of each kind of value. */
const DEFAULTS: Lives = {
  ip: { days: 14, decay: 2, threshold: 0 },
  url: { days: 21, decay: 2, threshold: 0 },
  domain: { days: 60, decay: 3, threshold: 0 },
  email: { days: 60, decay: 3, threshold: 0 },
  hash: { days: 365, decay: 5, threshold: 0 },
  certificate: { days: 180, decay: 3, threshold: 0 },
  pattern: { days: 365, decay: 5, threshold: 0 },
};

const GROUP_OF: Readonly<Record<ValueType, LifeGroup>> = {
  ipv4: 'ip',
  ipv6: 'ip',
  url: 'url',
  domain: 'domain',
  email: 'email',
  md5: 'hash',
  sha1: 'hash',
  sha256: 'hash',
  sha512: 'hash',
  certificate: 'certificate',
  pattern: 'pattern',
};

/** The state of a value. */
export type ValueState = 'active' | 'pending' | 'expired' | 'withdrawn';

/** The facts on which the end of the validity of an indicator depends. */
type Dated = Pick<Contribution, 'owner' | 'until' | 'from' | 'modified' | 'confidence'>;

/** The settings of the hub and of each feed that has its own. */
interface Terms {
  readonly hub: LifeTerms;
  /** By the owner of the indicators, `feed:` and the name of the feed. */
  readonly feeds: Readonly<Record<string, LifeTerms>>;
}

/**
 * When values end. The producer's `valid_until` takes precedence. An indicator without one loses its score over time:
 * `confidence × (1 − (t / days)^(1 / decay))`, where `t` begins with its newest version. It ends when the score falls
 * below the threshold, which is after `days` if the threshold is 0.
 */
export class Lifetimes {
  /** The settings, in one text for equal settings. The value view stores it to learn that they changed. */
  readonly text: string;
  /** A digest of the settings. Stored lists name it. */
  readonly digest: string;
  readonly #hub: Lives;
  readonly #feeds: ReadonlyMap<string, Lives>;

  constructor(terms: Terms) {
    this.text = canonical(JSON.parse(JSON.stringify(terms)));
    this.digest = hash('sha256', this.text, 'base64url').slice(0, 22);
    this.#hub = merged(DEFAULTS, terms.hub);
    this.#feeds = new Map(
      Object.entries(terms.feeds).map(([owner, own]) => [owner, merged(this.#hub, own)] as const),
    );
  }

  /** Reads the text of settings. The hub that stored none had the defaults. */
  static read(text: string | undefined): Lifetimes {
    return text === undefined ? DEFAULT_LIFETIMES : new Lifetimes(JSON.parse(text) as Terms);
  }

  /** Returns the end of the validity of an indicator, in milliseconds since 1970. */
  endOf(type: ValueType, one: Dated): number {
    if (one.until !== undefined) return one.until;
    const { days, decay, threshold } = this.#of(type, one.owner);
    const begin = Math.max(one.from, one.modified);
    if (threshold === 0) return begin + days * DAY_MS;
    const remaining = 1 - threshold / (one.confidence ?? USUAL_CONFIDENCE);
    return remaining > 0 ? begin + Math.floor(days * DAY_MS * remaining ** decay) : begin;
  }

  /** Returns the state of an indicator at a time. */
  stateOf(type: ValueType, contribution: Dated & Pick<Contribution, 'revoked'>, now: number): ValueState {
    if (contribution.revoked) return 'withdrawn';
    if (this.endOf(type, contribution) <= now) return 'expired';
    return contribution.from > now ? 'pending' : 'active';
  }

  /**
   * Returns the score of an indicator for its value at a time, from 0 to 100. With a `valid_until`, the score
   * falls to 0 at that time.
   */
  scoreOf(type: ValueType, one: Dated, now: number): number {
    const { days, decay } = this.#of(type, one.owner);
    const begin = Math.max(one.from, one.modified);
    const life = one.until === undefined ? days * DAY_MS : one.until - begin;
    const passed = Math.max(0, now - begin);
    if (passed >= life) return 0;
    return (one.confidence ?? USUAL_CONFIDENCE) * (1 - (passed / life) ** (1 / decay));
  }

  #of(type: ValueType, owner: string): Life {
    return (this.#feeds.get(owner) ?? this.#hub)[GROUP_OF[type]];
  }
}

/** The lifetimes of a hub without settings. */
export const DEFAULT_LIFETIMES = new Lifetimes({ hub: {}, feeds: {} });

/** Returns the lifetimes that the settings and the feeds of the hub state. Equal feeds give the same object. */
export class LifeSettings {
  readonly #hub: LifeTerms;
  #last: { readonly feeds: readonly FeedIdentity[]; readonly lifetimes: Lifetimes } | undefined;

  constructor(hub: LifeTerms) {
    this.#hub = hub;
  }

  of({ feeds }: { readonly feeds: readonly FeedIdentity[] }): Lifetimes {
    if (this.#last?.feeds === feeds) return this.#last.lifetimes;
    const own = feeds.flatMap(({ name, life }) =>
      life === undefined ? [] : [[`feed:${name}`, life] as const],
    );
    const made = new Lifetimes({ hub: this.#hub, feeds: Object.fromEntries(own) });
    // Lists are made again when this object changes, which other changes of feeds must not cause.
    const lifetimes = made.text === this.#last?.lifetimes.text ? this.#last.lifetimes : made;
    this.#last = { feeds, lifetimes };
    return lifetimes;
  }
}

function merged(base: Lives, own: LifeTerms): Lives {
  const groups = LIFE_GROUPS.map((group) => {
    const { days, decay, threshold } = base[group];
    const over = own[group];
    return [
      group,
      { days: over?.days ?? days, decay: over?.decay ?? decay, threshold: over?.threshold ?? threshold },
    ] as const;
  });
  return Object.fromEntries(groups) as Lives;
}
