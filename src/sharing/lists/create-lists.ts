import { MispFeeds, type MispFeedParts } from '../misp/feed.ts';
import { Lists, type ListParts } from './lists.ts';

/** Creates the lists and the MISP feeds of collections. The files of feeds have a folder of their own. */
export function createLists(
  parts: Omit<ListParts, 'url'> & Pick<MispFeedParts, 'store' | 'hub' | 'mispKey'>,
): {
  readonly lists: Lists;
  readonly mispFeeds: MispFeeds;
} {
  const lists = new Lists({ ...parts, url: parts.hub.url });
  return { lists, mispFeeds: new MispFeeds({ ...parts, lists, folder: `${parts.folder}-misp` }) };
}
