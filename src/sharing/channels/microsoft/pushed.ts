import type { ObservedValue } from '../../../stix/values/observed-values.ts';
import { valueKey } from '../../../stix/values/observed-values.ts';
import { namePages, type Name, type NameRange, type Store } from '../../../store/store.ts';
import { CARRIED, type Carried } from './defender-indicators.ts';

/** Number of names that are read at once. */
const WINDOW = 1_000;
/** Number of ranges that are read at once. */
const RANGES = 200;
const END = '\u{10FFFF}';

/** A value that a tenant has, or may have. */
export interface Pushed extends ObservedValue {
  /** The id that the tenant gave to it. Empty while the hub has no answer to its request. */
  readonly id: string;
  readonly name: Name;
}

/** A value that a tenant does not have, because something that can end keeps it out. */
export interface Withheld extends ObservedValue {
  readonly name: Name;
}

/** The values that a channel sent and withholds, by `valueKey`. */
export interface Kept {
  readonly pushed: ReadonlyMap<string, Pushed>;
  readonly withheld: ReadonlyMap<string, Withheld>;
}

/** Returns the name under which the hub remembers that it sent a value. */
export function pushedName(channel: string, { type, value }: ObservedValue, id: string): Name {
  return { kind: `pushed/${channel}/${type}`, value: `${value}\t${id}`, collection: '', added: 0 };
}

/** Returns the name under which the hub remembers that it withholds a value. */
export function withheldName(channel: string, { type, value }: ObservedValue): Name {
  return { kind: `withheld/${channel}/${type}`, value, collection: '', added: 0 };
}

/** Returns the name that marks which round last changed what the hub remembers of a channel. */
export function markName(channel: string, mark: string): Name {
  return { kind: `mark/${channel}`, value: mark, collection: '', added: 0 };
}

/** Reads the mark of a channel. Undefined if nothing was changed yet. */
export async function markOf(store: Pick<Store, 'names'>, channel: string): Promise<string | undefined> {
  const [mark] = await store.names({ ranges: [marksOf(channel)], limit: 1 });
  return mark?.value;
}

/** Reads everything that a channel sent or withholds, by `valueKey`. */
export async function keptBy(store: Pick<Store, 'names'>, channel: string): Promise<Kept> {
  return keptIn(store, [allOf(channel)]);
}

/** Reads which of these values a channel sent or withholds, by `valueKey`. */
export async function keptOf(
  store: Pick<Store, 'names'>,
  channel: string,
  values: readonly ObservedValue[],
): Promise<Kept> {
  const ranges = values.flatMap(({ type, value }): NameRange[] => [
    { kind: `pushed/${channel}/${type}`, from: `${value}\t`, to: `${value}\t${END}` },
    { kind: `withheld/${channel}/${type}`, from: value },
  ]);
  const parts: NameRange[][] = [];
  for (let at = 0; at < ranges.length; at += RANGES) parts.push(ranges.slice(at, at + RANGES));
  return keptIn(store, parts);
}

/** True if a channel has sent something that its tenant may still have. */
export async function hasPushed(store: Pick<Store, 'names'>, channel: string): Promise<boolean> {
  return (await store.names({ ranges: pushedOf(channel), limit: 1 })).length > 0;
}

/** Reads some values that a channel sent. */
export async function somePushed(
  store: Pick<Store, 'names'>,
  channel: string,
  limit: number,
): Promise<readonly Pushed[]> {
  return (await store.names({ ranges: pushedOf(channel), limit })).map(pushedIn);
}

/** Forgets what a channel has sent and withholds. Its tenant keeps what it has until it expires. */
export async function forgetPushed(store: Pick<Store, 'names' | 'commit'>, channel: string): Promise<void> {
  for (;;) {
    const staleNames = await store.names({ ranges: [...allOf(channel), marksOf(channel)], limit: WINDOW });
    if (staleNames.length === 0) return;
    await store.commit({ staleNames });
  }
}

async function keptIn(store: Pick<Store, 'names'>, parts: readonly (readonly NameRange[])[]): Promise<Kept> {
  const [pushed, withheld] = [new Map<string, Pushed>(), new Map<string, Withheld>()];
  for (const ranges of parts)
    for await (const names of namePages(store, ranges, WINDOW))
      for (const name of names)
        if (name.kind.startsWith('withheld/')) {
          const one = { type: typeOf(name), value: name.value, name };
          withheld.set(valueKey(one), one);
        } else {
          const one = pushedIn(name);
          pushed.set(valueKey(one), one);
        }
  return { pushed, withheld };
}

function pushedOf(channel: string): readonly NameRange[] {
  return CARRIED.map((type) => ({ kind: `pushed/${channel}/${type}`, from: '', to: END }));
}

function allOf(channel: string): readonly NameRange[] {
  const withheld = CARRIED.map((type) => ({ kind: `withheld/${channel}/${type}`, from: '', to: END }));
  return [...pushedOf(channel), ...withheld];
}

function marksOf(channel: string): NameRange {
  return { kind: `mark/${channel}`, from: '', to: END };
}

function typeOf({ kind }: Name): Carried {
  return kind.slice(kind.lastIndexOf('/') + 1) as Carried;
}

function pushedIn(name: Name): Pushed {
  const end = name.value.lastIndexOf('\t');
  return { type: typeOf(name), value: name.value.slice(0, end), id: name.value.slice(end + 1), name };
}
