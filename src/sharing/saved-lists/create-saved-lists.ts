import type { Audit } from '../../access/audit/audit.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../store/store.ts';
import { ListRemovalLog } from '../lists/collection-removals.ts';
import type { Lists } from '../lists/lists.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import type { LifeSettings } from '../values/life.ts';
import type { ValueView } from '../values/value-view.ts';
import { ListAlarms } from './alarms.ts';
import { ListPublisher } from './publisher.ts';
import { SavedListServing } from './serving.ts';
import { SavedLists } from './service.ts';

interface SavedListsParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly ledger: Ledger;
  readonly notifications: Notifications;
  readonly view: ValueView;
  readonly lists: Pick<Lists, 'guardFor'>;
  readonly suppressions: Suppressions;
  readonly life: LifeSettings;
  readonly folder: string;
  readonly url: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Creates the parts of saved lists: their management, the job that publishes them, and their responses. */
export function createSavedLists(parts: SavedListsParts) {
  const { store, directory, clock, log, view, lists, suppressions, life } = parts;
  const publisher = new ListPublisher({
    store, directory, view, suppressions, life, clock, log,
    guard: (snapshot, now) => lists.guardFor(snapshot, now),
    alarms: new ListAlarms(parts),
  }); // prettier-ignore
  const serving = new SavedListServing({ ...parts, publisher });
  return {
    listPublisher: publisher,
    savedLists: new SavedLists({ ...parts, publisher }),
    savedListServing: serving,
    listRemovals: new ListRemovalLog({ store, directory, view, saved: serving, clock }),
  };
}
