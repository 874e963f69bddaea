import { createHash } from 'node:crypto';
import { decide } from '../../access/policy.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { markingFacts, tlpOf } from '../../stix/markings.ts';
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
  // A removal notice is not sent to a provider: it ends what was sent.
  const outlet = isMicrosoft(channel) && !isNotice ? 'provider' : kind === 'webhook' ? 'webhook' : 'push';
  const marking = markingFacts(object, (ref) => snapshot.marking(ref, owner));
  return (
    decide({ effective: tlpOf(level), marking }, snapshot.audienceOfMember(member), outlet, now).verdict ===
    'allow'
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
