import { feedRecords } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import { validated } from '../store/records.ts';

/** Feeds with their documents, which are validated against their schema before they are stored. */
export const FEEDS = feedRecords(validated<FeedDocument>());
