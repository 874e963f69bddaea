import { WorkLoop } from '../../kernel/work-loop.ts';
import { followCollections, type Follower, type Following } from './follow-collections.ts';

const PAUSE_MS = 2_000;

/** Keeps everything up to date that is derived from the entries of collections. */
export class DerivedData {
  readonly #following: Omit<Following, 'ending'>;
  readonly #followers: readonly Follower[];
  readonly #loop: WorkLoop;
  /** Followers that are far behind the others, until they have caught up. */
  readonly #alone = new Map<Follower, Promise<void>>();

  constructor(following: Omit<Following, 'ending'>, followers: readonly Follower[]) {
    this.#following = following;
    this.#followers = followers;
    this.#loop = new WorkLoop(
      following.clock,
      PAUSE_MS,
      () => this.follow(),
      (error) => {
        for (const one of followers) one.failed(error);
      },
    );
  }

  /** Runs until `stop`: every two seconds, slowly enough to leave three quarters of the time to other work. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all(this.#alone.values());
  }

  /** Follows all collections up to their newest entries. One process does this at a time. */
  async follow(): Promise<void> {
    const together = this.#followers.filter((one) => !this.#alone.has(one));
    const straggler = await this.#follow(together);
    if (straggler === undefined) return;
    const catchingUp = this.#follow([straggler])
      .catch(straggler.failed)
      .then(() => void this.#alone.delete(straggler));
    this.#alone.set(straggler, catchingUp);
  }

  #follow(followers: readonly Follower[]): Promise<Follower | undefined> {
    return followCollections({ ...this.#following, ending: this.#loop.signal }, followers);
  }
}
