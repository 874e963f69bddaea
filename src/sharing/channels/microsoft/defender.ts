import type { StixObject } from '../../../stix/types.ts';
import { observedValues, valueKey, type ObservedValue } from '../../../stix/values/observed-values.ts';
import type { Name, Store } from '../../../store/store.ts';
import type { CurrentValue } from '../../values/current.ts';
import type { ValueHead, ValueView } from '../../values/value-view.ts';
import type { Entry } from '../parcels.ts';
import type { Fault, Sent } from '../send.ts';
import { changedSince, Comparisons, type Compared, type Grounds } from './comparison.ts';
import { CARRIED, ImportResults, indicatorOf, isCarried } from './defender-indicators.ts';
import { baseOf, listedIn, MOST_OF_TENANT, valuesOf, type Tenant } from './tenant.ts';
import { activeIn, canEnd, judged, wantedOf, type JudgeParts, type Verdict } from './verdicts.ts';
import {
  keptBy,
  keptOf,
  markOf,
  pushedName,
  somePushed,
  withheldName,
  type Kept,
  type Pushed,
} from './pushed.ts';
import { Remembered } from './remembered.ts';

/** Maximum number of indicators in one request. */
const AT_ONCE = 500;
/** Maximum number of values that a channel withholds. */
const MOST_WITHHELD = 15_000;
/** Number of values that are judged at once. */
const WINDOW = 1_000;
/** Maximum number of values whose deletion is refused before the service as a whole is at fault. */
const MOST_REFUSED = 100;
const MOST_MESSAGE = 200;

export interface DefenderParts extends JudgeParts {
  readonly store: Pick<Store, 'names' | 'commit' | 'entries' | 'removals'>;
  readonly view: Pick<ValueView, 'catchUp' | 'ofAll'>;
}

/** How values are deleted. */
interface Deletion {
  readonly isWithheld: (one: Pushed) => boolean;
  /** The values that the service refuses to delete, by `valueKey`. They do not hold up the others. */
  readonly refused: Map<string, Fault>;
}

/** A value that the service refused. */
interface Refused {
  readonly value: ObservedValue;
  readonly message: string;
}

/**
 * Sends the active values of a collection to a Microsoft Defender for Endpoint tenant. The values are selected by the rules
 * of lists that detect or block. The hub remembers what it sent, and deletes from the tenant what is no longer active, and
 * nothing else. It also remembers what a suppression, a warning list or a member keeps out, and sends it when that ends.
 */
export class Defender {
  readonly #s: DefenderParts;
  readonly #comparisons = new Comparisons();
  readonly #remembered: Remembered;

  constructor(parts: DefenderParts) {
    this.#s = parts;
    this.#remembered = new Remembered(parts.store, this.#comparisons);
  }

  /** Sends the values of some objects that are active now. */
  async send(tenant: Tenant, entries: readonly Entry[]): Promise<Sent> {
    const { channel } = tenant;
    const head = await this.#s.view.catchUp(channel.collection);
    const last = entries.at(-1);
    if (last === undefined) return { kind: 'taken', refused: [] };
    // The view of the values is behind. Another process may be reading the new objects at this moment.
    if (!head.usable || head.added < last.added) return { kind: 'waiting' };
    const objects = new Map<string, { readonly value: ObservedValue; readonly object: string }>();
    for (const { id, type, text } of entries)
      if (type === 'indicator')
        for (const value of observedValues(JSON.parse(text) as StixObject).filter(isCarried))
          objects.set(valueKey(value), { value, object: id });
    const values = [...objects.values()].map(({ value }) => value);
    const verdicts = await this.#judge(tenant, values);
    const kept = await keptOf(this.#s.store, channel.name, values);
    const counts = await this.#remembered.countsOf(channel.name);
    const refused: { id: string; message: string }[] = [];
    const wanted: CurrentValue[] = [];
    let room = MOST_OF_TENANT - counts.pushed;
    for (const [key, { object }] of objects) {
      const current = activeIn(verdicts.get(key));
      if (current === undefined) continue;
      if (kept.pushed.has(key) || room-- > 0) wanted.push(current);
      else
        refused.push({ id: object, message: `the channel has sent ${MOST_OF_TENANT} indicators, the maximum of a tenant` }); // prettier-ignore
    }
    await this.#withhold(tenant, values, verdicts, kept);
    const sent = await this.#importAll(tenant, wanted, kept, entries.length === 1);
    if (!Array.isArray(sent)) return sent;
    for (const { value, message } of sent)
      refused.push({ id: objects.get(valueKey(value))?.object ?? '', message });
    return { kind: 'taken', refused };
  }

  /**
   * Deletes ended values from the tenant, and sends those that were freed. Undefined if that is done.
   * Only values whose indicators changed are judged, unless something else changed on which verdicts depend. Deletions that
   * the service refused are repeated once in each round.
   */
  async sweep(tenant: Tenant): Promise<Fault | undefined> {
    const { view, clock, store } = this.#s;
    const { name, collection } = tenant.channel;
    const head = await view.catchUp(collection);
    // Values are missing in a view that is being built. The tenant keeps what it has.
    if (!head.usable) return firstOf(this.#comparisons.get(name)?.refused);
    const grounds = await this.#groundsOf(tenant);
    const mark = await markOf(store, name);
    const before = this.#comparisons.valid(name, grounds, clock.now());
    const changed = before && (await changedSince(before, head, collection, store));
    if (before === undefined || changed === undefined) return this.#compare(tenant, head, grounds, mark);
    const keys = new Set(changed);
    if (before.round !== tenant.lease.fence) for (const key of before.refused.keys()) keys.add(key);
    if (before.mark !== mark) for (const key of await this.#unknown(name, before)) keys.add(key);
    const refused = new Map([...before.refused].filter(([key]) => !keys.has(key)));
    const kept = await keptOf(store, name, [...keys].map(valueOfKey));
    const fault = await this.#settle(tenant, kept, refused);
    // Values that were not settled would count as judged.
    if (fault !== undefined || tenant.signal.aborted) return fault;
    [before.added, before.removed] = [head.added, head.removed];
    [before.round, before.refused] = [tenant.lease.fence, refused];
    if (before.mark !== mark) before.mark = await markOf(store, name);
    return firstOf(refused);
  }

  /** Judges everything that a channel sent and withholds. */
  async #compare(
    tenant: Tenant,
    head: ValueHead,
    grounds: Grounds,
    mark: string | undefined,
  ): Promise<Fault | undefined> {
    const { clock, store } = this.#s;
    const { name } = tenant.channel;
    this.#comparisons.forget(name);
    const kept = await keptBy(store, name);
    const [pushed, withheld] = [kept.pushed.size, kept.withheld.size];
    const facts = { grounds, round: tenant.lease.fence, mark, pushed, withheld };
    const compared = this.#comparisons.begin(name, head, facts, clock.now());
    const refused = new Map<string, Fault>();
    let isDone = false;
    try {
      const fault = await this.#settle(tenant, kept, refused);
      isDone = fault === undefined && !tenant.signal.aborted;
      compared.refused = refused;
      return fault ?? firstOf(refused);
    } finally {
      // Values that were not settled would count as judged.
      if (!isDone) this.#comparisons.forget(name);
    }
  }

  /** Counts what another process changed, and returns the values that this process has not judged. */
  async #unknown(channel: string, compared: Compared): Promise<readonly string[]> {
    const { pushed, withheld } = await keptBy(this.#s.store, channel);
    [compared.pushed, compared.withheld] = [pushed.size, withheld.size];
    const known = new Set([...compared.objects.values()].flatMap((keys) => [...keys]));
    return [...pushed.keys(), ...withheld.keys()].filter((key) => !known.has(key));
  }

  /** Deletes from the tenant everything that the channel sent. Undefined if that is done. */
  async withdraw(tenant: Tenant): Promise<Fault | undefined> {
    this.#comparisons.forget(tenant.channel.name);
    const refused = new Map<string, Fault>();
    for (;;) {
      const some = await somePushed(this.#s.store, tenant.channel.name, AT_ONCE + refused.size);
      const left = some.filter((one) => !refused.has(valueKey(one))).slice(0, AT_ONCE);
      if (left.length === 0 || tenant.signal.aborted) return firstOf(refused);
      const fault = await this.#delete(tenant, left, { isWithheld: () => false, refused });
      if (fault !== undefined) return fault;
    }
  }

  /** Judges what the tenant has and what is withheld, and makes the tenant equal to the verdicts. */
  async #settle(tenant: Tenant, kept: Kept, refused: Map<string, Fault>): Promise<Fault | undefined> {
    const { channel, snapshot, signal } = tenant;
    const freed: CurrentValue[] = [];
    const all = [...new Map<string, ObservedValue>([...kept.pushed, ...kept.withheld]).values()];
    for (let at = 0; at < all.length && !signal.aborted; at += WINDOW) {
      const some = all.slice(at, at + WINDOW);
      const verdicts = await this.#judge(tenant, some);
      const isActive = (one: ObservedValue) => activeIn(verdicts.get(valueKey(one))) !== undefined;
      const ended = some.flatMap((one) => (isActive(one) ? [] : (kept.pushed.get(valueKey(one)) ?? [])));
      for (let i = 0; i < ended.length; i += AT_ONCE) {
        const isWithheld = (one: ObservedValue) => canEnd(verdicts.get(valueKey(one)));
        const fault = await this.#delete(tenant, ended.slice(i, i + AT_ONCE), { isWithheld, refused });
        if (fault !== undefined) return fault;
      }
      const waiting = some.flatMap((one) => kept.withheld.get(valueKey(one)) ?? []);
      const active = waiting.flatMap((one) => activeIn(verdicts.get(valueKey(one))) ?? []);
      const wanted = await wantedOf(channel, snapshot, active, this.#s);
      const going = new Set(wanted.map(valueKey));
      const isOver = (one: ObservedValue) =>
        !going.has(valueKey(one)) && !canEnd(verdicts.get(valueKey(one)));
      await this.#remembered.change(tenant, [], waiting.filter(isOver).map(({ name }) => name)); // prettier-ignore
      freed.push(...wanted);
    }
    const { pushed } = await this.#remembered.countsOf(channel.name);
    const room = Math.max(0, MOST_OF_TENANT - pushed);
    const sent = await this.#importAll(tenant, freed.slice(0, room), kept, true);
    return Array.isArray(sent) ? undefined : sent;
  }

  /** Returns the grounds of the verdicts about all values of a channel. */
  async #groundsOf({ channel, snapshot }: Tenant): Promise<Grounds> {
    const { suppressions, life } = this.#s;
    const { digest } = await suppressions.current();
    const audience = snapshot.audienceOfMember(channel.member);
    const text = JSON.stringify([channel, audience, digest, life.of(snapshot).digest]);
    return { text, members: snapshot.members };
  }

  /** Judges which values the tenant may have now, by `valueKey`, and notes their indicators. */
  async #judge(
    { channel, snapshot }: Tenant,
    values: readonly ObservedValue[],
  ): Promise<ReadonlyMap<string, Verdict>> {
    return judged(channel, snapshot, values, this.#s, (key, ids) => {
      this.#comparisons.note(channel.name, key, ids);
    });
  }

  /** Remembers the values of some objects that are not sent now, but may be when something other than their objects changes. */
  async #withhold(
    tenant: Tenant,
    values: readonly ObservedValue[],
    verdicts: ReadonlyMap<string, Verdict>,
    { pushed, withheld }: Kept,
  ): Promise<void> {
    const { channel } = tenant;
    const { withheld: before } = await this.#remembered.countsOf(channel.name);
    const names = values
      .filter((one) => canEnd(verdicts.get(valueKey(one))))
      .filter((one) => !pushed.has(valueKey(one)) && !withheld.has(valueKey(one)))
      .slice(0, Math.max(0, MOST_WITHHELD - before))
      .map((one) => withheldName(channel.name, one));
    await this.#remembered.change(tenant, names, []);
  }

  /** Sends values in requests of the allowed size. With `divides`, a request that the service refuses is divided. */
  async #importAll(
    tenant: Tenant,
    values: readonly CurrentValue[],
    kept: Kept,
    divides: boolean,
  ): Promise<Fault | Refused[]> {
    const refused: Refused[] = [];
    for (let at = 0; at < values.length && !tenant.signal.aborted; at += AT_ONCE) {
      const some = values.slice(at, at + AT_ONCE);
      const sent = divides ? await this.#importDivided(tenant, some, kept) : await this.#import(tenant, some, kept); // prettier-ignore
      if (!Array.isArray(sent)) return sent;
      refused.push(...sent);
    }
    return refused;
  }

  async #importDivided(
    tenant: Tenant,
    values: readonly CurrentValue[],
    kept: Kept,
  ): Promise<Fault | Refused[]> {
    const sent = await this.#import(tenant, values, kept);
    const [first] = values;
    if (Array.isArray(sent) || sent.kind !== 'fewer' || first === undefined) return sent;
    if (values.length === 1) return [{ value: first, message: sent.reason }];
    const middle = values.length >> 1;
    const before = await this.#importDivided(tenant, values.slice(0, middle), kept);
    if (!Array.isArray(before)) return before;
    const after = await this.#importDivided(tenant, values.slice(middle), kept);
    return Array.isArray(after) ? [...before, ...after] : after;
  }

  /**
   * Sends some values, and remembers those that the tenant took. Returns those that it refused. A value counts as sent before
   * its request, because the tenant may have it although its answer was lost.
   */
  async #import(
    tenant: Tenant,
    values: readonly CurrentValue[],
    { pushed, withheld }: Kept,
  ): Promise<Fault | Refused[]> {
    const { channel, application, client, signal } = tenant;
    const unknownOf = (value: CurrentValue): Name => pushedName(channel.name, value, '');
    const begun = values.filter((value) => !pushed.has(valueKey(value))).map(unknownOf);
    await this.#remembered.change(tenant, begun, []);
    const body = JSON.stringify({ Indicators: values.map((value) => indicatorOf(value, channel)) });
    const answer = await client.call(application, { url: `${baseOf(channel)}/api/indicators/import`, body }, signal); // prettier-ignore
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 400 || answer.status === 413) {
      // The service took nothing.
      await this.#remembered.change(tenant, [], begun);
      return { kind: 'fewer', reason: `Defender returned the status ${answer.status}` };
    }
    const results = valuesOf(answer.body);
    if (answer.status !== 200 || results === undefined)
      return { kind: 'later', reason: `Defender returned no results (status ${answer.status})` };
    const found = new ImportResults(results);
    const refused: Refused[] = [];
    const names: Name[] = [];
    const staleNames: Name[] = [];
    for (const value of values) {
      const key = valueKey(value);
      const result = found.of(value);
      const before = pushed.get(key);
      if ('refusal' in result) {
        refused.push({ value, message: result.refusal.slice(0, MOST_MESSAGE) });
        // The tenant may have any other value, from this request or an earlier one whose answer was lost.
        if (before === undefined && result.isExplicit) staleNames.push(unknownOf(value));
        continue;
      }
      staleNames.push(...[withheld.get(key)?.name ?? []].flat());
      if (before?.id === result.id) continue;
      staleNames.push(before?.name ?? unknownOf(value));
      names.push(pushedName(channel.name, value, result.id));
    }
    await this.#remembered.change(tenant, names, staleNames);
    return refused;
  }

  /**
   * Deletes indicators of the tenant. One that it no longer has makes it refuse them all, so they are divided. Those that are
   * withheld are sent again later.
   */
  async #delete(tenant: Tenant, ended: readonly Pushed[], deletion: Deletion): Promise<Fault | undefined> {
    const { isWithheld, refused } = deletion;
    const { channel, application, client, signal } = tenant;
    const forget = async (some: readonly Pushed[]): Promise<undefined> => {
      const { withheld } = await this.#remembered.countsOf(channel.name);
      const names = some.filter(isWithheld).slice(0, Math.max(0, MOST_WITHHELD - withheld)).map((one) => withheldName(channel.name, one)); // prettier-ignore
      await this.#remembered.change(tenant, names, some.map(({ name }) => name)); // prettier-ignore
    };
    if (ended.some(({ id }) => id === '')) {
      const own = await listedIn(tenant);
      if (!(own instanceof Map)) return own;
      const found = ended.map((one) => ({ ...one, id: one.id || (own.get(valueKey(one)) ?? '') }));
      // The tenant never got these.
      const missing = found.filter(({ id }) => id === '');
      if (missing.length > 0) await forget(missing);
      const present = found.filter(({ id }) => id !== '');
      return present.length === 0 ? undefined : this.#delete(tenant, present, deletion);
    }
    const url = `${baseOf(channel)}/api/indicators/BatchDelete`;
    const body = JSON.stringify({ IndicatorIds: ended.map(({ id }) => id) });
    const answer = await client.call(application, { url, body }, signal);
    if (answer.kind !== 'answer') return answer;
    const { status } = answer;
    if (status === 200 || status === 204 || (status === 404 && ended.length === 1)) return forget(ended);
    const [one] = ended;
    const fault = { kind: 'later', reason: `Defender returned the status ${status}` } as const;
    // The client answers for the service as a whole. The other statuses are about values, as long as there are few.
    if (status < 400 || one === undefined || refused.size >= MOST_REFUSED) return fault;
    if (ended.length === 1) {
      refused.set(valueKey(one), { ...fault, isPartial: true });
      return undefined;
    }
    const middle = ended.length >> 1;
    return (
      (await this.#delete(tenant, ended.slice(0, middle), deletion)) ??
      this.#delete(tenant, ended.slice(middle), deletion)
    );
  }
}

function firstOf(refused: ReadonlyMap<string, Fault> | undefined): Fault | undefined {
  return refused?.values().next().value;
}

function valueOfKey(key: string): ObservedValue {
  const end = key.indexOf(' ');
  const type = CARRIED.find((one) => one === key.slice(0, end));
  if (type === undefined) throw new Error(`Defender does not carry the value ${key}`);
  return { type, value: key.slice(end + 1) };
}
