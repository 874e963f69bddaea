/** The course of an exercise. Pure functions. */
import type { ContactRecord } from '../contacts/model.ts';
import type { ExerciseCall, ExerciseRecord } from './model.ts';

const MINUTE_MS = 60_000;

/** A contact with its id. */
export interface TreeContact {
  readonly id: string;
  readonly contact: Pick<ContactRecord, 'label' | 'order' | 'wait' | 'purposes' | 'phones'>;
}

/** The next call of a member. */
export interface NextCall {
  readonly contact: TreeContact;
  /** The time from which the call is due, in milliseconds since 1970. */
  readonly due: number;
}

/** The state of one member in an exercise. */
export interface Course {
  /** `open`: there is another contact to call. `failed`: all contacts were called, and nobody answered. */
  readonly state: 'open' | 'reached' | 'failed';
  /** Minutes from the start until somebody answered. */
  readonly minutes?: number;
  readonly calls: readonly ExerciseCall[];
  readonly next?: NextCall;
}

/** Returns the phone tree of a member: its contacts with a phone for incidents, and its 24/7 contacts, in order. */
function phoneTree(contacts: readonly TreeContact[]): readonly TreeContact[] {
  return contacts
    .filter(({ contact: { phones, purposes } }) => phones.length > 0 && purposes.some((one) => one === 'incident' || one === '24x7'))
    .toSorted((a, b) => a.contact.order - b.contact.order || (a.id < b.id ? -1 : 1));
} // prettier-ignore

/**
 * Returns the state of a member. After a call that nobody answers, the next contact is due when its wait has passed, and after
 * a wrong number at once.
 */
export function courseOf(
  { started, calls: all }: Pick<ExerciseRecord, 'started' | 'calls'>,
  member: string,
  contacts: readonly TreeContact[],
): Course {
  const calls = all.filter((call) => call.member === member);
  const reached = calls.find(({ outcome }) => outcome === 'reached');
  if (reached !== undefined)
    return { state: 'reached', minutes: Math.round((reached.at - started) / MINUTE_MS), calls };
  const called = new Set(calls.map(({ contact }) => contact));
  const tree = phoneTree(contacts);
  const contact = tree.find(({ id }) => !called.has(id));
  if (contact === undefined) return { state: 'failed', calls };
  const last = calls.at(-1);
  const wait = tree.find(({ id }) => id === last?.contact)?.contact.wait ?? 0;
  const due =
    last === undefined ? started : last.at + (last.outcome === 'wrong-number' ? 0 : wait * MINUTE_MS);
  return { state: 'open', calls, next: { contact, due } };
}
