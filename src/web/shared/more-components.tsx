import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './components.tsx';
import { useMessages } from './messages/messages.ts';

/** Attributes that connect a control with its hint and its error. */
export interface Described {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: 'true';
}

/** A control with its label above, then its hint, then its error. */
export function Field({
  name,
  label,
  hint,
  error,
  children,
}: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly children: (described: Described) => JSX.Element;
}): JSX.Element {
  const ids = [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`].filter(
    (id) => id !== '',
  );
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint === undefined ? undefined : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {error === undefined ? undefined : (
        <p class="err" id={`${name}-error`}>
          <Icon name="bad" /> {error}
        </p>
      )}
      {children({
        id: name,
        name,
        ...(ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }),
        ...(error === undefined ? {} : { 'aria-invalid': 'true' as const }),
      })}
    </div>
  );
}

/** Options of which one is chosen. */
export function Select({
  described,
  options,
  value,
}: {
  readonly described: Described;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: string;
}): JSX.Element {
  return (
    <select {...described}>
      {options.map(([option, text]) => (
        <option key={option} value={option} selected={option === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Parts of one subject, each with an address of its own. */
export function Tabs({
  label,
  items,
}: {
  readonly label: string;
  readonly items: readonly { readonly text: string; readonly href: string; readonly isCurrent: boolean }[];
}): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {items.map(({ text, href, isCurrent }) => (
          <li key={href}>
            <a href={href} aria-current={isCurrent ? 'page' : undefined}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A text in which every character counts. It can be scrolled with the keyboard. */
export function Code({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <pre class="code" data-copy="" tabIndex={0} role="region" aria-label={label}>
      {text.split(/(\S+)/).map((part) => (isShortWord(part) ? <span class="word">{part}</span> : part))}
    </pre>
  );
}

/** A word that fits on the narrowest screen. A browser would break it after a hyphen, which looks like a space. */
function isShortWord(part: string): boolean {
  return part.length <= 24 && part.includes('-');
}

/** A part that few readers need. Nothing that is needed to decide belongs here. */
export function Details({
  summary,
  isOpen = false,
  children,
}: {
  readonly summary: string;
  readonly isOpen?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <details open={isOpen}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}

/** The link to the next page of a list. */
export function Pager({
  note,
  next,
}: {
  readonly note: string;
  readonly next: string | undefined;
}): JSX.Element {
  const t = useMessages().components;
  return (
    <nav class="acts" aria-label={t.pages}>
      <span class="small muted">{note}</span>
      {next === undefined ? undefined : (
        <a class="btn s" href={next}>
          {t.nextPage}
          <Icon name="next" />
        </a>
      )}
    </nav>
  );
}

/** A list without rows: what fills it, and the first step. */
export function Empty({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <use href="#atoll" />
      </svg>
      <p>
        <strong>{title}</strong>
      </p>
      <p class="muted">{children}</p>
      {actions === undefined ? undefined : <div class="acts">{actions}</div>}
    </div>
  );
}

/** An entry of a timeline. */
export interface TimelineItem {
  readonly key: string;
  readonly note: ComponentChildren;
  readonly text: ComponentChildren;
  readonly isCurrent?: boolean;
}

/** Entries in the order of their times. */
export function Timeline({ items }: { readonly items: readonly TimelineItem[] }): JSX.Element {
  return (
    <ol class="time">
      {items.map(({ key, note, text, isCurrent }) => (
        <li key={key} class={isCurrent === true ? 'me' : undefined}>
          <p class="sub">{note}</p>
          <p>{text}</p>
        </li>
      ))}
    </ol>
  );
}

/** The result of a run: on time, with warnings, failed, or nothing new. */
export type Tick = 'ok' | 'warn' | 'bad' | 'none';

const TICK: Readonly<Record<Tick, readonly [look: string, shape: string]>> = {
  ok: ['k3', '8h4.4v9h-4.4z'],
  warn: ['kw', '4h4.4v13h-4.4z'],
  bad: ['kb', '0h4.4v20h-4.4z'],
  none: ['k0', '15h4.4v2h-4.4z'],
};

/** A row of runs, oldest first. The height differs as well as the colour. */
export function Ticks({
  runs,
  title,
}: {
  readonly runs: readonly Tick[];
  readonly title: string;
}): JSX.Element {
  return (
    <svg class="ticks" viewBox={`0 0 ${Math.max(1, runs.length) * 6} 20`} role="img" aria-label={title}>
      {runs.map((run, i) => (
        <path key={i} class={TICK[run][0]} d={`M${i * 6} ${TICK[run][1]}`} />
      ))}
    </svg>
  );
}

/** Work on the left, facts on the right. Below each other on narrow screens. */
export function Two({
  left,
  right,
}: {
  readonly left: ComponentChildren;
  readonly right: ComponentChildren;
}): JSX.Element {
  return (
    <div class="grid two">
      <div class="flow">{left}</div>
      <div class="flow">{right}</div>
    </div>
  );
}
