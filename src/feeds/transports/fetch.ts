import type { TransportSpec } from '../../config/settings.ts';
import { fetchFolder } from './folder.ts';
import { fetchHttps } from './https.ts';
import { fetchListed } from './listed.ts';
import { fetchPaged, isPaged } from './paged.ts';
import { fetchTaxii11 } from './taxii11.ts';
import { fetchImap } from './imap.ts';
import { fetchTaxii20 } from './taxii20.ts';
import { fetchTaxii21 } from './taxii21.ts';
import { FetchProblem, LONGEST_FETCH_MS, SpoolBudget, type FetchOptions, type Fetched } from './transport.ts';

/**
 * Fetches the new content of a feed into spool files, within limits of space and time. The caller removes them with
 * `discard`.
 */
export function fetchFeed(transport: TransportSpec, given: Omit<FetchOptions, 'budget'>): Promise<Fetched> {
  const options: FetchOptions = {
    ...given,
    budget: new SpoolBudget(),
    until: given.clock.now() + LONGEST_FETCH_MS,
  };
  switch (transport.kind) {
    case 'https':
      return isPaged(transport) ? fetchPaged(transport, options) : fetchHttps(transport, options);
    case 'index':
      return fetchListed(transport, options);
    case 'taxii11':
      return fetchTaxii11(transport, options);
    case 'taxii21':
      return fetchTaxii21(transport, options);
    case 'taxii20':
      return fetchTaxii20(transport, options);
    case 'imap':
      return fetchImap(transport, options);
    case 'folder':
      return fetchFolder(transport, options);
    case 'upload':
      throw new FetchProblem('The feed is sent to the hub, not fetched', {
        failure: 'setting',
        hint: 'POST a file to /api/v1/feeds/NAME/content, or: talanoa feed upload NAME FILE',
      });
  }
}
