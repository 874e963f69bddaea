import { demandHub } from '../access/hub-service.ts';
import type { Principal } from '../access/principal.ts';
import type { Quarantined, RunProgress, RunReport } from './run.ts';
import type { FeedInfo, Feeds } from './service.ts';

/** Feeds for whoever looks after them. */
export class FeedAdmin {
  readonly #feeds: Feeds;

  constructor(feeds: Feeds) {
    this.#feeds = feeds;
  }

  async list(actor: Principal): Promise<readonly FeedInfo[]> {
    demandHub(actor, 'hub.read', 'You may not see the feeds');
    return this.#feeds.list();
  }

  async history(actor: Principal, name: string, limit: number): Promise<readonly RunReport[]> {
    demandHub(actor, 'hub.read', 'You may not see the feeds');
    return this.#feeds.history(name, limit);
  }

  async quarantine(actor: Principal, name: string): Promise<readonly Quarantined[]> {
    demandHub(actor, 'hub.read', 'You may not see the feeds');
    return this.#feeds.quarantine(name);
  }

  async run(actor: Principal, name: string, onProgress: RunProgress): Promise<RunReport> {
    demandHub(actor, 'feed.run', 'You may not run feeds');
    return this.#feeds.run(name, onProgress);
  }
}
