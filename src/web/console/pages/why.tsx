import type { JSX } from 'preact';
import type { Why } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Block, List, State } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { objectPath } from './object-state.tsx';

const ANSWERS: Readonly<Record<Why['answer'], readonly [kind: 'ok' | 'info' | 'warn', text: string]>> = {
  received: ['ok', 'received it.'],
  available: ['info', 'can read it, and has not read it yet.'],
  no: ['warn', 'does not have it.'],
};

/** The explanation of a delivery: whether a member has an object, and why. */
export const whyPage: ConsolePage = {
  path: '/o/:id/why',
  title: 'Explain a delivery',
  needs: 'explainDelivery',
  show: async ({ ask, path, query }) => {
    const member = query('member');
    if (member === undefined) throw webErrors.noPage();
    return <WhyView why={await ask('explainDelivery', { query: { object: path['id'], member } })} />;
  },
};

function WhyView({ why: { object, member, answer, reasons } }: { readonly why: Why }): JSX.Element {
  const [kind, words] = ANSWERS[answer];
  return (
    <Screen title="Explain a delivery" crumb={[objectPath(object), 'The object']}>
      <State kind={kind}>
        <strong>{`${member} ${words}`}</strong>
      </State>
      <Block title="Reasons" raw>
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
