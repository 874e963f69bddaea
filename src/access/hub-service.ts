import type { Diagnosis, Settings, Status } from '../api/schema-types.ts';
import type { Audit, Verification } from './audit/audit.ts';
import { can, type Action } from './rights.ts';
import { isHubAnalyst, type Principal } from './principal.ts';
import { accessErrors } from './errors.ts';

/** Facts about the hub. Each one is computed when it is requested. */
export interface HubFacts {
  readonly status: () => Promise<Status>;
  readonly diagnosis: () => Promise<Diagnosis['items']>;
  /** The effective settings, without secrets. */
  readonly settings: () => Settings;
  readonly metrics: () => Promise<{ readonly body: string; readonly type: string }>;
}

/** Gives information about the hub to callers that may have it. */
export class HubService {
  readonly #facts: HubFacts;
  readonly #audit: Audit;

  constructor(facts: HubFacts, audit: Audit) {
    this.#facts = facts;
    this.#audit = audit;
  }

  async status(actor: Principal): Promise<Status> {
    demandHub(actor, 'hub.read', 'read the status of the hub');
    return this.#facts.status();
  }

  async diagnosis(actor: Principal): Promise<Diagnosis['items']> {
    demandHub(actor, 'hub.inspect', 'read the diagnostics of the hub');
    return this.#facts.diagnosis();
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

/** Throws unless the caller may perform an action on the hub. */
export function demandHub(
  actor: Principal,
  action: Extract<Action, 'hub.read' | 'hub.inspect' | 'hub.write' | 'feed.run' | 'metrics.read'>,
  attempted: string,
): void {
  if (can(actor, action, { kind: 'hub' })) return;
  throw accessErrors.notPermitted(
    { action: attempted },
    isHubAnalyst(actor) ? {} : { description: 'Only analysts and administrators of the hub can do this.' },
  );
}
