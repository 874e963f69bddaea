import type { Snapshot } from '../../../access/snapshot.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { StixObject } from '../../../stix/types.ts';
import {
  observedValues,
  readableObserved,
  valueKey,
  type ObservedValue,
  type ValueType,
} from '../../../stix/values/observed-values.ts';
import { namePages, type Lease, type Name, type NameRange, type Store } from '../../../store/store.ts';
import { linesFormat } from '../../lists/formats/format.ts';
import type { Lists } from '../../lists/lists.ts';
import { Selection } from '../../lists/selection.ts';
import type { Suppressions } from '../../suppression/suppressed-values.ts';
import type { CurrentValue } from '../../values/current.ts';
import type { LifeSettings } from '../../values/life.ts';
import type { ValueRow } from '../../values/contribution.ts';
import type { ValueView } from '../../values/value-view.ts';
import type { Channel } from '../model.ts';
import type { Entry } from '../parcels.ts';
import type { Fault, Sent } from '../send.ts';
import type { Application, EntraClient } from './entra-client.ts';

/** The types of indicators of the API. Networks, SHA-512 and email addresses have none. */
const TYPES = {
  ipv4: 'IpAddress',
  ipv6: 'IpAddress',
  domain: 'DomainName',
  url: 'Url',
  md5: 'FileMd5',
  sha1: 'FileSha1',
  sha256: 'FileSha256',
} as const satisfies Partial<Record<ValueType, string>>;
type Carried = keyof typeof TYPES;
const CARRIED = Object.keys(TYPES) as readonly Carried[];
/** Maximum number of indicators in one request. */
const AT_ONCE = 500;
/** Maximum number of active indicators of a tenant. */
const MOST_OF_TENANT = 15_000;
/** Number of values that are read at once. */
const WINDOW = 1_000;
/** All sent values are judged again after this time, because policies and warning lists can change. */
const LONGEST_MS = 300_000;
/** Maximum number of channels whose last comparison is remembered. */
const MOST_COMPARED = 500;
const MOST_MESSAGE = 200;

/** The action without one in the channel. */
const USUAL_ACTION = 'Audit';
const ONLY_ALERTS: ReadonlySet<string> = new Set(['Audit', 'Alert']);

export interface DefenderParts {
  readonly store: Pick<Store, 'names' | 'commit'>;
  readonly view: Pick<ValueView, 'catchUp' | 'ofAll'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly lists: Pick<Lists, 'guardFor'>;
  readonly clock: Clock;
}

/** A channel to a tenant, with everything needed to call it. */
export interface Tenant {
  readonly channel: Channel;
  readonly application: Application;
  readonly client: EntraClient;
  readonly snapshot: Snapshot;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

/** A value that a tenant has. */
interface Pushed extends ObservedValue {
  /** The id that the tenant gave to it. */
  readonly id: string;
  readonly name: Name;
}

/**
 * Sends the active values of a collection to a Microsoft Defender for Endpoint tenant. The values are selected by the rules
 * of lists that detect or block. The hub remembers what it sent, and deletes from the tenant what is no longer active, and
 * nothing else. A value that becomes active again without a new version is not sent until the channel is replayed.
 */
export class Defender {
  readonly #s: DefenderParts;
  /** The state of the hub with which the sent values of each channel were last compared. */
  readonly #compared = new Map<string, { readonly basis: string; readonly until: number }>();

  constructor(parts: DefenderParts) {
    this.#s = parts;
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
    const selected = await this.#selected(tenant, [...objects.values()].map(({ value }) => value)); // prettier-ignore
    const pushed = await this.#pushed(channel.name);
    let room = MOST_OF_TENANT - pushed.size;
    const refused: { id: string; message: string }[] = [];
    const wanted: CurrentValue[] = [];
    for (const [key, { object }] of objects) {
      const current = selected.get(key);
      if (current === undefined) continue;
      if (pushed.has(key) || room-- > 0) wanted.push(current);
      else
        refused.push({ id: object, message: `the channel has sent ${MOST_OF_TENANT} indicators, the maximum of a tenant` }); // prettier-ignore
    }
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const some = wanted.slice(at, at + AT_ONCE);
      const sent = await this.#import(tenant, some, pushed);
      if (!Array.isArray(sent)) return sent;
      for (const { value, message } of sent)
        refused.push({ id: objects.get(valueKey(value))?.object ?? '', message });
    }
    return { kind: 'taken', refused };
  }

  /** Deletes from the tenant what is no longer active. Undefined if that is done. */
  async sweep(tenant: Tenant): Promise<Fault | undefined> {
    const { view, suppressions, life, clock } = this.#s;
    const { channel, snapshot } = tenant;
    const { usable, position } = await view.catchUp(channel.collection);
    // Values are missing in a view that is being built. The tenant keeps what it has.
    if (!usable) return undefined;
    const { digest } = await suppressions.current();
    const basis = JSON.stringify([position, digest, life.of(snapshot).digest]);
    const before = this.#compared.get(channel.name);
    if (before?.basis === basis && clock.now() < before.until) return undefined;
    const pushed = [...(await this.#pushed(channel.name)).values()];
    for (let at = 0; at < pushed.length; at += WINDOW) {
      const some = pushed.slice(at, at + WINDOW);
      const selected = await this.#selected(tenant, some);
      const ended = some.filter((one) => !selected.has(valueKey(one)));
      for (let i = 0; i < ended.length; i += AT_ONCE) {
        const fault = await this.#delete(tenant, ended.slice(i, i + AT_ONCE));
        if (fault !== undefined) return fault;
      }
    }
    if (this.#compared.size >= MOST_COMPARED) this.#compared.clear();
    this.#compared.set(channel.name, { basis, until: clock.now() + LONGEST_MS });
    return undefined;
  }

  /** Returns the values that the tenant may have now, by `valueKey`. */
  async #selected(
    { channel, snapshot }: Tenant,
    values: readonly ObservedValue[],
  ): Promise<ReadonlyMap<string, CurrentValue>> {
    const { view, suppressions, life, clock } = this.#s;
    const now = clock.now();
    const guard = await this.#s.lists.guardFor(snapshot, now);
    const member = snapshot.members.get(channel.member);
    const isAlert = ONLY_ALERTS.has(channel.action ?? USUAL_ACTION);
    const selection = new Selection({
      format: linesFormat({
        name: 'defender', tools: '', media: '', acts: isAlert ? 'detect' : 'block',
        carries: CARRIED, usual: CARRIED, line: () => undefined,
      }),
      query: {
        types: CARRIED, minConfidence: 0, maxAge: undefined, labels: undefined, sources: 1,
        limit: undefined, page: 1, since: undefined, aggregate: false,
      },
      audience: snapshot.audienceOfMember(channel.member), through: 'provider',
      marking: (id, owner) => snapshot.marking(id, owner),
      guard,
      reader: member === undefined ? undefined : { member: member.name, guard: guard.forReporter(member) },
      suppressed: await suppressions.current(),
      life: life.of(snapshot),
      now,
      clock,
    }); // prettier-ignore
    const found = new Map<string, CurrentValue>();
    const contributions = await view.ofAll(channel.collection, values);
    for (const { type, value } of values) {
      const rows = (contributions.get(valueKey({ type, value })) ?? []).map((contribution): ValueRow => ({
        type,
        value,
        contribution,
      }));
      const [first, ...others] = rows;
      const current = first === undefined ? undefined : selection.select([first, ...others]);
      if (current !== undefined) found.set(valueKey(current), current);
    }
    return found;
  }

  /** Deletes from the tenant everything that the channel sent. Undefined if that is done. */
  async withdraw(tenant: Tenant): Promise<Fault | undefined> {
    this.#compared.delete(tenant.channel.name);
    for (;;) {
      const names = await this.#s.store.names({ ranges: pushedOf(tenant.channel.name), limit: AT_ONCE });
      if (names.length === 0 || tenant.signal.aborted) return undefined;
      const fault = await this.#delete(tenant, names.map(pushedIn));
      if (fault !== undefined) return fault;
    }
  }

  /** Sends some values, and remembers those that the tenant took. Returns those that it refused. */
  async #import(
    { channel, application, client, lease, signal }: Tenant,
    values: readonly CurrentValue[],
    pushed: ReadonlyMap<string, Pushed>,
  ): Promise<Fault | { value: ObservedValue; message: string }[]> {
    const body = JSON.stringify({ Indicators: values.map((value) => indicatorOf(value, channel)) });
    const answer = await client.call(application, { url: `${baseOf(channel)}/api/indicators/import`, body }, signal); // prettier-ignore
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 400 || answer.status === 413)
      return { kind: 'fewer', reason: `Defender returned the status ${answer.status}` };
    const results = (answer.body as { readonly value?: unknown } | null | undefined)?.value;
    if (answer.status !== 200 || !Array.isArray(results))
      return { kind: 'later', reason: `Defender returned no results (status ${answer.status})` };
    const byText = new Map(
      (results as readonly Partial<Record<string, unknown>>[]).flatMap((one) => {
        const text = String(one['indicator']);
        return [[text, one] as const, [`any case ${text.toLowerCase()}`, one] as const];
      }),
    );
    const refused: { value: ObservedValue; message: string }[] = [];
    const [names, staleNames]: [Name[], Name[]] = [[], []];
    for (const value of values) {
      const text = readableObserved(value);
      // The answer may change the case of what has none. Two URLs can differ in nothing else.
      const result = byText.get(text) ?? (value.type === 'url' ? undefined : byText.get(`any case ${text.toLowerCase()}`));
      const id = result?.['id'];
      if (result === undefined || result['isFailed'] === true || (typeof id !== 'string' && typeof id !== 'number')) {
        const reason = result?.['failureReason'];
        refused.push({ value, message: (typeof reason === 'string' ? reason : 'Defender refused it').slice(0, MOST_MESSAGE) });
        continue;
      }
      const before = pushed.get(valueKey(value));
      const name = nameOf(channel.name, value, String(id));
      if (before?.id === String(id)) continue;
      if (before !== undefined) staleNames.push(before.name);
      names.push(name);
    } // prettier-ignore
    if (names.length > 0) await this.#s.store.commit({ names, staleNames, lease });
    return refused;
  }

  /** Deletes indicators of the tenant. One that it no longer has makes it refuse them all, so they are divided. */
  async #delete(tenant: Tenant, ended: readonly Pushed[]): Promise<Fault | undefined> {
    const { channel, application, client, lease, signal } = tenant;
    const url = `${baseOf(channel)}/api/indicators/BatchDelete`;
    const body = JSON.stringify({ IndicatorIds: ended.map(({ id }) => id) });
    const answer = await client.call(application, { url, body }, signal);
    if (answer.kind !== 'answer') return answer;
    const { status } = answer;
    if ((status === 404 || status === 400) && ended.length > 1) {
      const middle = ended.length >> 1;
      return (
        (await this.#delete(tenant, ended.slice(0, middle))) ?? this.#delete(tenant, ended.slice(middle))
      );
    }
    if (status !== 200 && status !== 204 && status !== 404)
      return { kind: 'later', reason: `Defender returned the status ${status}` };
    await this.#s.store.commit({ staleNames: ended.map(({ name }) => name), lease });
    return undefined;
  }

  async #pushed(channel: string): Promise<ReadonlyMap<string, Pushed>> {
    const found = new Map<string, Pushed>();
    for await (const names of namePages(this.#s.store, pushedOf(channel), WINDOW))
      for (const name of names) {
        const one = pushedIn(name);
        found.set(valueKey(one), one);
      }
    return found;
  }
}

/** True if a channel has sent something that its tenant may still have. */
export async function hasPushed(store: Pick<Store, 'names'>, channel: string): Promise<boolean> {
  return (await store.names({ ranges: pushedOf(channel), limit: 1 })).length > 0;
}

/** Forgets what a channel has sent. Its tenant keeps it until it expires. */
export async function forgetPushed(store: Pick<Store, 'names' | 'commit'>, channel: string): Promise<void> {
  for (;;) {
    const staleNames = await store.names({ ranges: pushedOf(channel), limit: WINDOW });
    if (staleNames.length === 0) return;
    await store.commit({ staleNames });
  }
}

function pushedOf(channel: string): readonly NameRange[] {
  return CARRIED.map((type) => ({ kind: `pushed/${channel}/${type}`, from: '', to: '\u{10FFFF}' }));
}

function nameOf(channel: string, { type, value }: ObservedValue, id: string): Name {
  return { kind: `pushed/${channel}/${type}`, value: `${value}\t${id}`, collection: '', added: 0 };
}

function pushedIn(name: Name): Pushed {
  const end = name.value.lastIndexOf('\t');
  const type = name.kind.slice(name.kind.lastIndexOf('/') + 1) as Carried;
  return { type, value: name.value.slice(0, end), id: name.value.slice(end + 1), name };
}

function isCarried(value: ObservedValue): boolean {
  if (!CARRIED.some((type) => type === value.type)) return false;
  return (value.type !== 'ipv4' && value.type !== 'ipv6') || !readableObserved(value).includes('/');
}

function baseOf({ url }: Channel): string {
  return url.replace(/\/+$/, '');
}

/** Returns the indicator of the API for a value. */
function indicatorOf(value: CurrentValue, { action = USUAL_ACTION }: Channel): Readonly<Record<string, unknown>> {
  const { type, id, validUntil, confidence = 0 } = value;
  const indicatorType = TYPES[type as Carried];
  const isFile = indicatorType.startsWith('File');
  return {
    indicatorValue: readableObserved(value),
    indicatorType,
    title: 'Talanoa',
    description: `From the threat information hub Talanoa: ${id}`,
    application: 'Talanoa',
    // Only files can be removed from a device.
    action: action === 'BlockAndRemediate' && !isFile ? 'Block' : action,
    severity: confidence >= 80 ? 'High' : confidence >= 50 ? 'Medium' : confidence > 0 ? 'Low' : 'Informational',
    generateAlert: true,
    expirationTime: new Date(validUntil).toISOString(),
  };
} // prettier-ignore
