import type { JSX } from 'preact';
import type { DeliveryLog, Members } from '../../../api/schema-types.ts';
import { Block, St, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { Field, Select } from '../../shared/more-components.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

type Delivery = DeliveryLog['items'][number];

const STATES: Readonly<Record<Delivery['state'], StateKind>> = {
  available: 'wait',
  announced: 'half',
  delivered: 'ok',
  opened: 'ok',
  acknowledged: 'ok',
  'not-ours': 'off',
  'false-positive': 'warn',
};

/** The state of a delivery in words. */
function DeliveryState({ state }: { readonly state: Delivery['state'] }): JSX.Element {
  return <St kind={STATES[state]}>{useMessages().objectDeliveries.states[state]}</St>;
}

/** The members that received an object. Officers explain only their own member. */
export function DeliveriesBlock({
  id,
  log,
  members,
}: {
  readonly id: string;
  readonly log: DeliveryLog['items'];
  readonly members: Members['items'];
}): JSX.Element {
  const t = useMessages().objectDeliveries;
  const has = log.filter(({ state }) => state !== 'available').length;
  return (
    <Block
      title={t.deliveries}
      aside={<p>{t.ofMemberReceivedIt(has, log.length)}</p>}
      raw
      foot={<WhyForm id={id} members={members} />}
    >
      {log.length === 0 ? (
        <div class="in">
          <p>{t.noMemberCanRead}</p>
        </div>
      ) : (
        <Table
          caption={t.deliveriesOfThisObject}
          columns={[{ title: t.member }, { title: t.state, bare: true }]}
          rows={log.map((item) => ({
            key: `${item.member} ${item.where}`,
            cells: [
              <>
                {item.member}
                {item.note === undefined ? undefined : <Sub>{item.note}</Sub>}
              </>,
              <>
                <DeliveryState state={item.state} />
                <Sub>
                  <Time at={item.answered ?? item.opened ?? item.available} />
                </Sub>
                {item.overdue === true ? <Sub>{t.acknowledgementOverdue}</Sub> : undefined}
                {item.overdue !== true && item.due !== undefined && item.answered === undefined ? (
                  <Sub>{t.acknowledgeBy(<Time at={item.due} />)}</Sub>
                ) : undefined}
              </>,
            ],
          }))}
        />
      )}
    </Block>
  );
}

/** The question why a member has or has not received the object. */
function WhyForm({ id, members }: { readonly id: string; readonly members: Members['items'] }): JSX.Element {
  const t = useMessages().objectDeliveries;
  if (members.length === 0) return <></>;
  return (
    <form action={`${objectPath(id)}/why`}>
      <Field name="member" label={t.whyDidAMember}>
        {(described) => (
          <Select
            described={described}
            options={members.map(({ name, title }) => [name, title])}
            value={members[0]?.name ?? ''}
          />
        )}
      </Field>
      <div class="acts">
        <button class="btn s">{t.explain}</button>
      </div>
    </form>
  );
}
