import type { Secret } from '../../api/schema-types.ts';
import { removal, type Store } from '../../store/store.ts';
import type { Audit } from '../audit/audit.ts';
import { demandHub } from '../hub-service.ts';
import { demandLasting } from './limits.ts';
import { SEALED_SECRETS } from './model.ts';
import type { Principal } from '../principal.ts';
import type { Sealer } from '../sealing.ts';
import { keyErrors } from './errors.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LONGEST = 16_384;

/**
 * Secrets that the hub stores sealed, such as keys of feeds, for people without access to the machine of the hub.
 * Nobody can read them back. Each secret is bound to its hosts, so a person who may add feeds cannot send the key of
 * somebody else to another host.
 */
export class SecretService {
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #audit: Audit;
  readonly #now: () => number;
  /** The values that were last read, so that a fetch gets them without waiting. */
  #values = new Map<string, { readonly value: string; readonly hosts: readonly string[] }>();

  constructor(store: Store, sealer: Sealer, audit: Audit, now: () => number) {
    this.#store = store;
    this.#sealer = sealer;
    this.#audit = audit;
    this.#now = now;
  }

  async list(actor: Principal): Promise<readonly Secret[]> {
    demandHub(actor, 'hub.inspect', 'list secrets');
    return (await SEALED_SECRETS.in(this.#store).list()).map(({ id, document }) => ({
      name: id,
      hosts: document.hosts,
      changed: new Date(document.changed).toISOString(),
    }));
  }

  /** Stores a secret under a name and replaces the previous one. */
  async set(actor: Principal, name: string, value: string, hosts: readonly string[]): Promise<void> {
    demandHub(actor, 'hub.write', 'set secrets');
    demandLasting(actor, 'secret.set');
    if (!NAME.test(name) || value === '' || value.length > LONGEST || hosts.length === 0)
      throw keyErrors.invalidSecret();
    const present = await SEALED_SECRETS.in(this.#store).get(name);
    const document = {
      sealed: this.#sealer.seal(value, `sealed-secret/${name}`),
      hosts: hosts.map((host) => host.toLowerCase()),
      changed: this.#now(),
    };
    await this.#store.commit({
      records: [SEALED_SECRETS.put(name, present, document)],
      facts: [
        this.#audit.fact(actor, 'secret.set', `secret/${name}`, { details: { hosts: document.hosts } }),
      ],
    });
    await this.refresh();
  }

  async delete(actor: Principal, name: string): Promise<void> {
    demandHub(actor, 'hub.write', 'remove secrets');
    const present = await SEALED_SECRETS.in(this.#store).get(name);
    if (present === undefined) throw keyErrors.secretNotFound({ name: name.slice(0, 64) });
    await this.#store.commit({
      records: [removal(present)],
      facts: [this.#audit.fact(actor, 'secret.delete', `secret/${name}`)],
    });
    await this.refresh();
  }

  /** Reads the stored secrets before a run, because another process may have changed them. */
  async refresh(): Promise<void> {
    const records = await SEALED_SECRETS.in(this.#store).list();
    this.#values = new Map(
      records.map(({ id, document }) => [
        id,
        {
          value: this.#sealer.open(document.sealed, `sealed-secret/${id}`),
          hosts: document.hosts,
        },
      ]),
    );
  }

  /** Returns the value of a secret for a host. Undefined when there is none for that host. */
  value(name: string, host: string): string | undefined {
    const found = this.#values.get(name);
    return found?.hosts.includes(host.toLowerCase()) === true ? found.value : undefined;
  }
}
