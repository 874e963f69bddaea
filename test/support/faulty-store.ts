import type { Batch, Store } from '../../src/store/store.ts';

/**
 * How the n-th call of a store fails: nothing was done; everything was done and the response was lost; a batch broke
 * off after its placements, which the port allows; or no response ever comes, as for a killed process.
 */
export type StoreFault = 'refused' | 'answer lost' | 'half written' | 'never answers';

export const STORE_FAULTS: readonly StoreFault[] = [
  'refused',
  'answer lost',
  'half written',
  'never answers',
];

/** A store with a failing call. */
export interface FaultyStore {
  readonly store: Store;
  /** Makes the n-th call from now on fail. */
  arm(n: number, fault: StoreFault): void;
  /** Stops the failures. True when the fault has occurred. */
  disarm(): boolean;
  /** Resolves when a process that was armed with `never answers` has been killed. */
  killed(): Promise<void>;
}

/** Calls that neither write to the store nor read from it. */
const EXEMPT = new Set(['close', 'ready', 'damage']);

export function faultyStore(inner: Store): FaultyStore {
  let left = 0;
  let kind: StoreFault | undefined;
  let struck = false;
  /** After a kill, the process does nothing more. */
  let killed = false;
  let armed = 0;
  let onKill: () => void = () => undefined;
  const forever = (): Promise<never> => new Promise(() => undefined);
  const failure = (): Error => new Error('the store failed');

  const call = async (
    name: string,
    method: (...values: never[]) => Promise<unknown>,
    values: never[],
  ): Promise<unknown> => {
    if (kind === undefined || EXEMPT.has(name)) return method(...values);
    if (killed) return forever();
    if (--left > 0) return method(...values);
    if (struck) return method(...values);
    struck = true;
    switch (kind) {
      case 'refused':
        throw failure();
      case 'answer lost':
        await method(...values);
        throw failure();
      case 'half written': {
        const [batch] = values as Batch[];
        if (name === 'commit' && batch?.placements !== undefined)
          await inner.commit({
            placements: batch.placements,
            ...(batch.lease === undefined ? {} : { lease: batch.lease }),
          });
        throw failure();
      }
      case 'never answers':
        killed = true;
        // In half of the cases, the killed call has been completed.
        if (armed % 2 === 0) await method(...values).catch(() => undefined);
        onKill();
        return forever();
    }
  };
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const value: unknown = target[name];
      if (typeof value !== 'function') return value;
      return (...values: never[]) =>
        call(name, value.bind(target) as (...values: never[]) => Promise<unknown>, values);
    },
  });
  return {
    store,
    arm(n, fault) {
      left = n;
      armed = n;
      kind = fault;
      struck = false;
      killed = false;
    },
    disarm() {
      kind = undefined;
      return struck;
    },
    killed: () =>
      new Promise((resolve) => {
        onKill = resolve;
      }),
  };
}
