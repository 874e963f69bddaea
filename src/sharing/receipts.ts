import { can } from '../access/policy.ts';
import { principalName, type Principal } from '../access/principal.ts';
import type { Receipt, Store } from '../store/store.ts';

/** Receipts of envelopes: written once, read by whoever sent the envelope and by nobody else. */
export class Receipts {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async keep(principal: Principal, id: string, at: number, body: string): Promise<void> {
    await this.#store.commit({ receipts: [{ id, account: principalName(principal), at, body }] });
  }

  async find(principal: Principal, id: string): Promise<Receipt | undefined> {
    const receipt = await this.#store.receipt(id);
    if (receipt === undefined) return undefined;
    return can(principal, 'receipt.read', { kind: 'receipt', account: receipt.account })
      ? receipt
      : undefined;
  }
}
