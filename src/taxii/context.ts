import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRoot } from '../access/snapshot.ts';
import type { Principal } from '../access/principal.ts';
import type { Rates } from '../access/rates.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Authenticator, Origin } from '../access/authenticate.ts';
import type { Ledger } from '../access/ledger.ts';
import type { Envelopes } from '../sharing/envelopes.ts';
import type { Outlet } from '../sharing/outlet.ts';
import type { Cursors } from './cursor.ts';

/** Where the TAXII server tells how long each request took. */
export interface Meter {
  request(surface: 'taxii', route: string, status: number, seconds: number): void;
}

/** What the TAXII server is made of. */
export interface TaxiiServices {
  readonly title: string;
  readonly contact: string | undefined;
  /** What API roots are named with: the address of the hub where it is one of HTTPS, else nothing (section 4.1.1). */
  readonly base: string;
  /** Version of the program. */
  readonly version: string;
  readonly authenticator: Authenticator;
  /** Where a request comes from. */
  readonly originOf: (http: IncomingMessage) => Origin;
  readonly outlet: Outlet;
  readonly ledger: Pick<Ledger, 'refuse'>;
  readonly envelopes: Envelopes;
  readonly cursors: Cursors;
  readonly meter: Meter;
  readonly rates: Rates;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Headers that every answer carries (security.md R-080), computed once. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same for pages that a person sees. */
  readonly pageHeaders: Readonly<Record<string, string>>;
  /** The page that explains TAXII to a person's browser, which asked for `path`. */
  readonly explain: (principal: Principal, path: string) => Promise<string>;
}

/** One request at an endpoint. */
export interface TaxiiRequest {
  readonly services: TaxiiServices;
  readonly http: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The query string with its question mark, as sent. */
  readonly url: string;
}

/** A request below an API root. */
export interface RootRequest extends TaxiiRequest {
  readonly root: ApiRoot;
}
