import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Mailer } from '../kernel/mailer.ts';
import { AlarmSender, type AlarmSetting } from './alarms.ts';
import { FeedAdmin } from './feed-admin.ts';
import type { RunServices } from './run.ts';
import { Feeds } from './service.ts';
import { WarningLists, keptLists } from './warning-lists.ts';
import type { Store } from '../store/store.ts';

interface FeedParts {
  readonly services: RunServices;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly ids: Ids;
  readonly log: Log;
  readonly mailer: Mailer | undefined;
  readonly alarms: AlarmSetting;
  /** True if the operator has switched the schedule off in this process. */
  readonly switchedOff: boolean;
}

/** Creates the feeds, their management, and the alarms that they raise. */
export function createFeeds({ services, directory, audit, ids, log, mailer, ...settings }: FeedParts) {
  const feeds = new Feeds(services, directory, log, settings.switchedOff);
  const alarms = new AlarmSender(settings.alarms, services.http, mailer, services.clock, ids, log);
  feeds.health.onAlarm((event) => alarms.tell(event));
  return { feeds, alarms, feedAdmin: new FeedAdmin(feeds, services, audit) };
}

/**
 * Returns a function that loads the warning lists that values of people are compared with: those of the hub and of its
 * feeds.
 */
export function valueLists(store: Pick<Store, 'record' | 'records'>): () => Promise<WarningLists> {
  return async () => WarningLists.load({}, [], await keptLists(store));
}
