import type { JSX } from 'preact';
import type { SearchView } from '../../../api/schema-types.ts';
import { Block } from '../../shared/components.tsx';
import type { Messages } from '../../shared/messages/en.ts';
import { useMessages } from '../../shared/messages/messages.ts';
import { addressOf, toggled, type ViewParameters } from '../search-address.ts';

type Facets = SearchView['facets'];
type Facet = Facets[number]['facet'];

/** Returns the text of a value of a filter. Names, labels and sources are shown as they are. */
function textOf({ words, objectState, search }: Messages, facet: Facet, value: string): string {
  const known: Readonly<Partial<Record<Facet, Readonly<Record<string, string>>>>> = {
    state: objectState.states,
    age: search.ages,
  };
  const texts = known[facet];
  if (texts !== undefined && Object.hasOwn(texts, value)) return texts[value] ?? value;
  if (facet === 'type') return words.type(value);
  return facet === 'tlp' ? `TLP:${value.toUpperCase()}` : value.slice(0, 60);
}

/** The filters in force. Each is a link to the view without it. */
export function ChosenFilters({
  facets,
  view,
}: {
  readonly facets: Facets;
  readonly view: ViewParameters;
}): JSX.Element | undefined {
  const messages = useMessages();
  const t = messages.search;
  const chosen = facets.flatMap(({ facet, values }) =>
    values.filter((one) => one.chosen).map(({ value }) => ({ facet, value })),
  );
  if (chosen.length === 0) return undefined;
  return (
    <p class="chips">
      {t.filters}:{' '}
      {chosen.map(({ facet, value }) => (
        <a key={`${facet} ${value}`} href={addressOf(toggled(view, facet, value))}>
          {t.chosen(t.facets[facet], textOf(messages, facet, value))} <span class="vh">{t.remove}</span>
        </a>
      ))}
    </p>
  );
}

/** The values by which a view can be narrowed down, with their counts. Each is a link to the narrower view. */
export function FilterList({
  facets,
  view,
}: {
  readonly facets: Facets;
  readonly view: ViewParameters;
}): JSX.Element {
  const messages = useMessages();
  const t = messages.search;
  return (
    <Block title={t.filters} id="filters" aside={<a href={addressOf({ q: view.q })}>{t.clear}</a>}>
      {facets.map(({ facet, values }) => (
        <section key={facet} class="facet" aria-labelledby={`facet-${facet}`}>
          <h3 id={`facet-${facet}`}>{t.facets[facet]}</h3>
          <ul>
            {values.map(({ value, count, chosen }) => (
              <li key={value}>
                <a href={addressOf(toggled(view, facet, value))} aria-current={chosen ? 'true' : undefined}>
                  {textOf(messages, facet, value)}
                </a>{' '}
                <span class="muted">{messages.words.count(count)}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Block>
  );
}
