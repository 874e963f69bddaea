import type { JSX } from 'preact';
import type { Why } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Block, List, State } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { objectPath } from './object-state.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

const ANSWERS: Readonly<Record<Why['answer'], 'ok' | 'info' | 'warn'>> = {
  received: 'ok',
  available: 'info',
  no: 'warn',
};

/** The explanation of a delivery: whether a member has an object, and why. */
export const whyPage: ConsolePage = {
  path: '/o/:id/why',
  title: (m) => m.why.explainADelivery,
  needs: 'explainDelivery',
  show: async ({ ask, path, query }) => {
    const member = query('member');
    if (member === undefined) throw webErrors.noPage();
    return <WhyView why={await ask('explainDelivery', { query: { object: path['id'], member } })} />;
  },
};

function WhyView({ why: { object, member, answer, reasons } }: { readonly why: Why }): JSX.Element {
  const t = useMessages().why;
  return (
    <Screen title={t.explainADelivery} crumb={[objectPath(object), t.theObject]}>
      <State kind={ANSWERS[answer]}>
        <strong>{t.answers[answer](member)}</strong>
      </State>
      <Block title={t.reasons} raw>
        <List
          items={reasons.map(({ code, message, next_step: next }, i) => ({
            key: `${code} ${i}`,
            kind: answer === 'no' ? 'info' : 'ok',
            text: message,
            ...(next === undefined ? {} : { note: next }),
          }))}
        />
      </Block>
    </Screen>
  );
}
