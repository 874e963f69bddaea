import type { Snapshot } from '../../../access/snapshot.ts';
import { Problem } from '../../../kernel/problem.ts';
import type { Lease, Store } from '../../../store/store.ts';
import type { Channel } from '../model.ts';
import type { Entry } from '../parcels.ts';
import { ofProblem, secretOf, type Fault, type SendServices, type Sent } from '../send.ts';
import { Defender, type DefenderParts } from './defender.ts';
import { EntraClient, type Application } from './entra-client.ts';
import { hasPushed } from './pushed.ts';
import { uploadsOf, uploadToSentinel } from './sentinel.ts';

/** The scope of the token for each kind of channel. */
const SCOPES = {
  sentinel: 'https://management.azure.com/.default',
  defender: 'https://api.securitycenter.microsoft.com/.default',
} as const;

/** The parts that send values, which exist only when lists do. */
export interface ToolParts extends DefenderParts {
  readonly store: Store;
}

/** Delivers to Microsoft Sentinel and to Microsoft Defender for Endpoint. */
export class Microsoft {
  readonly #s: ToolParts & SendServices;
  readonly #client: EntraClient;
  readonly #defender: Defender;

  constructor(parts: ToolParts & SendServices) {
    this.#s = parts;
    this.#client = new EntraClient(parts);
    this.#defender = new Defender(parts);
  }

  /** Sends objects, or their values. Never throws because of what the service does. */
  async send(
    channel: Channel,
    entries: readonly Entry[],
    snapshot: Snapshot,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Sent> {
    const application = await this.#applicationOf(channel);
    if ('kind' in application) return application;
    const { store, suppressions, life, clock } = this.#s;
    if (channel.kind === 'defender') {
      const tenant = { channel, application, client: this.#client, snapshot, lease, signal };
      return this.#safely(() => this.#defender.send(tenant, entries));
    }
    const suppressed = await suppressions.current();
    const facts = { channel, snapshot, suppressed, life: life.of(snapshot), store, now: clock.now() };
    const uploads = await uploadsOf(entries, facts);
    try {
      return await uploadToSentinel(channel, uploads, application, this.#client, signal);
    } catch (error) {
      return ofProblem(error);
    }
  }

  /** Deletes from a Defender tenant what is no longer active, and sends what is active again. Undefined if that is done. */
  async sweep(
    channel: Channel,
    snapshot: Snapshot,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Fault | undefined> {
    const application = await this.#applicationOf(channel);
    if ('kind' in application) return application;
    const tenant = { channel, application, client: this.#client, snapshot, lease, signal };
    return this.#safely(() => this.#defender.sweep(tenant));
  }

  /** Deletes from a Defender tenant everything that its channel sent, because the member lost access to the collection. */
  async withdraw(
    channel: Channel,
    snapshot: Snapshot,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Fault | undefined> {
    if (channel.kind !== 'defender' || !(await hasPushed(this.#s.store, channel.name))) return undefined;
    const application = await this.#applicationOf(channel);
    if ('kind' in application) return application;
    const tenant = { channel, application, client: this.#client, snapshot, lease, signal };
    return this.#safely(() => this.#defender.withdraw(tenant));
  }

  /** Returns a fault of the network as what it means for the parcel. A lost lease is thrown: another process continues. */
  async #safely<T>(work: () => Promise<T>): Promise<T | Fault> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem && error.kind === 'conflict') throw error;
      return ofProblem(error);
    }
  }

  async #applicationOf(channel: Channel): Promise<Application | Fault> {
    await this.#s.refreshSecrets();
    const { secret, fault } = secretOf(channel, this.#s);
    const { username: client, token_url: tokenUrl } = channel;
    if (fault !== undefined) return { kind: 'closed', reason: fault };
    if (secret === undefined || client === undefined || tokenUrl === undefined)
      return { kind: 'closed', reason: 'the channel has no application: token_url, username and secret' };
    const scope = channel.kind === 'sentinel' ? SCOPES.sentinel : SCOPES.defender;
    return { tokenUrl, client, secret, scope };
  }
}
