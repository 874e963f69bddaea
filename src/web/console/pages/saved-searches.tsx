import type { JSX } from 'preact';
import type { SavedSearches } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Block, Table } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Field } from '../../shared/more-components.tsx';
import { Day } from '../../shared/times.tsx';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { addressOf, queryText, viewOf, type ViewParameters } from '../search-address.ts';
import { Question } from './question.tsx';

const SEARCH = '/console/search';

type SavedSearch = SavedSearches['items'][number];

/** Returns the address of the page that saves a view. */
export function savePath(view: ViewParameters): string {
  return `${SEARCH}/saved?${queryText(view)}`;
}

/** Returns the view that was saved. Filters that are unknown by now are left out. */
function viewIn({ query, filters }: SavedSearch): ViewParameters | undefined {
  const given = new URLSearchParams(filters ?? '');
  given.set('q', query);
  return viewOf((name) => given.get(name) ?? undefined);
}

/** The searches that the person has saved or that others share, each a link to its view. */
export function SavedBlock({ items }: { readonly items: readonly SavedSearch[] }): JSX.Element | undefined {
  const t = useMessages().savedSearches;
  if (items.length === 0) return undefined;
  return (
    <Block title={t.saved} id="saved" raw>
      <Table
        caption={t.saved}
        columns={[
          { title: t.name },
          { title: t.value, class: 'mono' },
          { title: t.from },
          { title: t.since, class: 'nw' },
          { title: t.change, bare: true },
        ]}
        rows={items.map((one) => {
          const view = viewIn(one);
          return {
            key: `${one.name} ${one.by ?? ''}`,
            cells: [
              view === undefined ? one.name : <a href={addressOf(view)}>{one.name}</a>,
              one.query,
              one.by ?? (one.shared ? t.shared : t.own),
              <Day at={one.saved} />,
              one.by === undefined ? (
                <a href={`${SEARCH}/saved/${encodeURIComponent(one.name)}/delete`}>{t.delete}</a>
              ) : undefined,
            ],
          };
        })}
      />
    </Block>
  );
}

function viewOfPage({ query }: PageContext): ViewParameters {
  const view = viewOf(query);
  if (view === undefined) throw webErrors.noPage();
  return view;
}

/** Saving a search with its filters. The address is the view. */
export const saveSearchPage: ConsolePage = {
  path: '/search/saved',
  title: (m) => m.savedSearches.save,
  needs: 'createSavedSearch',
  show: async (context, form) => {
    const { search, savedSearches: t } = context.messages;
    const view = viewOfPage(context);
    return (
      <Question
        title={t.save}
        above={[addressOf(view), search.search]}
        heading={t.name}
        form={form}
        action={t.save}
        keep={t.keep}
      >
        <div class="in">
          <p class="mono">{queryText(view)}</p>
          <Field name="name" label={t.name} hint={t.hint}>
            {(described) => (
              <input {...described} value={form.field('name') ?? ''} maxLength={63} autocapitalize="none" required />
            )}
          </Field>
          <label class="opt">
            <input type="checkbox" name="shared" value="yes" checked={form.field('shared') === 'yes'} />
            {t.share(context.who.kind === 'account' && context.who.member !== undefined)}
          </label>
          <p class="small muted">{t.onlyYou}</p>
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const { q: query, ...chosen } = viewOfPage(context);
    const filters = queryText(chosen);
    const shared = form.field('shared') === 'yes';
    await context.ask('createSavedSearch', {
      body: { name: form.field('name') ?? '', query, shared, ...(filters === '' ? {} : { filters }) },
    });
    return SEARCH;
  },
}; // prettier-ignore

/** Deleting a saved search. */
export const deleteSearchPage: ConsolePage = {
  path: '/search/saved/:search/delete',
  title: (m) => m.savedSearches.deleteOne,
  needs: 'deleteSavedSearch',
  show: async ({ ask, messages, path }, form) => {
    const { search, savedSearches: t } = messages;
    const { items } = await ask('listSavedSearches', { query: { limit: '1000' } });
    const found = items.find(({ name, by }) => name === path['search'] && by === undefined);
    if (found === undefined) throw webErrors.noPage();
    return (
      <Question
        title={t.deleteOne}
        above={[SEARCH, search.search]}
        form={form}
        action={t.delete}
        keep={t.keepIt}
      >
        <div class="in">
          <p>
            <strong>{found.name}</strong> <span class="mono">{found.query}</span>
          </p>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }) => {
    await ask('deleteSavedSearch', { parameters: { search: path['search'] ?? '' } });
    return SEARCH;
  },
};
