import type { JSX } from 'preact';
import type { DeliveryLog, Members } from '../../../api/schema-types.ts';
import { Block, St, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { Field, Select } from '../../shared/more-components.tsx';
import { counted } from '../../shared/words.ts';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';

type Delivery = DeliveryLog['items'][number];

const STATES: Readonly<Record<Delivery['state'], readonly [kind: StateKind, text: string]>> = {
  available: ['wait', 'Available, not read yet'],
  announced: ['half', 'Announced'],
  delivered: ['ok', 'Delivered'],
  opened: ['ok', 'Opened'],
  acknowledged: ['ok', 'Acknowledged'],
  'not-ours': ['off', 'Not ours'],
  'false-positive': ['warn', 'False positive'],
};

/** The state of a delivery in words. */
function DeliveryState({ state }: { readonly state: Delivery['state'] }): JSX.Element {
  const [kind, words] = STATES[state];
  return <St kind={kind}>{words}</St>;
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
  const has = log.filter(({ state }) => state !== 'available').length;
  return (
    <Block
      title="Deliveries"
      aside={<p>{`${has} of ${counted(log.length, 'member')} received it`}</p>}
      raw
      foot={<WhyForm id={id} members={members} />}
    >
      {log.length === 0 ? (
        <div class="in">
          <p>No member can read this object yet.</p>
        </div>
      ) : (
        <Table
          caption="Deliveries of this object"
          columns={[{ title: 'Member' }, { title: 'State', bare: true }]}
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
                {item.overdue === true ? <Sub>Acknowledgement overdue</Sub> : undefined}
                {item.overdue !== true && item.due !== undefined && item.answered === undefined ? (
                  <Sub>
                    Acknowledge by <Time at={item.due} />
                  </Sub>
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
  if (members.length === 0) return <></>;
  return (
    <form action={`${objectPath(id)}/why`}>
      <Field name="member" label="Why did a member receive it, or not?">
        {(described) => (
          <Select
            described={described}
            options={members.map(({ name, title }) => [name, title])}
            value={members[0]?.name ?? ''}
          />
        )}
      </Field>
      <div class="acts">
        <button class="btn s">Explain</button>
      </div>
    </form>
  );
}
