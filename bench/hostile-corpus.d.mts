/** One hostile request. */
export interface HostileRequest {
  readonly kind: string;
  readonly name: string;
  readonly form: 'taxii' | 'problem' | 'any';
  readonly statuses: readonly number[];
  readonly bytes: Buffer;
  readonly mayEnd: boolean;
}

/** The resources of a hub that the requests name. */
export interface HostileSite {
  readonly collection: string;
  /** The key of a service account that can write into the collection, and its name. */
  readonly peer: string;
  readonly account: string;
  /** The key of an administrator. */
  readonly boss: string;
  readonly origin: string;
  /** A `next` value that the hub has given for its collection. */
  readonly next: string;
  /** The document of the admin API. */
  readonly api: { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

export function hostileRequests(site: HostileSite): HostileRequest[];
export function faultOf(request: HostileRequest, answer: string | undefined): string | undefined;
export function exchange(port: number, bytes: Buffer, patience?: number): Promise<string | undefined>;
