import type { JSX } from 'preact';
import type { Extracted } from '../../../api/schema-types.ts';
import { isDoubtful } from '../../../sharing/extraction/doubt.ts';
import { Block, St, State } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Empty, Field } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { MOST_VALUES } from '../publish-form.ts';
import { objectPath } from '../pages/object-state.tsx';

type Item = Extracted['items'][number];

/** Maximum number of characters of a text that is shown whole, of a line otherwise, and of lines. */
const LONGEST_SHOWN = 20_000;
const LONGEST_LINE = 400;
const MOST_LINES = 100;
/** Maximum number of values that one document has. */
const MOST_OFFERED = 1_000;
const CHOICE = 'v';
/** The field with all values that were offered, one per line. */
const OFFERED = 'offered';

/** The part of the chosen values that a button is for, and the number of parts. */
const PART = 'part';
const PARTS = 'parts';

/** The name of the file in which the values were found. */
const FILE = 'name';

/** The values that a person has chosen on the page, and those that were offered. */
interface Chosen {
  readonly values: readonly string[];
  readonly offered: readonly string[];
  readonly name: string;
}

/** Returns the values that a person has chosen on the page. Undefined for another form. */
export function chosenIn(body: unknown): Chosen | undefined {
  if (typeof body !== 'object' || body === null || !(OFFERED in body)) return undefined;
  const fields = body as Readonly<Record<string, unknown>>;
  const textOf = (field: string): string => (typeof fields[field] === 'string' ? fields[field] : '');
  const offered = textOf(OFFERED)
    .split(/\r?\n/)
    .filter((value) => value !== '')
    .slice(0, MOST_OFFERED);
  const values = offered.filter((_value, i) => fields[`${CHOICE}${i}`] !== undefined);
  return {
    values: partOf(values, textOf(PART), textOf(PARTS)),
    offered,
    name: textOf(FILE),
  };
}

/**
 * Returns the part of the chosen values that a button is for. The last part has all others, because somebody can have
 * chosen more in the meantime. A part that is empty now is the last one that is not.
 */
function partOf(values: readonly string[], part: string, parts: string): readonly string[] {
  if (!/^\d{1,2}$/.test(part)) return values;
  const last = Math.max(0, Math.ceil(values.length / MOST_VALUES) - 1);
  const from = Math.min(Number(part), last);
  return values.slice(from * MOST_VALUES, Number(part) + 1 === Number(parts) ? undefined : (from + 1) * MOST_VALUES);
} // prettier-ignore

/** The page that finds values in a document. */
export function ExtractPage({
  written,
  name = '',
  fault,
  found,
}: {
  readonly written: string;
  readonly name?: string;
  readonly fault: string | undefined;
  readonly found?: Extracted;
}): JSX.Element {
  const t = useMessages().extract;
  return (
    <Screen title={t.title} note={found === undefined ? t.note : undefined}>
      {found === undefined ? (
        <DocumentFields written={written} fault={fault} />
      ) : (
        <Found found={found} name={name} fault={fault} />
      )}
    </Screen>
  );
}

function DocumentFields({
  written,
  fault,
}: {
  readonly written: string;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().extract;
  return (
    <form method="post" action="/console/extract" encType="multipart/form-data" class="narrow">
      <Block title={t.document}>
        <Field name="file" label={t.file} hint={t.fileHint} error={fault}>
          {(described) => (
            <input {...described} type="file" accept=".pdf,.docx,.html,.htm,.eml,.txt,.md,.csv" />
          )}
        </Field>
        <Field name="text" label={t.text} hint={t.textHint}>
          {(described) => (
            <textarea {...described} rows={12} spellcheck={false}>
              {written}
            </textarea>
          )}
        </Field>
        <div class="acts">
          <button class="btn go">{t.find}</button>
        </div>
        <p class="small muted">{t.stays}</p>
      </Block>
    </form>
  );
}

function Found({
  found,
  name,
  fault,
}: {
  readonly found: Extracted;
  readonly name: string;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().extract;
  const { items } = found;
  const chosen = new Set(items.filter((item) => !isDoubtful(item)));
  if (items.length === 0)
    return (
      <>
        <Source found={found} name={name} />
        <Block title={t.values} raw>
          <Empty title={t.none}>{t.noneText}</Empty>
        </Block>
        <Text found={found} />
      </>
    );
  return (
    <>
      <Source found={found} name={name} />
      {fault === undefined ? undefined : (
        <State kind="bad" live="alert">
          <strong>{fault}</strong>
        </State>
      )}
      <Sum found={found} chosen={chosen.size} />
      <form method="post" action="/console/extract">
        <input
          type="hidden"
          name={OFFERED}
          value={items.map(({ check }) => check.value ?? check.input).join('\n')}
        />
        <input type="hidden" name={FILE} value={name} />
        <div class="grid even">
          {found.text === '' ? undefined : (
            <div class="flow">
              <Text found={found} />
            </div>
          )}
          <Block title={t.values} raw>
            <ul class="list found">
              {items.map((item, i) => (
                <Value key={item.start} item={item} number={i} isChosen={chosen.has(item)} />
              ))}
            </ul>
          </Block>
        </div>
        <div class="dock acts">
          <PublishButtons chosen={chosen.size} />
        </div>
      </form>
    </>
  );
}

/** One button, or one for each part of more values than can be published at once. Parts open in new tabs. */
function PublishButtons({ chosen }: { readonly chosen: number }): JSX.Element {
  const t = useMessages().extract;
  const parts = Math.ceil(chosen / MOST_VALUES);
  if (parts <= 1) return <button class="btn go">{t.publish}</button>;
  return (
    <>
      <input type="hidden" name={PARTS} value={parts} />
      {Array.from({ length: parts }, (_none, i) => (
        <button key={i} class="btn go" name={PART} value={i} formTarget="_blank">
          {t.publishPart(i * MOST_VALUES + 1, Math.min((i + 1) * MOST_VALUES, chosen))}
        </button>
      ))}
    </>
  );
}

/** The document that was read, and the way to another one. */
function Source({ found, name }: { readonly found: Extracted; readonly name: string }): JSX.Element {
  const t = useMessages().extract;
  const file = found.text === '' ? name : t.fileRead(name, t.formats[found.format], found.pages);
  return (
    <p class="small muted">
      {name === '' ? t.pasted : file} <a href="/console/extract">{t.another}</a>
    </p>
  );
}

/** How many values were found and chosen, and why others were not. */
function Sum({ found, chosen }: { readonly found: Extracted; readonly chosen: number }): JSX.Element {
  const t = useMessages().extract;
  const { items } = found;
  const doubtful = items.filter(isDoubtful).length;
  const notes = [
    ...(doubtful === 0 ? [] : [t.doubtful(doubtful)]),
    ...(items.length - doubtful > MOST_VALUES ? [t.mostChosen(MOST_VALUES)] : []),
    ...(found.cut ? [t.cut] : []),
    ...(found.more ? [t.more] : []),
    ...(found.complete ? [] : [t.incomplete]),
  ];
  return (
    <State kind={doubtful === 0 ? 'info' : 'warn'} live="status">
      <strong>{t.sum(items.length, chosen)}</strong>
      {notes.map((note) => ` ${note}`)}
    </State>
  );
}

/** A value with the box that chooses it, and what the hub knows about it. */
function Value({
  item,
  number,
  isChosen,
}: {
  readonly item: Item;
  readonly number: number;
  readonly isChosen: boolean;
}): JSX.Element {
  const { extract: t, check: c } = useMessages();
  const { written, check, fault } = item;
  const { value = check.input, verdict, found, warning_lists: lists = [], owners = [] } = check;
  const why = [
    ...(lists.length === 0 ? [] : [c.why.lists(lists.join(', '))]),
    ...owners.map(({ claim, member }) => c.why.owner(claim, member)),
    ...(fault === undefined ? [] : [t.unpublishable(fault)]),
  ].join(' ');
  const state = c.verdicts[verdict];
  return (
    <li id={`e${number}`}>
      <label class="opt">
        <input type="checkbox" name={`${CHOICE}${number}`} value="1" checked={isChosen} />
        <span>
          <span class="mono">{value}</span>
          {written === value ? undefined : <span class="sub">{t.written(written)}</span>}
          {why === '' ? undefined : <span class="sub">{why}</span>}
        </span>
      </label>
      <span class="small">
        {found !== undefined ? (
          <a href={objectPath(found.object)}>{state}</a>
        ) : fault === undefined && isDoubtful(item) ? (
          <St kind="warn">{state}</St>
        ) : (
          state
        )}
      </span>
    </li>
  );
}

/** The text with its values marked. Of a long text, only the lines with values. */
function Text({ found: { text, items } }: { readonly found: Extracted }): JSX.Element {
  const t = useMessages().extract;
  const isWhole = text.length <= LONGEST_SHOWN;
  const lines = linesOf(text, items);
  const withValues = lines.filter((line) => line.items.length > 0);
  const shown = isWhole ? lines : withValues.slice(0, MOST_LINES);
  return (
    <Block title={isWhole ? t.textTitle : t.linesTitle}>
      <div class="prose">
        {shown.map((line) => (
          <p key={line.start}>{marked(text, line)}</p>
        ))}
        {isWhole || withValues.length <= MOST_LINES ? undefined : (
          <p class="muted">{t.moreLines(withValues.length - MOST_LINES)}</p>
        )}
      </div>
    </Block>
  );
}

/** A line of the text, and the values in it with their numbers. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly items: readonly { readonly item: Item; readonly number: number }[];
}

function linesOf(text: string, items: readonly Item[]): readonly Line[] {
  const lines: Line[] = [];
  let next = 0;
  let start = 0;
  for (const written of text.split('\n')) {
    const end = start + written.length;
    const here: { item: Item; number: number }[] = [];
    for (let item = items[next]; item !== undefined && item.start < end; item = items[++next])
      if (item.start >= start) here.push({ item, number: next });
    if (written.trim() !== '') lines.push({ start, end, items: here });
    start = end + 1;
  }
  return lines;
}

/** Returns a line as text and marks. A long line begins and ends near its values. */
function marked(text: string, { start, end, items }: Line): readonly (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = [];
  let at = Math.max(start, (items[0]?.item.start ?? start) - LONGEST_LINE);
  if (at > start) parts.push('… ');
  for (const { item, number } of items) {
    parts.push(text.slice(at, item.start));
    parts.push(
      <mark key={number} class={isDoubtful(item) ? 'no' : undefined}>
        <a href={`#e${number}`}>{item.written}</a>
      </mark>,
    );
    at = item.end;
  }
  const last = Math.min(end, at + LONGEST_LINE * (items.length === 0 ? 10 : 1));
  parts.push(text.slice(at, last));
  if (last < end) parts.push(' …');
  return parts;
}
