import { demandNoSecretIn, documentOf, urlsIn } from '../../feeds/document.ts';
import { feedIdentityId } from '../../access/model.ts';
import type { Config } from '../config.ts';
import type { Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';
import type { FeedSetting } from '../settings.ts';

/** Declares a feed. Without a collection of its own, it fills the first one. */
export function declareFeed(setting: FeedSetting, config: Config, wanted: Wanted): void {
  const document = documentOf(setting);
  demandNoSecretIn(urlsIn(document));
  const collection = setting.collection ?? config.collections[0]?.id;
  if (collection === undefined) throw settingsErrors.feedWithoutCollection({ feed: setting.name });
  wanted.feed.set(setting.name, { document, collection, identity: feedIdentityId(setting.name) });
}
