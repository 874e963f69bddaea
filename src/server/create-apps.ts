import express, { type Express } from 'express';
import { OPERATOR } from '../access/principal.ts';
import { Rates } from '../access/rates.ts';
import { apiRouter, type RouterServices } from '../api/router.ts';
import type { Config } from '../config/config.ts';
import type { AppParts } from './create-network-app.ts';
import { createHealthApp } from './health-app.ts';

/** Requests on the operator's own socket are not rate-limited. */
const UNLIMITED = { reads: 0, writes: 0 };

/**
 * Creates the two applications: `app` for the network, and `admin` for the operator at the hub's own socket. Pages and
 * the TAXII server are loaded only for a hub that serves them, because loading them takes longer than most commands.
 */
export async function createApps(
  config: Config,
  parts: AppParts,
  { isOffline }: { readonly isOffline: boolean },
): Promise<{ readonly app: Express; readonly admin: Express }> {
  const { audit, ledger, idempotency, ids, clock, log, meter, originOf, operations, health } = parts;
  const services: Omit<RouterServices, 'authenticate'> = {
    audit, ledger, idempotency, ids, clock, log, meter, originOf,
    rates: new Rates(config.rates, clock),
    headers: health.headers,
  }; // prettier-ignore
  const admin = express();
  admin.disable('x-powered-by');
  admin.set('query parser', 'simple');
  // Everybody who can open the hub's own socket is the operator. The file mode keeps all other users out.
  const operator = {
    ...services,
    rates: new Rates(UNLIMITED, clock),
    authenticate: () => Promise.resolve(OPERATOR),
  };
  admin.use('/api/v1', apiRouter(operator, operations));
  if (isOffline || !config.roles.web) return { app: createHealthApp(health), admin };
  const { createNetworkApp } = await import('./create-network-app.ts');
  return { app: createNetworkApp(config, parts, services), admin };
}
