import type { Diagnosis, Settings, Status, Verification, Whoami } from '../api/schema-types.ts';
import type { Audit } from './audit/audit.ts';
import type { Directory } from './directory.ts';
import type { Operation } from './operation.ts';
import { can, isHubAction, type HubAction } from './rights.ts';
import { isHubAdministrator, isHubAnalyst, type Principal } from './principal.ts';
import { accessErrors } from './errors.ts';
import { VisibleNames } from './visible-names.ts';

/** Whether the diagnostics connect to the mail server now, or contain the last result of that check. */
export type MailAnswer = 'now' | 'last';

/** Facts about the hub. Each one is computed when it is requested. */
export interface HubFacts {
  readonly status: () => Promise<Status>;
  readonly diagnosis: (mail: MailAnswer) => Promise<Diagnosis['items']>;
  /** The effective settings, without secrets. */
  readonly settings: () => Settings;
  readonly metrics: () => Promise<{ readonly body: string; readonly type: string }>;
}

/** Gives information about the hub to callers that may see it. */
export class HubService {
  readonly #facts: HubFacts;
  readonly #audit: Audit;

  readonly #directory: Directory;

  constructor(facts: HubFacts, audit: Audit, directory: Directory) {
    this.#directory = directory;
    this.#facts = facts;
    this.#audit = audit;
  }

  /** Returns the collections that a caller can use, within the limits of its key. */
  async collections(actor: Principal): Promise<NonNullable<Whoami['collections']>> {
    const directory = await this.#directory.current();
    const visible = VisibleNames.of(directory, actor);
    return [...directory.collections.values()].flatMap((collection) => {
      const resource = { kind: 'collection', rights: directory.rights(actor, collection) } as const;
      // A key for lists reads the list of a collection, but not its objects.
      const read = can(actor, 'list.read', resource);
      const write = can(actor, 'collection.write', resource);
      return read || write
        ? [{ id: collection.id, name: visible.nameOf(collection), title: collection.title, read, write }]
        : [];
    });
  }

  async status(actor: Principal): Promise<Status> {
    demandHub(actor, 'hub.read', 'read the status of the hub');
    return this.#facts.status();
  }

  async diagnosis(actor: Principal, mail: MailAnswer = 'now'): Promise<Diagnosis['items']> {
    demandHub(actor, 'hub.inspect', 'read the diagnostics of the hub');
    return this.#facts.diagnosis(mail);
  }

  settings(actor: Principal): Settings {
    demandHub(actor, 'hub.inspect', 'read the settings');
    return this.#facts.settings();
  }

  async verifyAudit(actor: Principal): Promise<Verification> {
    demandHub(actor, 'hub.inspect', 'verify the audit log');
    return this.#audit.verify();
  }

  async metrics(actor: Principal): Promise<{ readonly body: string; readonly type: string }> {
    demandHub(actor, 'metrics.read', 'read the metrics');
    return this.#facts.metrics();
  }
}

/** The actions on the hub that analysts must not perform. */
const FOR_ADMINISTRATORS: ReadonlySet<HubAction> = new Set(['hub.inspect', 'hub.write', 'metrics.read']);

/** Throws unless the caller may perform an action on the hub. */
export function demandHub(actor: Principal, action: HubAction, attempted: string): void {
  if (can(actor, action, { kind: 'hub' })) return;
  const isForAdministrators = FOR_ADMINISTRATORS.has(action);
  const roles = isForAdministrators ? 'administrators' : 'analysts and administrators';
  // A caller that has the role is refused because of the limits of its key.
  const hasRole = isForAdministrators ? isHubAdministrator(actor) : isHubAnalyst(actor);
  throw accessErrors.notPermitted(
    { action: attempted },
    hasRole
      ? {}
      : {
          description: `Only ${roles} of the hub can do this.`,
          hint: 'To see your role and the collections that you may use, run: talanoa whoami',
        },
  );
}

/**
 * Throws unless the caller has the permission of an operation. Where the permission depends on a target, the service of
 * the operation decides when it has found the target.
 */
export function demandPermission(
  actor: Principal,
  { permission, summary }: Pick<Operation, 'permission' | 'summary'>,
): void {
  if (!isHubAction(permission)) return;
  const [attempted = summary] = summary.split(/[;:,]/u);
  demandHub(actor, permission, `${attempted.charAt(0).toLowerCase()}${attempted.slice(1)}`);
}
