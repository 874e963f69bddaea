import { Problem } from '../../kernel/problem.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { NotificationEvent, Notifications } from '../accounts/notifications.ts';
import type { Audit } from '../audit/audit.ts';
import { nameFor, type Principal } from '../principal.ts';
import type { AccountInfo } from '../snapshot.ts';
import { FACTORS, type Factors } from './model.ts';

/** Attempts to change a record that another request changes at the same time. */
const TRIES = 5;

interface FactorRecordServices {
  readonly store: Store;
  readonly audit: Audit;
  readonly notifications: Pick<Notifications, 'prepare'>;
}

/** The audit entry and the notification of a change. */
interface ReportedChange {
  readonly actor: Principal;
  readonly action: string;
  readonly details?: Record<string, unknown>;
  /** The notification of the account, and its details if it does not name the actor. */
  readonly event: NotificationEvent;
  readonly notice?: () => Readonly<Record<string, number>>;
}

/**
 * The record with the second factors of an account. Every change writes a new revision of it, so of two simultaneous
 * changes one is decided again from what the other has written.
 */
export class FactorRecords {
  readonly #services: FactorRecordServices;

  constructor(services: FactorRecordServices) {
    this.#services = services;
  }

  /** Returns the record of an account. Undefined when it never had a second factor. */
  async of(account: AccountInfo): Promise<Stored<Factors> | undefined> {
    return FACTORS.in(this.#services.store).get(account.id);
  }

  async factors(account: AccountInfo): Promise<Factors> {
    return factorsIn(await this.of(account));
  }

  /** Changes the record of an account. If another request was faster, it reads the record again and retries. */
  async update(
    account: AccountInfo,
    change: (factors: Factors) => Factors,
    reported?: ReportedChange,
  ): Promise<void> {
    const { store, audit, notifications } = this.#services;
    for (let tries = 1; ; tries++) {
      const record = await this.of(account);
      const document = change(factorsIn(record));
      const facts =
        reported === undefined
          ? []
          : [
              audit.fact(reported.actor, reported.action, `account/${account.name}`, {
                member: account.member,
                ...(reported.details === undefined ? {} : { details: reported.details }),
              }),
            ];
      const notice =
        reported === undefined
          ? undefined
          : notifications.prepare(
              account.id,
              reported.event,
              reported.notice?.() ?? { by: nameFor(account.member, reported.actor) },
            );
      try {
        await store.commit({
          records: [
            FACTORS.put(account.id, record, document),
            ...(notice === undefined ? [] : [notice.record]),
          ],
          facts,
        });
        await notice?.send();
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== 'conflict' || tries >= TRIES) throw error;
      }
    }
  }
}

/** True when an account has a second factor. Recovery codes alone are none. */
export function isEnrolled({ totp, passkeys = [] }: Factors): boolean {
  return totp !== undefined || passkeys.length > 0;
}

function factorsIn(record: Stored<Factors> | undefined): Factors {
  return record?.document ?? {};
}
