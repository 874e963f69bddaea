import { systemClock, type Clock } from '../../src/kernel/clock.ts';
import type { Store } from '../../src/store/store.ts';

/** A store that writes no entries before its gate is opened. */
export function slowStore(inner: Store): { store: Store; open: () => void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      if (name === 'commit')
        return async (batch: Parameters<Store['commit']>[0]) => {
          if ((batch.placements ?? []).length > 0) await gate;
          return target.commit(batch);
        };
      const value: unknown = target[name];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { store, open };
}

/** The clock of a process that will be killed. Its waits do not keep the test process alive. */
export const mortalClock: Clock = {
  ...systemClock,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    }),
};
