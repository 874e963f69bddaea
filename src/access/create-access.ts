import type { Clock } from '../kernel/clock.ts';
import { CursorSeal } from '../kernel/cursor-seal.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { Notifications } from './accounts/notifications.ts';
import { Audit } from './audit/audit.ts';
import { AuditReading } from './audit/audit-reading.ts';
import { CollectionService } from './collection-service.ts';
import { Directory } from './directory.ts';
import { Idempotency } from './idempotency.ts';
import { SecretService } from './keys/secret-service.ts';
import { Ledger } from './ledger.ts';
import { MemberSecrets } from './member-secrets.ts';
import type { Sealer } from './sealing.ts';
import { sharedKey } from './shared-keys.ts';

interface AccessParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly sealer: Sealer;
  /** Title of the hub. */
  readonly title: string;
}

/** Creates the parts that all others use: the directory, the ledger, the audit log and the notifications. */
export async function createAccess({ store, clock, ids, log, sealer, title }: AccessParts) {
  const directory = new Directory(store, clock, title, log);
  await directory.refresh();
  const audit = new Audit(store, clock, ids, log);
  const cursorKey = await sharedKey(store, ids, 'cursor');
  const cursorSeal = new CursorSeal(cursorKey, 0);
  const memberSecrets = new MemberSecrets(directory, clock);
  return {
    directory,
    memberSecrets,
    audit,
    cursorKey,
    cursorSeal,
    ledger: new Ledger(store, directory, clock, log),
    notifications: new Notifications(store, clock, ids, log, memberSecrets),
    idempotency: new Idempotency(store, clock, sealer),
    secrets: new SecretService(store, sealer, audit, () => clock.now()),
    collections: new CollectionService(store, directory, ids, audit),
    auditReading: new AuditReading(store, directory, cursorSeal, memberSecrets),
  };
}
