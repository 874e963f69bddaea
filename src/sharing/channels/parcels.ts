import { createHash } from 'node:crypto';
import { decide } from '../../access/policy.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { markingFacts, rankOf, tlpOf } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import type { EntryFacts } from '../../store/store.ts';
import { isRemovalNotice } from '../removal-notice.ts';
import { isMicrosoft, isWanted, type Channel, type DeadLetter } from './model.ts';

/** An entry of a collection with its text. */
export type Entry = EntryFacts & { readonly text: string };

/** Checks the policy at the time of sending, for the member and this kind of channel. */
export function mayHave(
  { text, level, owner }: Entry,
  channel: Channel,
  snapshot: Snapshot,
  now: number,
): boolean {
  const object = JSON.parse(text) as StixObject;
  const isNotice = isRemovalNotice(object, owner);
  if (!isNotice && !isWanted(channel, object)) return false;
  const { member, kind } = channel;
  // Operators of the provider could read what the member's tenant contains. A notice is not sent there: it ends what was sent.
  if (isMicrosoft(channel) && !isNotice && level > rankOf('amber')) return false;
  const marking = markingFacts(object, (ref) => snapshot.marking(ref, owner));
  return (
    decide(
      { effective: tlpOf(level), marking },
      snapshot.audienceOfMember(member),
      kind === 'webhook' ? 'webhook' : 'push',
      now,
    ).verdict === 'allow'
  );
}

/** Returns the record of an object that a receiver refused permanently. */
export function letter({ id, version }: EntryFacts, message: string, now: number): DeadLetter {
  return { id, version, at: new Date(now).toISOString(), message: message.slice(0, 300) };
}

/** Returns the key by which a receiver recognises a parcel that is sent again. */
export function keyOf({ name }: Channel, from: number, to: number): string {
  return `msg_${createHash('sha256').update(`${name}|${from}|${to}`).digest('hex').slice(0, 32)}`;
}
