import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '../../src/access/create-access.ts';
import { createSignIn, type SignInParts } from '../../src/access/create-sign-in.ts';
import { PERSONAL_KINDS } from '../../src/server/record-kinds.ts';
import type { Origin } from '../../src/access/authenticate.ts';
import type { AccountPrincipal } from '../../src/access/principal.ts';
import { Sealer } from '../../src/access/sealing.ts';
import type { AccountInfo } from '../../src/access/snapshot.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createMembers } from '../../src/members/create-members.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { AUDIT_END, type AuditFact, type Batch, type RecordChange } from '../../src/store/store.ts';
import { TestClock } from './clock.ts';

/** A browser of a test. */
export const BROWSER: Origin = { address: '192.0.2.7', agent: 'browser' };

/** These services send nothing. */
const unreachable = (): Promise<never> => Promise.reject(new Error('a test has no network'));

/** The services of access and members on a store of their own, without HTTP. */
export type AccessServices = Awaited<ReturnType<typeof accessServices>>;

/** Opens the services of access and members on a new store with these records. */
export async function accessServices(
  records: readonly RecordChange[],
  settings: Partial<Pick<SignInParts, 'secondFactor' | 'send'>> & {
    /** Called with each batch before it is written. */
    readonly onCommit?: (batch: Batch) => void;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-access-'));
  const clock = new TestClock();
  const opened = await openSqliteStore({ folder, clock, onBroken: () => undefined });
  const store = new Proxy(opened, {
    get: (target, name): unknown =>
      name === 'commit'
        ? (batch: Batch) => {
            settings.onCommit?.(batch);
            return opened.commit(batch);
          }
        : Reflect.get(target, name, target),
  });
  await store.commit({ records });
  const base = { store, clock, ids: systemIds, log: silentLog, sealer: new Sealer(Buffer.alloc(32, 7)) };
  const access = await createAccess({ ...base, title: 'Test hub' });
  const signIn = await createSignIn({
    ...base,
    ...access,
    http: { fetch: unreachable, resolve: unreachable },
    hub: { title: 'Test hub', url: () => 'https://hub.example' },
    send: settings.send,
    secondFactor: settings.secondFactor ?? 'optional',
    oidc: undefined,
    signInsOfAccount: undefined,
    personalKinds: PERSONAL_KINDS,
    red: { holding: () => Promise.resolve([]), isGivenTo: () => Promise.resolve(false) },
  });
  const { directory } = access;
  return {
    ...base,
    ...access,
    ...signIn,
    ...createMembers({
      ...base,
      ...access,
      ...signIn,
      hub: { title: 'Test hub', url: () => 'https://hub.example' },
      send: settings.send,
    }),
    /** Returns the account with a name. */
    async account(name: string): Promise<AccountInfo> {
      const found = (await directory.refresh()).accountNamed(name);
      if (found === undefined) throw new Error(`the test has no account ${name}`);
      return found;
    },
    /** Returns the principal of an account. */
    async as(name: string): Promise<AccountPrincipal> {
      const found = (await directory.refresh()).principalNamed(name);
      if (found?.kind !== 'account') throw new Error(`the test has no account ${name}`);
      return found;
    },
    /** Returns the newest fact of the audit log. */
    async lastFact(): Promise<AuditFact | undefined> {
      return (await store.audit(AUDIT_END, 1, 'newest'))[0]?.fact;
    },
    async stop(): Promise<void> {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
