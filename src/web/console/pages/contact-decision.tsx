import type { JSX } from 'preact';
import type { ContactChange } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Block, Facts, Sub, Table } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Empty, Field, Select } from '../../shared/more-components.tsx';
import { Time } from '../../shared/times.tsx';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { METHODS, Reasons } from './contact-form-view.tsx';
import { contactChangePath, fieldsOf, fieldText } from './contact-parts.tsx';
import { Question } from './question.tsx';

const REVIEW = '/console/review';

/** Changes of contacts that wait for an administrator. */
export function ContactQueue({ items, now }: { readonly items: readonly ContactChange[]; readonly now: number }): JSX.Element {
  const { contacts: t, words } = useMessages();
  return (
    <Block title={t.changesToDecide} raw aside={<p>{t.changeCount(items.length)}</p>}>
      {items.length === 0 ? (
        <Empty title={t.noChangeIsWaiting}>{t.changesAppear}</Empty>
      ) : (
        <Table
          caption={t.changesToDecide}
          columns={[{ title: t.contact }, { title: t.change }, { title: t.by }, { title: t.waiting, class: 'num nw' }]}
          rows={items.map((change) => ({
            key: change.id,
            cells: [
              <>
                <a href={contactChangePath(change.id)}>{change.label}</a>
                <Sub>{change.team}</Sub>
              </>,
              <>
                {t.changeKinds[change.kind]}
                {change.night ? <Sub>{t.atNight}</Sub> : undefined}
              </>,
              change.by,
              <Time at={change.at}>{words.since(change.at, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

async function changeOf({ ask, path }: PageContext): Promise<ContactChange> {
  const found = (await ask('listContactChanges', { query: { state: 'pending', limit: '1000' } })).items.find(
    ({ id }) => id === path['change'],
  );
  if (found === undefined) throw webErrors.noPage();
  return found;
}

/** The decision on a change of a contact, field by field. */
export const contactChangePage: ConsolePage = {
  path: '/review/contacts/:change',
  title: (m) => m.contacts.decideOnAChange,
  needs: 'decideContactChange',
  show: async (context, form) => {
    const change = await changeOf(context);
    const t = context.messages.contacts;
    const names = fieldsOf(change);
    return (
      <Question title={t.changeOf(change.label)} above={[REVIEW, t.review]} heading={t.changesByField} form={form} action={t.saveTheDecision} keep={t.decideLater}>
        <>
          <div class="in">
            <Facts items={[[t.member, change.team], [t.by, change.by], [t.when, <Time at={change.at} />], [t.change, t.changeKinds[change.kind]], [t.noteOptional, change.note]]} />
            {change.night ? <p>{t.checkAnotherWay}</p> : undefined}
          </div>
          <Table
            caption={t.changesByField}
            columns={[{ title: t.field }, { title: t.now }, { title: t.asked }, ...(change.kind === 'update' ? [{ title: t.accept }] : [])]}
            rows={names.map((name) => ({
              key: name,
              cells: [
                t.fields[name],
                fieldText(change.before[name], t),
                fieldText(change.after[name], t),
                <label class="opt">
                  <input type="checkbox" name={`accept-${name}`} value="yes" checked={form.fault === undefined || form.field(`accept-${name}`) === 'yes'} />
                  {t.acceptField(t.fields[name])}
                </label>,
              ],
            }))}
          />
          <div class="in">
            <Field name="verdict" label={t.yourDecision}>
              {(described) => <Select described={described} options={[['', t.choose], ['accept', t.accept], ['decline', t.decline]]} value={form.field('verdict') ?? ''} />}
            </Field>
            <Reasons form={form} decides />
          </div>
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const t = context.messages.contacts;
    const verdict = (['accept', 'decline'] as const).find((one) => one === form.field('verdict'));
    if (verdict === undefined) throw webErrors.invalidInput({ description: t.chooseADecision });
    const change = await changeOf(context);
    const fields = fieldsOf(change).filter((name) => form.field(`accept-${name}`) === 'yes');
    if (verdict === 'accept' && change.kind === 'update' && fields.length === 0) throw webErrors.invalidInput({ description: t.chooseAField });
    const method = METHODS.find((one) => one === form.field('method'));
    const note = form.field('note');
    await context.ask('decideContactChange', {
      parameters: { change: change.id },
      body: {
        verdict,
        ...(verdict === 'accept' && change.kind === 'update' ? { fields } : {}),
        ...(method === undefined ? {} : { method }),
        ...(note === undefined ? {} : { note }),
      },
    });
    return `${REVIEW}?done=contact-${verdict}`;
  },
}; // prettier-ignore
