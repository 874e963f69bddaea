import { Problem } from '../kernel/problem.ts';
import { removal, type Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import { demandHub } from './hub-service.ts';
import { demandLasting } from './limits.ts';
import type { Principal } from './principal.ts';
import type { Sealer } from './sealing.ts';

const KIND = 'sealed-secret';
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LONGEST = 16_384;

/** A secret in a list: never with its value. */
export interface SecretListed {
  readonly name: string;
  /** Hosts that it may be sent to. */
  readonly hosts: readonly string[];
  readonly changed: string;
}

/**
 * Secrets that the hub keeps itself, sealed (security.md R-090): keys of feeds, for those who do not come at its machine. Nobody
 * reads them again. Each is bound to the hosts that it is for, so that whoever may add feeds cannot send another's key away.
 */
export class SecretService {
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #audit: Audit;
  readonly #now: () => number;
  /** Values as they were read last: a fetch asks for them without waiting. */
  #values = new Map<string, { readonly value: string; readonly hosts: readonly string[] }>();

  constructor(store: Store, sealer: Sealer, audit: Audit, now: () => number) {
    this.#store = store;
    this.#sealer = sealer;
    this.#audit = audit;
    this.#now = now;
  }

  async list(actor: Principal): Promise<readonly SecretListed[]> {
    demandHub(actor, 'hub.inspect', "You don't have permission to list secrets");
    return (await this.#store.records(KIND)).map(({ id, document }) => ({
      name: id,
      hosts: document['hosts'] as readonly string[],
      changed: new Date(Number(document['changed'])).toISOString(),
    }));
  }

  /** Keeps a secret under a name, in the place of the one before. */
  async set(actor: Principal, name: string, value: string, hosts: readonly string[]): Promise<void> {
    demandHub(actor, 'hub.write', 'You may not set secrets');
    demandLasting(actor, 'secret.set');
    if (!NAME.test(name) || value === '' || value.length > LONGEST || hosts.length === 0)
      throw new Problem('invalid-content', 'The secret cannot be kept', {
        description:
          'It needs a name of a-z, 0-9 and hyphens, a value of at most 16 KiB, and a host that it is for.',
        code: 'TLN-U-422',
      });
    const present = await this.#store.record(KIND, name);
    const document = {
      sealed: this.#sealer.seal(value, `${KIND}/${name}`),
      hosts: hosts.map((host) => host.toLowerCase()),
      changed: this.#now(),
    };
    await this.#store.commit({
      records: [{ kind: KIND, id: name, expected: present?.revision ?? 0, document }],
      facts: [
        this.#audit.fact(actor, 'secret.set', `secret/${name}`, { details: { hosts: document.hosts } }),
      ],
    });
    await this.refresh();
  }

  async remove(actor: Principal, name: string): Promise<void> {
    demandHub(actor, 'hub.write', 'You may not remove secrets');
    const present = await this.#store.record(KIND, name);
    if (present === undefined)
      throw new Problem('not-found', 'There is no such secret', { code: 'TLN-U-404' });
    await this.#store.commit({
      records: [removal(present)],
      facts: [this.#audit.fact(actor, 'secret.remove', `secret/${name}`)],
    });
    await this.refresh();
  }

  /** Reads what is kept: before a run, since another process may have changed it. */
  async refresh(): Promise<void> {
    const records = await this.#store.records(KIND);
    this.#values = new Map(
      records.map(({ id, document }) => [
        id,
        {
          value: this.#sealer.open(String(document['sealed']), `${KIND}/${id}`),
          hosts: document['hosts'] as readonly string[],
        },
      ]),
    );
  }

  /** The value for a host; undefined where there is none for it. */
  value(name: string, host: string): string | undefined {
    const found = this.#values.get(name);
    return found?.hosts.includes(host.toLowerCase()) === true ? found.value : undefined;
  }
}
