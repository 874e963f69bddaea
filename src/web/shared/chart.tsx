import type { JSX } from 'preact';
import { Table } from './components.tsx';
import { useMessages } from './messages/messages.ts';
import { Details } from './more-components.tsx';

/** The numbers of one source in a chart, one for each column. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** The style sheet has four fills, from dark to light, so that the chart can be read without colours. */
const MOST_SERIES = 4;
const WIDTH = 680;
const LEFT = 58;
const HEIGHT = 190;
const TOP = 24;
/** Number of lines of the scale. */
const LINES = 4;
/** Every second column has a label; on narrow screens, every fourth. */
const LABEL_EVERY = 2;

/**
 * Stacked columns, one for each day (YYYY-MM-DD), with their legend and their numbers. `label` is what the chart shows, in one sentence, for people who do
 * not see it.
 */
export function Columns({
  label,
  days: columns,
  series,
}: {
  readonly label: string;
  readonly days: readonly string[];
  readonly series: readonly Series[];
}): JSX.Element {
  const { chart: t, words } = useMessages();
  const shown = series.slice(0, MOST_SERIES);
  const totals = columns.map((_, i) => shown.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const step = stepFor(Math.max(...totals, LINES));
  const top = step * LINES;
  const y = (value: number): number => Math.round((HEIGHT - (value / top) * (HEIGHT - TOP)) * 10) / 10;
  const width = (WIDTH - LEFT - 6) / Math.max(columns.length, 1);
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT + 30}`} role="img" aria-label={label}>
        {Array.from({ length: LINES }, (_, i) => (i + 1) * step).map((value) => (
          <g key={value}>
            <path class="ax" d={`M${LEFT} ${y(value)}H${WIDTH - 6}`} />
            <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {words.count(value)}
            </text>
          </g>
        ))}
        <path class="base" d={`M${LEFT} ${HEIGHT}H${WIDTH - 6}`} />
        {columns.map((column, i) => {
          const x = Math.round((LEFT + i * width + 3) * 10) / 10;
          const w = Math.round((width - 6) * 10) / 10;
          return (
            <g key={column}>
              {stacked(shown, i).map(({ from, to }, j) =>
                y(from) - y(to) > 1 ? (
                  <path class={`k${MOST_SERIES - j}`} d={`M${x} ${y(to)}h${w}V${y(from) - 1}h-${w}z`} />
                ) : undefined,
              )}
              {i % LABEL_EVERY === 0 ? (
                <text x={x + w / 2} y={HEIGHT + 22} text-anchor="middle" class={i % (2 * LABEL_EVERY) === 0 ? undefined : 'alt'}>
                  {column.slice(5)}
                </text>
              ) : undefined}
            </g>
          );
        })}
      </svg>
      <Details summary={t.numbers}>
        <Table
          caption={label}
          columns={[{ title: t.day }, ...shown.map(({ name }) => ({ title: name, class: 'num' })), { title: t.total, class: 'num' }]}
          rows={columns.map((column, i) => ({
            key: column,
            cells: [column, ...shown.map(({ values }) => words.count(values[i] ?? 0)), words.count(totals[i] ?? 0)],
          }))}
        />
      </Details>
    </>
  );
} // prettier-ignore

/** The names of the series with their fills. */
export function Legend({ names }: { readonly names: readonly string[] }): JSX.Element {
  return (
    <p class="legend">
      {names.slice(0, MOST_SERIES).map((name, j) => (
        <span key={name}>
          <svg class="i" viewBox="0 0 10 10" aria-hidden="true">
            <path class={`k${MOST_SERIES - j}`} d="M0 0h10v10H0z" />
          </svg>
          {name}
        </span>
      ))}
    </p>
  );
}

function stacked(series: readonly Series[], column: number): readonly { from: number; to: number }[] {
  let sum = 0;
  return series.map(({ values }) => {
    const from = sum;
    sum += values[column] ?? 0;
    return { from, to: sum };
  });
}

/** Returns a round step with which the lines of the scale reach the highest column. */
function stepFor(highest: number): number {
  const least = highest / LINES;
  const power = 10 ** Math.floor(Math.log10(least));
  return (
    ([1, 2, 2.5, 5, 10].find((one) => one * power >= least && Number.isInteger(one * power)) ?? 10) * power
  );
}
