import type { ComponentChildren, JSX } from 'preact';
import type { Tlp } from '../../stix/markings.ts';
import type { SymbolName } from './symbols.ts';

/** The kinds of a state. Each has a symbol of its own, so that the colour is never the only difference. */
export type StateKind = 'ok' | 'warn' | 'bad' | 'info' | 'wait' | 'off' | 'none' | 'half';

const COLOUR: Readonly<Record<StateKind, string>> = {
  ok: 'ok',
  warn: 'warn',
  bad: 'bad',
  info: 'info',
  wait: 'info',
  half: 'info',
  off: 'off',
  none: 'off',
};

/** A symbol next to a text with the same meaning. */
export function Icon({ name, colour }: { readonly name: SymbolName; readonly colour?: string }): JSX.Element {
  return (
    <svg class={colour === undefined ? 'i' : `i ${colour}`} aria-hidden="true">
      <use href={`#${name}`} />
    </svg>
  );
}

/** A state in words, with its symbol and its colour. */
export function St({
  kind,
  children,
}: {
  readonly kind: StateKind;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <span class={`st ${COLOUR[kind]}`}>
      <Icon name={kind} />
      {children}
    </span>
  );
}

/** The label of a TLP level, in the colours of the standard. */
export function TlpLabel({ level }: { readonly level: Tlp }): JSX.Element {
  return <span class={`tlp tlp-${level.replace('+strict', '')}`}>{`TLP:${level.toUpperCase()}`}</span>;
}

/** A list of short labels. */
export function Tags({ items }: { readonly items: readonly string[] }): JSX.Element {
  return (
    <span class="tags">
      {items.map((item) => (
        <span key={item} class="tag">
          {item}
        </span>
      ))}
    </span>
  );
}

/** A second line below the main text of a cell or an item. */
export function Sub({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <span class="sub">{children}</span>;
}

/** Buttons and links in a row. */
export function Acts({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="acts">{children}</div>;
}

/** A button, or a link that looks like one. A form has at most one with `go`, whose text describes what happens. */
export function Btn({
  href,
  look,
  name,
  value,
  children,
}: {
  readonly href?: string;
  readonly look?: string;
  readonly name?: string;
  readonly value?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const classes = look === undefined ? 'btn' : `btn ${look}`;
  return href === undefined ? (
    <button class={classes} name={name} value={value}>
      {children}
    </button>
  ) : (
    <a class={classes} href={href}>
      {children}
    </a>
  );
}

/** One sentence about the subject of the page, and the best action. `live` is for answers to a form. */
export function State({
  kind,
  live,
  action,
  children,
}: {
  readonly kind: 'ok' | 'warn' | 'bad' | 'info';
  readonly live?: 'status' | 'alert';
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`state ${kind}`} role={live}>
      <Icon name={kind} />
      <div>
        <p>{children}</p>
      </div>
      {action}
    </div>
  );
}

/** A number with its meaning, and the page that lists what it counts. */
export interface Sounding {
  readonly title: string;
  readonly value: string;
  readonly note: ComponentChildren;
  readonly href?: string | undefined;
}

/** Three to five numbers. */
export function Soundings({ items }: { readonly items: readonly Sounding[] }): JSX.Element {
  return (
    <dl class="soundings">
      {items.map(({ title, value, note, href }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd class="n">{href === undefined ? value : <a href={href}>{value}</a>}</dd>
          <dd class="d">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A titled part of a page. `raw` is for a table or list that reaches the edges. */
export function Block({
  title,
  id = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  aside,
  foot,
  raw = false,
  children,
}: {
  readonly title: string;
  readonly id?: string;
  readonly aside?: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly raw?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="block" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {raw ? children : <div class="in">{children}</div>}
      {foot === undefined ? undefined : <footer>{foot}</footer>}
    </section>
  );
}

/** A column of a table. `bare` cells have no label on a phone, because their content explains itself. */
export interface Column {
  readonly title: string;
  readonly class?: string;
  readonly bare?: boolean;
}

/** A row: a cell for each column. The first one is the heading of the row. */
export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
  /** A box that selects the row: the name of its field, and its label. Either all rows of a table have one or none. */
  readonly box?: { readonly name: string; readonly label: string };
}

/** Rows with the same fields. Its rows become blocks on a phone. */
export function Table({
  caption,
  columns,
  rows,
}: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}): JSX.Element {
  return (
    <table class="stack">
      <caption class="vh">{caption}</caption>
      <thead>
        <tr>
          {rows.some(({ box }) => box !== undefined) ? <td class="sel" /> : undefined}
          {columns.map((column) => (
            <th key={column.title} scope="col" class={column.class}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells, box }) => (
          <tr key={key}>
            {box === undefined ? undefined : (
              <td class="sel">
                <label class="tick">
                  <span class="vh">{box.label}</span>
                  <input type="checkbox" name={box.name} value="1" />
                </label>
              </td>
            )}
            {columns.map((column, i) =>
              i === 0 ? (
                <th key={column.title} scope="row" class={column.class}>
                  {cells[i]}
                </th>
              ) : (
                <td
                  key={column.title}
                  class={column.class}
                  data-l={column.bare === true ? undefined : column.title}
                >
                  {cells[i]}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Names and values of one thing. Values that are undefined are left out. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [string, ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {items
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** An item of a list: its state, its text, and a second line. */
export interface ListItem {
  readonly key: string;
  readonly kind: StateKind;
  readonly text: ComponentChildren;
  readonly note?: ComponentChildren;
}

/** Items with a state. */
export function List({ items }: { readonly items: readonly ListItem[] }): JSX.Element {
  return (
    <ul class="list">
      {items.map(({ key, kind, text, note }) => (
        <li key={key}>
          <Icon name={kind} colour={COLOUR[kind]} />
          <div>
            <p>{text}</p>
            {note === undefined ? undefined : <p class="sub">{note}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
