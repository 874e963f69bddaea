/** Flags of every command. */
export interface CommonFlags {
  readonly config?: string;
  readonly data?: string;
  /** URL of a remote hub. Its key is in the environment variable TALANOA_KEY. */
  readonly hub?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}
