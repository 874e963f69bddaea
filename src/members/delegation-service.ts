import { DELEGATIONS } from '../access/member-model.ts';
import { allOf } from '../store/pages.ts';
import type { Readable } from 'node:stream';
import type { Delegations } from '../api/schema-types.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import type { Principal } from '../access/principal.ts';
import { demandLasting } from '../access/keys/limits.ts';
import { can } from '../access/rights.ts';
import type { Clock } from '../kernel/clock.ts';
import { Slices } from '../kernel/slices.ts';
import { readDelegations, type Delegated } from './delegations.ts';
import type { RecordChange, Store } from '../store/store.ts';
import { accessErrors } from '../access/errors.ts';
import { memberErrors } from './errors.ts';

/** The changes that an import of registry delegations makes for one country. */
export type DelegationChange = Delegations['changes'][number];

/** Maximum size of a file, in bytes. The largest one, of APNIC, has about 10 MB. */
const LARGEST = 64 * 1_048_576;
/** Maximum number of changes per country that are listed one by one. */
const MOST_TOLD = 50;

/**
 * Registry delegations of countries, in addition to the claims of members. A new import replaces the previous one. It
 * never changes a claim that a person made or verified. A person reviews the changes before they apply.
 */
export class DelegationService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, clock: Clock, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Reads a file for the countries of the members. Without `apply`, it only reports what would change. */
  async read(actor: Principal, body: Readable, apply: boolean): Promise<Delegations> {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'manage members' });
    if (apply) demandLasting(actor, 'delegations.import');
    const text = await textOf(body);
    const directory = await this.#directory.refresh();
    const countries = new Set(
      [...directory.members.values()].flatMap((member) => (member.active ? member.countries : [])),
    );
    const { registry, date, byCountry, faults } = await readDelegations(
      text,
      countries,
      new Slices(this.#clock),
    );
    const present = await allOf(this.#store, DELEGATIONS.kind);
    const members = new Map<string, string[]>();
    for (const { name, active, countries } of directory.members.values())
      if (active)
        for (const country of countries) members.set(country, [...(members.get(country) ?? []), name]);
    const records: RecordChange[] = [];
    const changes: DelegationChange[] = [];
    for (const country of [...members.keys()].toSorted()) {
      const found = byCountry.get(country);
      // Delegations of other registries are kept, because this file does not cover them.
      if (found === undefined) continue;
      const before = present.get(country);
      // An import repairs a damaged record.
      const known = before === undefined ? undefined : DELEGATIONS.decodeOnce(before)?.document;
      const change = difference(country, members.get(country) ?? [], found, known);
      changes.push(change);
      if (change.added.length + change.removed.length > 0 || (before !== undefined && known === undefined))
        records.push(
          DELEGATIONS.put(country, before, {
            ...found,
            registry,
            date,
            at: new Date(this.#clock.now()).toISOString(),
          }),
        );
    }
    if (apply && records.length > 0) {
      await this.#store.commit({
        records,
        facts: [
          this.#audit.fact(actor, 'delegations.import', `registry/${registry}`, {
            details: { date, countries: records.map(({ id }) => id) },
          }),
        ],
      });
      await this.#directory.refresh();
    }
    return { registry, date, applied: apply, faults, changes: changes.map(told) };
  }
}

function told({ added, removed, ...change }: DelegationChange): DelegationChange {
  const few = (list: readonly string[]): readonly string[] =>
    list.length <= MOST_TOLD ? list : [...list.slice(0, MOST_TOLD), `and ${list.length - MOST_TOLD} more`];
  return { ...change, added: few(added), removed: few(removed) };
}

function difference(
  country: string,
  members: readonly string[],
  found: Delegated,
  before: Partial<Delegated> | undefined,
): DelegationChange {
  const words = ({ networks = [], asns = [] }: Partial<Delegated>): readonly string[] => [
    ...networks,
    ...asns.map((asn) => `AS${asn}`),
  ];
  const [was, is] = [new Set(words(before ?? {})), new Set(words(found))];
  return {
    country,
    members,
    networks: found.networks.length,
    asns: found.asns.length,
    added: [...is].filter((word) => !was.has(word)),
    removed: [...was].filter((word) => !is.has(word)),
  };
}

async function textOf(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST) throw memberErrors.fileTooLarge({ limit: LARGEST / 1_048_576 });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
