import type { Micros } from '../../kernel/clock.ts';
import { principalId } from '../../access/principal.ts';
import type { CollectionView } from '../../sharing/reading/outlet.ts';
import { LAST_VERSION, type PageQuery, type VersionFilter } from '../../store/store.ts';
import type { RootRequest } from './context.ts';
import type { CursorBinding } from './cursor.ts';
import { filterDigest, readQuery, type Parameter, type TaxiiQuery } from './query.ts';

/** A request for one page, ready for the outlet. */
export interface PageRequest {
  readonly view: CollectionView;
  readonly query: TaxiiQuery;
  readonly read: Omit<PageQuery, 'collection'> & { readonly current?: boolean };
  /** Returns the text `"more":true,"next":"…",` for a page that continues after `last`, and otherwise an empty text. */
  readonly more: (more: boolean, last: Micros) => string;
  /** True for a page to which nothing more can be added. */
  readonly closed: (more: boolean) => boolean;
  /** The client's User-Agent. */
  readonly agent: string;
}

/** Reads the collection, the filters and the cursor of a paged request (TAXII 2.1 §3.4 and §3.5). */
export async function pageRequest(
  request: RootRequest,
  kind: string,
  allowed: readonly Parameter[],
  fixed: Partial<Pick<PageQuery, 'ids' | 'versions'>> = {},
): Promise<PageRequest> {
  const { services, principal, root, parameters, current } = request;
  const view = await services.outlet.find(principal, root.path, parameters['collection'] ?? '');
  // Of a current collection, each object has one version.
  const query = readQuery(request.url, current ? allowed.filter((one) => one !== 'match[version]') : allowed);
  const binding: CursorBinding = {
    collection: view.collection.id,
    filters: filterDigest(current ? `current ${kind}` : kind, query),
    account: principalId(principal),
  };
  // With `next`, `added_after` is still the value of the first request, and the cursor is already beyond it.
  const after =
    query.next === undefined ? (query.addedAfter ?? 0) : services.cursors.read(query.next, binding);
  const ids = fixed.ids ?? query.ids;
  const versions = fixed.versions ?? query.versions ?? LAST_VERSION;
  return {
    view,
    query,
    read: {
      after,
      limit: Math.min(query.limit ?? root.pageLimit, root.pageLimit),
      versions,
      ...(current ? { current } : {}),
      ...(ids === undefined ? {} : { ids }),
      ...(query.types === undefined ? {} : { types: query.types }),
      ...(query.specs === undefined ? {} : { specs: query.specs }),
    },
    closed: (more) => more || (ids !== undefined && namedOnly(versions)),
    agent: request.http.headers['user-agent'] ?? '',
    more: (more, last) => (more ? `"more":true,"next":"${services.cursors.write(last, binding)}",` : ''),
  };
}

/** True when versions are requested only by their timestamps. No later version can match such a request. */
function namedOnly({ all, first, last, exact }: VersionFilter): boolean {
  return !all && !first && !last && exact.length > 0;
}
