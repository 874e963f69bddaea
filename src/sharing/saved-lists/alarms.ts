import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../store/store.ts';
import { LIST_STATES, type HeldContent, type ListStateRecord, type SavedListRecord } from './model.ts';
import { mayCount } from './readers.ts';

const HOUR_MS = 3_600_000;
/** A list that could not be compared with its collections for this long is stale. */
const UNCHECKED_MS = HOUR_MS;

/** Returns why a list counts as stale. Undefined for one that does not. */
export function staleness(
  { stale_hours: hours }: Pick<SavedListRecord, 'stale_hours'>,
  { generation, published, checked }: Pick<ListStateRecord, 'generation' | 'published' | 'checked'>,
  now: number,
): 'unchanged' | 'not-made' | undefined {
  if (generation === 0) return undefined;
  if (now - checked > UNCHECKED_MS) return 'not-made';
  return now - published > hours * HOUR_MS ? 'unchanged' : undefined;
}

interface AlarmParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly notifications: Notifications;
  readonly clock: Clock;
  readonly log: Log;
}

/** Notifies the people who look after a saved list: administrators of the hub, and officers of the list's member. */
export class ListAlarms {
  readonly #parts: AlarmParts;

  constructor(parts: AlarmParts) {
    this.#parts = parts;
  }

  /** New content of a list waits for a person. */
  async held(list: SavedListRecord, { reason, entries }: HeldContent, before: number): Promise<void> {
    this.#parts.log.warn('list.on_hold', { list: list.name, reason, entries, before });
    await this.#tell(list, 'list.on_hold', { list: list.name, entries, before });
  }

  /** Sends one alarm about a list that is stale. The next change of the list ends it. */
  async checkStale(list: SavedListRecord): Promise<void> {
    const { store, clock, log } = this.#parts;
    const state = await LIST_STATES.in(store).get(list.name);
    if (state === undefined || state.document.alarmed !== undefined || state.document.gone) return;
    const now = clock.now();
    const reason = staleness(list, state.document, now);
    if (reason === undefined) return;
    await store.commit({ records: [LIST_STATES.change(state, { ...state.document, alarmed: now })] });
    const hours = Math.floor((now - state.document.published) / HOUR_MS);
    log.warn('list.stale_alarm', { list: list.name, reason, hours });
    await this.#tell(list, 'list.stale', { list: list.name, hours });
  }

  async #tell(
    list: SavedListRecord,
    event: 'list.on_hold' | 'list.stale',
    details: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { directory, notifications, clock } = this.#parts;
    const snapshot = await directory.current();
    for (const { id, role, member, person, disabled } of snapshot.accounts.values()) {
      const isAdministrator = role === 'administrator' && member === undefined;
      const isOfficer = role === 'officer' && member === list.owner;
      if (!person || disabled || !(isAdministrator || isOfficer)) continue;
      // The texts contain numbers and times of the list.
      const principal = snapshot.principal(id);
      if (principal !== undefined && mayCount(snapshot, principal, list, clock.now()))
        await notifications.notify(id, event, details);
    }
  }
}
