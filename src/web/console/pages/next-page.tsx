import type { JSX } from 'preact';
import { Pager } from '../../shared/more-components.tsx';
import type { Messages } from '../../shared/messages/en.ts';

/**
 * The number of rows, and the link to those that follow. Undefined for an empty list, which has a text of its own. `query` is
 * added to the link, with its `&`.
 */
export function nextPage(
  path: string,
  { items, next }: { readonly items: readonly unknown[]; readonly next?: string | undefined },
  messages: Messages,
  query = '',
): JSX.Element | undefined {
  const t = messages.paging;
  if (items.length === 0 && next === undefined) return undefined;
  return (
    <Pager
      note={t.rowCount(items.length)}
      next={next === undefined ? undefined : `${path}?after=${encodeURIComponent(next)}${query}`}
    />
  );
}
