import { hash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import { removal, type Store } from '../../store/store.ts';
import { unauthenticated, WrongCredentials } from '../authenticate.ts';
import type { Sealer } from '../sealing.ts';
import { SIGN_ONS } from './model.ts';
import type { Flow } from './provider.ts';

const FLOW_MS = 600_000;
/**
 * SameSite=Lax, because the provider sends the browser back from another site. The cookie holds only the
 * sealed state of the sign-in.
 */
const COOKIE = '__Host-talanoa-sso';
/** Binds what is sealed to single sign-on. */
export const CONTEXT = 'single sign-on';

/** The account that a visit links, and the session that began it. */
export interface Linking {
  readonly account: string;
  readonly session: string;
}

/** The state of a sign-in as the cookie holds it. */
export interface KeptFlow extends Flow {
  readonly expires: number;
  /** The session whose account is to be linked. Absent for a sign-in. */
  readonly linking?: Linking;
}

export interface VisitServices {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** Visits of people to the provider. Their state is sealed in a cookie, and each can be completed once. */
export class Visits {
  readonly #services: VisitServices;

  constructor(services: VisitServices) {
    this.#services = services;
  }

  /** Returns the header that keeps the state of a visit in the browser that makes it. */
  cookie(flow: Flow, linking?: Linking): string {
    const { sealer, clock } = this.#services;
    const kept: KeptFlow = {
      ...flow,
      expires: clock.now() + FLOW_MS,
      ...(linking === undefined ? {} : { linking }),
    };
    const text = sealer.seal(JSON.stringify(kept), CONTEXT);
    return `${COOKIE}=${text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${FLOW_MS / 1000}`;
  }

  /** Returns the state of the visit that began in this browser. Undefined when there is none, or it is too old. */
  find(cookies: string | undefined): KeptFlow | undefined {
    const { sealer, clock } = this.#services;
    const found = (cookies ?? '').split(';').flatMap((part) => {
      const text = part.trim();
      return text.startsWith(`${COOKIE}=`) ? [text.slice(COOKIE.length + 1)] : [];
    });
    if (found.length !== 1) return undefined;
    try {
      const flow = JSON.parse(sealer.open(found[0] ?? '', CONTEXT)) as KeptFlow;
      return flow.expires > clock.now() ? flow : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Marks a sign-in as completed, so that neither its cookie nor its state can complete a second one in any
   * process.
   */
  async useOnce({ state }: Flow): Promise<void> {
    const { store, clock } = this.#services;
    try {
      await store.commit({
        records: [SIGN_ONS.insert(hash('sha256', state), { expires: clock.now() + FLOW_MS })],
      });
    } catch (error) {
      if (error instanceof Problem && error.kind === 'conflict')
        throw refused('a sign-in that was already completed');
      throw error;
    }
  }

  /** Removes the markers of completed sign-ins that are too old to be replayed. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#services;
    for await (const record of SIGN_ONS.in(store).each())
      if (record.document.expires <= clock.now()) await store.commit({ records: [removal(record)] });
  }
}

/** Returns the header that removes the cookie of a sign-in. */
export const NO_FLOW_COOKIE = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

/** Returns the generic response for a visit that gives no access. Only the log gets the reason. */
export function refused(reason: string, account?: string): Problem {
  return unauthenticated(new WrongCredentials(`single sign-on: ${reason}`, account));
}
