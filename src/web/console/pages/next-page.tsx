import type { JSX } from 'preact';
import { Pager } from '../../shared/more-components.tsx';
import { counted } from '../../shared/words.ts';

/** The number of rows, and the link to those that follow. */
export function NextPage({
  path,
  page: { items, next },
}: {
  readonly path: string;
  readonly page: { readonly items: readonly unknown[]; readonly next?: string | undefined };
}): JSX.Element {
  return (
    <Pager
      note={counted(items.length, 'row')}
      next={next === undefined ? undefined : `${path}?after=${encodeURIComponent(next)}`}
    />
  );
}
