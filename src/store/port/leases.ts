/** A held lease. The fence increases with each holder. A writer with an older fence is refused. */
export interface Lease {
  readonly name: string;
  readonly fence: number;
}

/** The leases, by which one of several processes does a job. */
export interface LeaseStore {
  /** Acquires a lease. Undefined while another holder has it. The lease ends `ttlMs` after its last renewal. */
  takeLease(name: string, ttlMs: number): Promise<Lease | undefined>;
  /** Returns false if the lease was lost. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;
}
