import type { JSX } from 'preact';
import type { FoundObjects } from '../../../api/schema-types.ts';
import { Problem } from '../../../kernel/problem.ts';
import { isStixId } from '../../../stix/identifiers.ts';
import { refang } from '../../../stix/values/refang.ts';
import { Block, Btn, State, Sub, Table } from '../../shared/components.tsx';
import { Empty, Field, Pager } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { csvText } from '../csv-file.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { ObjectState, objectPath } from './object-state.tsx';
import { Day } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

/** Number of results on a page. */
const MOST = 50;

/** The results of a search, or the reason why there are none. */
interface Results {
  readonly typed: string;
  readonly found: FoundObjects | undefined;
  readonly fault: string | undefined;
}

/** Finds objects by values, ids and names. The address is the view, and the exports contain exactly this view. */
export const searchPage: ConsolePage = {
  path: '/search',
  title: (m) => m.search.search,
  nav: 'Watch',
  needs: 'searchObjects',
  show: async (context) => <SearchView results={await resultsOf(context)} address={context.query} />,
};

/** The results of a search as a file. */
export const searchExport: ConsolePage = {
  path: '/search/export',
  title: (m) => m.search.export,
  needs: 'searchObjects',
  show: searchPage.show,
  download: async (context) => {
    const items = (await resultsOf(context)).found?.items ?? [];
    return context.query('format') === 'json'
      ? { name: 'search.json', type: 'application/json', text: `${JSON.stringify(items, undefined, 2)}\n` }
      : { name: 'search.csv', type: 'text/csv; charset=utf-8', text: csvOf(items) };
  },
};

async function resultsOf({ ask, query, messages }: PageContext): Promise<Results> {
  const typed = query('q')?.trim() ?? '';
  if (typed === '') return { typed, found: undefined, fault: undefined };
  try {
    const found = isStixId(typed)
      ? await byId(ask, typed, messages)
      : await ask('searchObjects', { query: { q: typed, limit: String(MOST), after: query('after') } });
    return { typed, found, fault: undefined };
  } catch (error) {
    if (!(error instanceof Problem) || !['invalid-request', 'invalid-content'].includes(error.kind))
      throw error;
    return { typed, found: undefined, fault: [error.title, error.description].filter(Boolean).join('. ') };
  }
}

/** Returns the object with an id as the only result, if the person may see it. */
async function byId(ask: PageContext['ask'], id: string, messages: Messages): Promise<FoundObjects> {
  const t = messages.search;
  const nothing = { meaning: t.stixId(id), items: [], collections: 0, complete: true };
  try {
    const { object, places, state } = await ask('getObject', { parameters: { object: id } });
    const [place] = places;
    if (place === undefined) return nothing;
    const name = 'name' in object && typeof object.name === 'string' ? object.name : id;
    const version = place.versions.at(-1);
    const item = {
      id,
      type: id.slice(0, id.indexOf('--')),
      ...(version?.version === undefined ? {} : { version: version.version }),
      title: name,
      state,
      matched: { kind: 'name' as const, value: id },
      collection: place.collection,
      collection_name: place.name,
      date_added: version?.date_added ?? '',
    };
    return { ...nothing, items: [item], collections: places.length };
  } catch (error) {
    if (error instanceof Problem && error.kind === 'not-found') return nothing;
    throw error;
  }
}

const COLUMNS = ['id', 'type', 'title', 'value', 'state', 'valid_until', 'version', 'collection_name', 'date_added'] as const; // prettier-ignore

function csvOf(items: FoundObjects['items']): string {
  return csvText([COLUMNS, ...items.map((item) => COLUMNS.map((column) => item[column] ?? ''))]);
}

function SearchView({
  results: { typed, found, fault },
  address,
}: {
  readonly results: Results;
  readonly address: (name: string) => string | undefined;
}): JSX.Element {
  const t = useMessages().search;
  return (
    <Screen
      title={typed === '' ? t.search : t.searchFor(typed.slice(0, 60))}
      heading={t.search}
      actions={<Btn href="/console/search/many">{t.many}</Btn>}
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
      {found === undefined ? undefined : <Understood typed={typed} found={found} />}
      {found === undefined ? (
        <Block title={t.whatYouCanSearch}>
          <p>{t.addressesNetworksDomainNames}</p>
        </Block>
      ) : (
        <Found typed={typed} found={found} address={address} />
      )}
    </Screen>
  );
}

/** How the hub has read the input. */
function Understood({ typed, found }: { readonly typed: string; readonly found: FoundObjects }): JSX.Element {
  const t = useMessages().search;
  const plain = refang(typed);
  const more = found.next === undefined ? '' : t.orMore;
  return (
    <State kind="info" live="status">
      {t.understoodAs(
        <strong>{found.meaning}</strong>,
        plain === typed || isStixId(typed),
        <strong>{t.result(found.items.length, more)}</strong>,
        found.complete,
      )}
    </State>
  );
}

interface FoundProps {
  readonly typed: string;
  readonly found: FoundObjects;
  readonly address: (name: string) => string | undefined;
}

function Found({ typed, found, address }: FoundProps): JSX.Element {
  const { search: t, words } = useMessages();
  if (found.items.length === 0) return <Nothing typed={typed} collections={found.collections} />;
  const view = (extra: Readonly<Record<string, string | undefined>>): string =>
    new URLSearchParams(
      Object.entries({ q: typed, after: address('after'), ...extra }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ).toString();
  return (
    <Block
      title={t.results}
      raw
      aside={
        <p>
          {t.exportThisViewCsv(
            (text) => (
              <a href={`/console/search/export?${view({ format: 'csv' })}`}>{text}</a>
            ),
            (text) => (
              <a href={`/console/search/export?${view({ format: 'json' })}`}>{text}</a>
            ),
          )}
        </p>
      }
      foot={
        <Pager
          note={t.resultCount(found.items.length)}
          next={found.next === undefined ? undefined : `/console/search?${view({ after: found.next })}`}
        />
      }
    >
      <Table
        caption={t.objectsThatMatch}
        columns={[
          { title: t.title },
          { title: t.type },
          { title: t.state, bare: true },
          { title: t.collection },
          { title: t.added, class: 'nw' },
        ]}
        rows={found.items.map((item) => ({
          key: `${item.id} ${item.collection} ${item.matched.value}`,
          cells: [
            <>
              <a href={objectPath(item.id)}>{item.title}</a>
              {item.value === undefined || item.value === item.title ? undefined : <Sub>{item.value}</Sub>}
            </>,
            words.type(item.type),
            <ObjectState state={item.state} until={item.valid_until} />,
            item.collection_name,
            <Day at={item.date_added} />,
          ],
        }))}
      />
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
