import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { feedObjectName } from '../sharing/intake/judge.ts';

/** Id of the indicator of a feed for a pattern: the same in every run, so nothing doubles (feeds.md 1.2). */
export function indicatorId(feed: string, pattern: string): string {
  return `indicator--${uuidV5(feedObjectName(feed, pattern), HUB_NAMESPACE)}`;
}
