import type { Ledger } from '../../access/ledger.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Micros } from '../../kernel/clock.ts';
import type { ReaderNote, Store } from '../../store/store.ts';
import {
  CHANNELS,
  CHANNEL_STATES,
  channelOf,
  stateOf,
  type Channel,
  type ChannelState,
} from '../channels/model.ts';
import { ANSWER_RECORDS } from '../deliveries/model.ts';
import { evidenceOf, listWords, typesInList } from '../lists/list-query.ts';
import { filterWords, readFilters } from '../reading/filters.ts';
import type { SuppressedPlace, SuppressionRecord } from './model.ts';

/**
 * The state of a suppressed value at one recipient. `confirmed`: it fetched a list or read the removal notice since
 * then, or acknowledged it. `notified`: the notice left the hub by email, or in the manifest of a MISP feed, which
 * proves nothing. `holding`: it still has the value.
 */
export type RemovalState = 'confirmed' | 'notified' | 'holding';

/** A recipient that had a value before it was suppressed. */
export interface Recipient {
  /** Id of the account that reads. Absent for a channel. */
  readonly account?: string;
  readonly member?: string;
  /** Id of the collection. */
  readonly collection: string;
  readonly way: 'list' | 'taxii' | 'push' | 'webhook' | 'email';
  /** The list or filters that it reads, or the name of the channel. */
  readonly what: string;
  readonly state: RemovalState;
  /** The last contact, in milliseconds since 1970. */
  readonly seen?: number;
}

const WAY_OF = {
  taxii: 'push',
  webhook: 'webhook',
  mail: 'email',
  sentinel: 'push',
  defender: 'push',
} as const;

/** Finds out who has a suppressed value and who removed it, from the reading positions and the channels. */
export class Recipients {
  readonly #store: Pick<Store, 'readers' | 'record' | 'records'>;
  readonly #ledger: Pick<Ledger, 'flush'>;

  constructor(store: Pick<Store, 'readers' | 'record' | 'records'>, ledger: Pick<Ledger, 'flush'>) {
    this.#store = store;
    this.#ledger = ledger;
  }

  /** Returns everybody who had the value. Readers that came only after the suppression are confirmed. */
  async of(record: SuppressionRecord, directory: Snapshot): Promise<readonly Recipient[]> {
    await this.#ledger.flush();
    const places = new Map((record.places ?? []).map((place) => [place.collection, place]));
    const readers = (await this.#store.readers()).flatMap((note) => {
      const place = places.get(note.collection);
      return place === undefined ? [] : (readerOf(note, place, record, directory) ?? []);
    });
    const channels: Recipient[] = [];
    for (const stored of await CHANNELS.in(this.#store).whole()) {
      const channel = channelOf(stored);
      const place = places.get(channel.collection);
      if (place === undefined) continue;
      const state = stateOf(await CHANNEL_STATES.in(this.#store).get(channel.name));
      const found = await this.#channel(channel, state, place);
      if (found !== undefined) channels.push(found);
    }
    return [...readers, ...channels];
  }

  async #channel(
    channel: Channel,
    state: ChannelState,
    place: SuppressedPlace,
  ): Promise<Recipient | undefined> {
    const reached = channel.kind === 'mail' ? Math.max(state.cursor, state.seen ?? 0) : state.cursor;
    if (reached < place.added) return undefined;
    const isSent = place.notice !== undefined && reached >= place.notice;
    const { member, collection, kind, name } = channel;
    const about = { member, collection, way: WAY_OF[kind], what: name };
    const seen = state.last_ok === undefined ? {} : { seen: Date.parse(state.last_ok) };
    const isRefused = state.dead.some(({ id }) => place.notices.includes(id));
    if (!isSent || isRefused) return { ...about, ...seen, state: 'holding' };
    if (kind !== 'mail') return { ...about, ...seen, state: 'confirmed' };
    return { ...about, ...seen, state: (await this.#isAnswered(member, place)) ? 'confirmed' : 'notified' };
  }

  /** True when the member acknowledged a notice, by a link of an email or otherwise. */
  async #isAnswered(member: string, { notices }: SuppressedPlace): Promise<boolean> {
    for (const notice of notices)
      if ((await ANSWER_RECORDS.in(this.#store).get(`${member}/${notice}`)) !== undefined) return true;
    return false;
  }
}

/** Returns a reader of a collection. Undefined for one that never had the value. */
function readerOf(
  note: ReaderNote,
  place: SuppressedPlace,
  { at, type }: SuppressionRecord,
  directory: Snapshot,
): Recipient | undefined {
  const { account, collection, kind, seen } = note;
  const member = directory.accounts.get(account)?.member;
  const about = { account, ...(member === undefined ? {} : { member }), collection, seen };
  if (note.cursor < place.added) return undefined;
  if (kind === 'list') {
    if (!typesInList(note.filters).includes(type)) return undefined;
    const what = listWords(note.filters);
    return { ...about, way: 'list', what, state: seen > at ? evidenceOf(note.filters) : 'holding' };
  }
  if (kind !== 'objects') return undefined;
  const filters = readFilters(note.filters);
  if (filters.types !== undefined && !filters.types.includes('indicator')) return undefined;
  const state = readsNotice(filters.types, note.cursor, place) ? 'confirmed' : 'holding';
  return { ...about, way: 'taxii', what: filterWords(filters), state };
}

function readsNotice(
  types: readonly string[] | undefined,
  cursor: Micros,
  { notice }: SuppressedPlace,
): boolean {
  return notice !== undefined && cursor >= notice && (types === undefined || types.includes('opinion'));
}
