import { createHash } from 'node:crypto';
import type { FeedDocument } from '../config/settings.ts';
import type { Stored } from '../store/records.ts';
import type { RecordChange } from '../store/store.ts';
import { isStream } from './guards.ts';
import { FEED_STATES, type FeedStateRecord } from './model.ts';
import type { Fetched } from './transports/transport.ts';

/** Returns the digest of what was fetched. */
export function digestOf({ files, listing }: Fetched): string {
  const [only] = files;
  const gone = listing?.gone ?? [];
  if (files.length === 1 && gone.length === 0 && only !== undefined) return only.sha256;
  return createHash('sha256')
    .update([...files.map(({ sha256 }) => sha256), ...gone].join())
    .digest('hex');
}

/** Returns the change that stores the state of a feed after a run. */
export function checkpointOf(
  document: FeedDocument,
  before: Stored<FeedStateRecord> | undefined,
  state: FeedStateRecord,
): RecordChange {
  return FEED_STATES.put(document.name, before, state);
}

/** Remembers implausible files, and does not go on from them, so that the next run fetches them again. */
export function doubting(
  document: FeedDocument,
  before: Stored<FeedStateRecord> | undefined,
  state: FeedStateRecord | undefined,
  sha256: string,
  mapping: string,
): RecordChange {
  const { validators: _validators, ...cursor } = state?.cursor ?? {};
  return checkpointOf(document, before, {
    ...(state ?? { sha256: '', mapping, read_at: 0 }),
    cursor: isStream(document) ? cursor : {},
    doubted: sha256,
  });
}
