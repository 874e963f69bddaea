import type { ComponentChildren, JSX } from 'preact';
import type { CheckedValue, CheckedValues } from '../../../api/schema-types.ts';
import { pastedValues, type PastedValue } from '../../../stix/values/pasted-values.ts';
import { webErrors } from '../../errors.ts';
import { Block, State, St, Table, TlpLabel, type StateKind } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Field } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { Day } from '../../shared/times.tsx';
import { csvText } from '../../../kernel/csv-text.ts';
import type { ConsolePage, Download, Form, PageContext } from '../page-table.ts';
import { objectPath } from './object-state.tsx';

/** Maximum number of values of one check. */
const MOST = 1_000;

type Verdict = CheckedValue['verdict'];

/** The verdicts in the order in which people act on them, and how they look. */
const KINDS = {
  active: 'bad',
  suppressed: 'off',
  'warning-list': 'ok',
  'own-network': 'info',
  pending: 'wait',
  expired: 'off',
  withdrawn: 'off',
  unknown: 'none',
  invalid: 'warn',
} as const satisfies Readonly<Record<Verdict, StateKind>>;
const ORDER = Object.keys(KINDS) as readonly Verdict[];

/** The values of a form, with the verdicts on them. */
interface Checked {
  readonly pasted: readonly PastedValue[];
  readonly checked: CheckedValues;
}

/** Answers for many pasted values at once what the hub knows about each of them. */
export const checkValuesPage: ConsolePage = {
  path: '/search/many',
  title: (m) => m.check.title,
  needs: 'checkValues',
  show: (_context, form) => Promise.resolve(<CheckView form={form} result={undefined} />),
  act: async (context, form) => {
    const result = await checkedOf(context, form);
    return form.field('do') === 'csv' ? fileOf(result) : <CheckView form={form} result={result} />;
  },
};

async function checkedOf({ ask, messages: { check: t } }: PageContext, form: Form): Promise<Checked> {
  const pasted = pastedValues(form.field('values') ?? '');
  if (pasted.length === 0) throw webErrors.invalidInput({ description: t.noValue });
  if (pasted.length > MOST) throw webErrors.invalidInput({ description: t.tooMany(MOST, pasted.length) });
  return { pasted, checked: await ask('checkValues', { body: { values: pasted.map(({ text }) => text) } }) };
}

function fileOf({ pasted, checked: { items } }: Checked): Download {
  const head = ['line', 'input', 'type', 'value', 'verdict', 'state', 'through', 'tlp', 'confidence', 'sources', 'last_seen', 'valid_until', 'collections', 'object', 'warning_lists', 'owners']; // prettier-ignore
  const rows = items.map(({ input, type, value, verdict, found, warning_lists: lists = [], owners = [] }, i) =>
    [
      pasted[i]?.line, input, type, value, verdict, found?.state, found?.through, found?.tlp, found?.confidence, found?.sources, found?.last_seen,
      found?.valid_until, found?.collections.join(' '), found?.object, lists.join('; '), owners.map(({ member }) => member).join(' '),
    ].map((cell) => String(cell ?? '')),
  ); // prettier-ignore
  return { name: 'verdicts.csv', type: 'text/csv; charset=utf-8', text: csvText([head, ...rows]) };
}

function CheckView({
  form,
  result,
}: {
  readonly form: Form;
  readonly result: Checked | undefined;
}): JSX.Element {
  const t = useMessages().check;
  const written = form.field('values') ?? '';
  return (
    <Screen title={t.title} crumb={['/console/search', t.search]}>
      {result === undefined ? undefined : (
        <Sum items={result.checked.items} isWhole={result.checked.complete} />
      )}
      <div class={result === undefined ? 'flow' : 'grid two'}>
        {result === undefined ? undefined : <Verdicts result={result} written={written} />}
        <form method="post" class={result === undefined ? 'narrow' : undefined}>
          <Block title={t.values}>
            <Field name="values" label={t.field} hint={t.hint(MOST)} error={form.fault}>
              {(described) => (
                <textarea {...described} rows={10} class="mono" spellcheck={false} required>
                  {written}
                </textarea>
              )}
            </Field>
            <div class="acts">
              <button class="btn go">{t.button}</button>
            </div>
            <p class="small muted">{t.stays}</p>
          </Block>
        </form>
      </div>
    </Screen>
  );
}

/** How many values have which verdict. */
function Sum({
  items,
  isWhole,
}: {
  readonly items: CheckedValues['items'];
  readonly isWhole: boolean;
}): JSX.Element {
  const t = useMessages().check;
  const count = (verdict: Verdict): number => items.filter((item) => item.verdict === verdict).length;
  const active = count('active');
  const others = ORDER.filter((verdict) => verdict !== 'active' && count(verdict) > 0)
    .map((verdict) => t.tally(count(verdict), t.tallies[verdict]))
    .join(', ');
  return (
    <State kind={active > 0 ? 'bad' : 'info'} live="status">
      <strong>{active > 0 ? t.active(active, items.length) : t.noneActive(items.length)}</strong>
      {others === '' ? '' : ` ${others.charAt(0).toUpperCase()}${others.slice(1)}.`}
      {isWhole ? '' : ` ${t.incomplete}`}
    </State>
  );
}

function Verdicts({
  result: { pasted, checked },
  written,
}: {
  readonly result: Checked;
  readonly written: string;
}): JSX.Element {
  const t = useMessages().check;
  const rows = checked.items
    .map((item, i) => ({ item, line: pasted[i]?.line ?? 0, key: String(i) }))
    .toSorted((a, b) => ORDER.indexOf(a.item.verdict) - ORDER.indexOf(b.item.verdict));
  return (
    <Block
      title={t.heading}
      raw
      aside={
        <form method="post">
          <input type="hidden" name="values" value={written} />
          <button class="btn s" name="do" value="csv">
            {t.exportView}
          </button>
        </form>
      }
    >
      <Table
        caption={t.caption}
        columns={[
          { title: t.columns.value, class: 'lead' },
          { title: t.columns.verdict, bare: true },
          { title: t.columns.why, class: 'full' },
          { title: t.columns.marking, class: 'nw', bare: true },
        ]}
        rows={rows.map(({ item, line, key }) => ({
          key,
          cells: [
            <Value item={item} />,
            <St kind={KINDS[item.verdict]}>{t.verdicts[item.verdict]}</St>,
            <Why item={item} line={line} />,
            item.found === undefined ? undefined : <TlpLabel level={item.found.tlp} />,
          ],
        }))}
      />
    </Block>
  );
}

function Value({ item: { input, value, found } }: { readonly item: CheckedValue }): JSX.Element {
  const text = value ?? input;
  return found === undefined ? (
    <span class="mono">{text}</span>
  ) : (
    <a class="mono" href={objectPath(found.object)}>
      {text}
    </a>
  );
}

/** Why a value has its verdict, and what else the hub knows about it. */
function Why({ item, line }: { readonly item: CheckedValue; readonly line: number }): JSX.Element {
  const t = useMessages().check.why;
  const { verdict, found, warning_lists: lists = [], owners = [] } = item;
  const parts: ComponentChildren[] = [];
  if (verdict === 'invalid') parts.push(t.invalid(line));
  if (verdict === 'suppressed' || verdict === 'unknown') parts.push(t[verdict]);
  if (found?.through !== undefined) parts.push(t.through(found.through));
  if (found?.state === 'active') parts.push(t.active(found.sources, <Day at={found.valid_until} />));
  if (found?.state === 'expired') parts.push(t.expired(<Day at={found.valid_until} />));
  if (found?.state === 'pending' || found?.state === 'withdrawn') parts.push(t[found.state]);
  if (lists.length > 0) parts.push(t.lists(lists.join(', ')));
  for (const { claim, member } of owners) parts.push(t.owner(claim, member));
  return <>{parts.map((part, i) => [i === 0 ? '' : ' ', part])}</>;
}
