import type { Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { ApiRoot } from '../../access/snapshot.ts';
import type { Principal } from '../../access/principal.ts';
import type { Rates } from '../../access/rates.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Authenticator, Origin } from '../../access/authenticate.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Envelopes } from '../../sharing/intake/envelopes.ts';
import type { Outlet } from '../../sharing/reading/outlet.ts';
import type { Cursors } from './cursor.ts';

/** Receives the duration of each request. */
export interface Meter {
  request(surface: 'taxii', route: string, status: number, seconds: number): void;
}

/** The services of the TAXII server. */
export interface TaxiiServices {
  readonly title: string;
  readonly contact: string | undefined;
  /**
   * The base of API root URLs: the URL of the hub if it uses HTTPS, and otherwise empty, because absolute URLs require
   * HTTPS (TAXII 2.1 §4.1.1).
   */
  readonly base: string;
  /** Version of the program. */
  readonly version: string;
  readonly authenticator: Authenticator;
  /** Returns the origin of a request. */
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
  /** Headers of every response, computed once. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers a person who opened `path` in a browser, with a page that explains TAXII or reports that nothing is there. */
  readonly explain: (principal: Principal, path: string, response: Response) => Promise<void>;
}

/** One request at an endpoint. */
export interface TaxiiRequest {
  readonly services: TaxiiServices;
  readonly http: IncomingMessage;
  readonly response: Response;
  readonly principal: Principal;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The query string with its question mark, as sent. */
  readonly url: string;
}

/** A request below an API root. */
export interface RootRequest extends TaxiiRequest {
  readonly root: ApiRoot;
  /** The request asks for objects in force only. */
  readonly current: boolean;
}
