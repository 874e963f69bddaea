import type { JSX } from 'preact';
import type { SavedSearches, SearchView as Found } from '../../../api/schema-types.ts';
import { Problem } from '../../../kernel/problem.ts';
import { MOST_IN_VIEW } from '../../../sharing/reading/search-filters.ts';
import { isStixId } from '../../../stix/identifiers.ts';
import { refang } from '../../../stix/values/refang.ts';
import { Block, Btn, State, Sub, Table, TlpLabel } from '../../shared/components.tsx';
import { Empty, Field, Pager } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { addressOf, queryText, viewOf, type ViewParameters } from '../search-address.ts';
import { actionsFor, BulkBar, type BulkAction } from './search-selection.tsx';
import { ObjectState, objectPath } from './object-state.tsx';
import { SavedBlock, savePath } from './saved-searches.tsx';
import { ChosenFilters, FilterList } from './search-filters.tsx';
import { Day } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** Number of results on a page. */
const MOST = 50;

/** The results of a search, or the reason why there are none. */
interface Results {
  readonly typed: string;
  readonly view: ViewParameters | undefined;
  readonly found: Found | undefined;
  readonly offset: number;
  readonly actions: readonly BulkAction[];
  readonly fault: string | undefined;
  /** The searches that the person has saved. They are listed while nothing is searched. */
  readonly saved: SavedSearches['items'];
  readonly canSave: boolean;
}

/** Finds objects by values, ids and names. The address is the view, and the exports contain exactly this view. */
export const searchPage: ConsolePage = {
  path: '/search',
  title: (m) => m.search.search,
  nav: 'Watch',
  needs: 'getSearchView',
  show: async (context) => <SearchView {...await resultsOf(context)} />,
};

async function resultsOf(context: PageContext): Promise<Results> {
  const { ask, query } = context;
  const view = viewOf(query);
  const typed = query('q') ?? '';
  const given = query('offset') ?? '0';
  const offset = /^\d{1,4}$/.test(given) ? Math.min(Number(given), MOST_IN_VIEW) : 0;
  const canSave = context.permits('createSavedSearch');
  const saved =
    canSave && view === undefined ? (await ask('listSavedSearches', { query: { limit: '1000' } })).items : [];
  const shown = { typed, view, offset, actions: actionsFor(context), saved, canSave };
  if (view === undefined) return { ...shown, found: undefined, fault: undefined };
  try {
    const page = { limit: String(MOST), offset: String(offset) };
    return {
      ...shown,
      found: await ask('getSearchView', { query: { ...view, ...page } }),
      fault: undefined,
    };
  } catch (error) {
    if (!(error instanceof Problem) || !['invalid-request', 'invalid-content'].includes(error.kind))
      throw error;
    const fault = [error.title, error.description].filter(Boolean).join('. ');
    return { ...shown, found: undefined, fault };
  }
}

function SearchView(results: Results): JSX.Element {
  const { typed, view, found, offset, fault, actions, saved, canSave } = results;
  const t = useMessages().search;
  return (
    <Screen
      title={typed === '' ? t.search : t.searchFor(typed.slice(0, 60))}
      heading={t.search}
      actions={
        <>
          <Btn href="/console/search/many">{t.many}</Btn>
          {view !== undefined && canSave ? <Btn href={savePath(view)}>{t.save}</Btn> : undefined}
        </>
      }
    >
      <form action="/console/search">
        <Field name="q" label={t.valueNetworkHashStix} error={fault}>
          {(described) => (
            <input
              {...described}
              type="search"
              value={typed}
              maxLength={2000}
              spellcheck={false}
              class="mono"
            />
          )}
        </Field>
        <div class="acts">
          <button class="btn go">{t.searchTheHub}</button>
        </div>
      </form>
      {found === undefined || view === undefined ? (
        <>
          <SavedBlock items={saved} />
          <Block title={t.whatYouCanSearch}>
            <p>{t.addressesNetworksDomainNames}</p>
          </Block>
        </>
      ) : (
        <Found found={found} view={view} offset={offset} actions={actions} />
      )}
    </Screen>
  );
}

interface FoundProps {
  readonly found: Found;
  readonly view: ViewParameters;
  readonly offset: number;
  readonly actions: readonly BulkAction[];
}

function Found({ found, view, offset, actions }: FoundProps): JSX.Element {
  const isFiltered = found.facets.some(({ values }) => values.some(({ chosen }) => chosen));
  return (
    <>
      <Understood typed={view.q} found={found} />
      <ChosenFilters facets={found.facets} view={view} />
      {found.total === 0 && !isFiltered ? (
        <Nothing typed={view.q} collections={found.collections} />
      ) : (
        <div class="grid two thin">
          {found.total === 0 ? (
            <NothingLeft view={view} />
          ) : (
            <form method="post" action="/console/search/act">
              <Matching found={found} view={view} offset={offset} actions={actions} />
            </form>
          )}
          <FilterList facets={found.facets} view={view} />
        </div>
      )}
    </>
  );
}

/** How the hub has read the input. */
function Understood({ typed, found }: { readonly typed: string; readonly found: Found }): JSX.Element {
  const t = useMessages().search;
  const plain = refang(typed);
  return (
    <State kind="info" live="status">
      {t.understoodAs(
        <strong>{found.meaning}</strong>,
        plain === typed || isStixId(typed),
        <strong>{t.result(found.total, found.capped ? t.orMore : '')}</strong>,
        found.complete,
      )}
      {found.capped ? ` ${t.capped}` : ''}
    </State>
  );
}

/** The objects of one page of a view. */
function Matching({ found, view, offset, actions }: FoundProps): JSX.Element {
  const { search: t, words } = useMessages();
  const file = (format: string, text: JSX.Element['props']['children']): JSX.Element => (
    <a href={`/console/search/export?${queryText({ ...view, format })}`}>{text}</a>
  );
  return (
    <Block
      title={t.resultCount(found.total)}
      id="results"
      raw
      aside={
        <p>
          {t.exportThisView(
            (text) => file('csv', text),
            (text) => file('json', text),
            (text) => file('stix', text),
          )}
        </p>
      }
      foot={
        <Pager
          note={t.shown(offset + 1, offset + found.items.length, found.total)}
          next={found.next === undefined ? undefined : addressOf(view, found.next)}
        />
      }
    >
      <Table
        caption={t.objectsThatMatch}
        columns={[
          { title: t.title, class: 'lead' },
          { title: t.type, class: 'nw' },
          { title: t.state, bare: true },
          { title: t.marking, class: 'nw', bare: true },
          { title: t.collection, class: 'nw' },
          { title: t.added, class: 'nw' },
        ]}
        rows={found.items.map((item) => ({
          key: `${item.id} ${item.collection}`,
          ...(actions.length === 0 ? {} : { box: { name: `o.${item.id}`, label: t.select(item.title) } }),
          cells: [
            <>
              <a href={objectPath(item.id)}>{item.title}</a>
              {item.value === undefined || item.value === item.title ? undefined : <Sub>{item.value}</Sub>}
            </>,
            words.type(item.type),
            <ObjectState state={item.state} until={item.valid_until} />,
            <TlpLabel level={item.tlp} />,
            <>
              {item.collection_name}
              {item.collections === 1 ? undefined : <Sub>{t.andMore(item.collections - 1)}</Sub>}
            </>,
            <Day at={item.date_added} />,
          ],
        }))}
      />
      {actions.length === 0 ? undefined : <BulkBar found={found} view={view} actions={actions} />}
    </Block>
  );
}

/** No result is left by the filters. */
function NothingLeft({ view }: { readonly view: ViewParameters }): JSX.Element {
  const t = useMessages().search;
  return (
    <Block title={t.results} raw>
      <Empty title={t.noneLeft}>
        <a href={addressOf({ q: view.q })}>{t.withoutFilters}</a>
      </Empty>
    </Block>
  );
}

function Nothing({
  typed,
  collections,
}: {
  readonly typed: string;
  readonly collections: number;
}): JSX.Element {
  const t = useMessages().search;
  return (
    <Block title={t.results} raw>
      <Empty title={t.noResultsFor(typed.slice(0, 200))}>{t.nothingWithThisValue(collections)}</Empty>
    </Block>
  );
}
