import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { isRemovalNotice } from '../removal-notice.ts';
import { isWanted, type Channel, type ChannelState } from './model.ts';
import { readItems } from './email/email-channel.ts';
import type { Item } from '../routing/placing.ts';

/**
 * The result of a channel for an object: it delivered the object, announced it by email without its content, has not
 * reached it yet, or does not send it. Or the receiver refused it permanently.
 */
export type ChannelStatus =
  | { readonly kind: 'delivered' | 'announced' | 'behind' | 'unwanted' }
  | { readonly kind: 'refused'; readonly message: string };

/** Returns the latest known status of one object on one channel. */
export async function statusOnChannel(
  channel: Channel,
  state: ChannelState,
  item: Item,
  collection: CollectionInfo,
  snapshot: Snapshot,
  services: { readonly store: Store; readonly clock: Clock },
): Promise<ChannelStatus> {
  const { id, version, added } = item.entry;
  const letter = state.dead.find((dead) => dead.id === id && dead.version === version);
  if (letter !== undefined) return { kind: 'refused', message: letter.message };
  if (channel.kind !== 'mail') {
    if (!isRemovalNotice(item.object, item.entry.owner) && !isWanted(channel, item.object))
      return { kind: 'unwanted' };
    return { kind: state.cursor >= added ? 'delivered' : 'behind' };
  }
  const [told] = (await readItems(channel, [item], collection, snapshot, 'mail', services)).items;
  if (told === undefined) return { kind: 'unwanted' };
  const isThere = state.cursor >= added || (told.level === 'critical' && (state.seen ?? 0) >= added);
  return { kind: isThere ? (told.isWhole ? 'delivered' : 'announced') : 'behind' };
}
