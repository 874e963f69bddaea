import type { MemberInfo } from '../access/snapshot.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { RowMemoryFile } from './row-memory.ts';
import type { FeedFile } from './transports/transport.ts';
import type { KeptLists } from './warning-lists.ts';

/** The part of a member that warning lists compare values with. */
export type Compared = Pick<MemberInfo, 'networks' | 'domains'>;

/** The input for reading the files of a run. All of it can be sent to a thread. */
export interface StagingRequest {
  readonly files: readonly FeedFile[];
  /** The file for the findings, one per line. */
  readonly staging: string;
  readonly document: FeedDocument;
  /** Networks and domains of the members, for the warning lists. */
  readonly members: readonly Compared[];
  readonly kept: KeptLists;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The rows that earlier runs have stored, and the file for those of this run. */
  readonly rows?: RowMemoryFiles | undefined;
}

/** The files of the row memories of a run. */
export interface RowMemoryFiles {
  readonly before: RowMemoryFile | undefined;
  readonly next: RowMemoryFile;
  /** A random text of the feed. Without it, a digest does not show whether a file contains a value. */
  readonly salt: string;
}
