import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Tlp } from '../../../stix/markings.ts';
import { Acts, Block, Btn, Facts, List, St, State, Sub, Table, TlpLabel } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { objectPath } from '../pages/object-state.tsx';
import { UNDO_MS, storedIn, type KeptReceipt } from '../publish-receipt.ts';
import { OutcomeState } from './publish-check.tsx';
import { Day, Time } from '../../shared/times.tsx';
import { ReaderContext } from '../../shared/reader.ts';

/** How many of the indicators a member has received. */
export interface HasShown {
  readonly member: string;
  readonly received: number;
  /** When the last one was received. */
  readonly at: string | undefined;
}

/** The result of an undo: the number of revoked objects, and the others with the reason. */
export interface Undone {
  readonly revoked: number;
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

/** The receipt: the stored objects, their deliveries, and the undo, which is possible for ten minutes. */
export function ReceiptPage({
  token,
  receipt,
  level,
  has,
  counted,
  undone,
  isRevoked,
  now,
}: {
  readonly token: string;
  readonly receipt: KeptReceipt;
  readonly level: Tlp;
  readonly has: readonly HasShown[];
  /** Number of indicators whose deliveries were counted. */
  readonly counted: number;
  readonly undone: Undone | undefined;
  /** The indicators were revoked before. */
  readonly isRevoked: boolean;
  readonly now: number;
}): JSX.Element {
  const t = useMessages();
  const published = receipt.items.filter(({ outcome }) => outcome === 'stored').length;
  const canUndo = !isRevoked && now < receipt.at + UNDO_MS && storedIn(receipt).length > 0;
  return (
    <Screen
      title={t.receipt.title(published, receipt.items.length)}
      crumb={['/console/publish', t.publish.title]}
      marking={level}
      prints
    >
      <span hidden data-sent="publish" />
      {undone === undefined ? (
        <OutState token={token} receipt={receipt} canUndo={canUndo} />
      ) : (
        <UndoneState undone={undone} />
      )}
      <Two
        left={
          <>
            <StoredBlock receipt={receipt} />
            {published === 0 ? undefined : <HasBlock has={has} counted={counted} all={published} />}
          </>
        }
        right={<AboutBlock token={token} receipt={receipt} level={level} />}
      />
    </Screen>
  );
}

/** Shows whether the indicators are published, and until when this can be undone. */
function OutState({
  token,
  receipt,
  canUndo,
}: {
  readonly token: string;
  readonly receipt: KeptReceipt;
  readonly canUndo: boolean;
}): JSX.Element {
  const t = useMessages().receipt;
  const { messages, zone } = useContext(ReaderContext);
  if (storedIn(receipt).length === 0)
    return (
      <State kind="warn" live="status">
        <strong>{t.nothingOut}</strong>
      </State>
    );
  const button = (
    <form method="post" action={`/console/publish/receipt/${token}`}>
      <Btn name="do" value="undo">
        {t.undo}
      </Btn>
    </form>
  );
  return (
    <State kind="ok" live="status" {...(canUndo ? { action: button } : {})}>
      <strong>{t.out(receipt.collection.title)}</strong>{' '}
      {canUndo ? t.undoUntil(messages.words.time(receipt.at + UNDO_MS, zone)) : t.undoOver}
    </State>
  );
}

function UndoneState({ undone: { revoked, failed } }: { readonly undone: Undone }): JSX.Element {
  const t = useMessages().receipt;
  return (
    <>
      <State kind={failed.length === 0 ? 'ok' : 'warn'} live="status">
        <strong>{t.undone(revoked)}</strong> {failed.length === 0 ? '' : t.notUndone(failed.length)}
      </State>
      {failed.length === 0 ? undefined : (
        <Block title={t.notUndone(failed.length)} raw>
          <List
            items={failed.map(({ id, message }) => ({
              key: id,
              kind: 'bad',
              text: <a href={objectPath(id)}>{id}</a>,
              note: message,
            }))}
          />
        </Block>
      )}
    </>
  );
}

function StoredBlock({ receipt }: { readonly receipt: KeptReceipt }): JSX.Element {
  const t = useMessages();
  const isLinked = (outcome: string): boolean =>
    receipt.collection.isReadable && (outcome === 'stored' || outcome === 'known');
  return (
    <Block title={t.receipt.stored} raw>
      <Table
        caption={t.receipt.stored}
        columns={[
          { title: t.receipt.value, class: 'lead' },
          { title: t.receipt.outcome, bare: true },
        ]}
        rows={receipt.items.map(({ id, outcome, name, notes }) => ({
          key: id,
          cells: [
            <>
              {isLinked(outcome) ? <a href={objectPath(id)}>{name}</a> : name}
              {notes.map((note) => (
                <Sub key={note}>{note}</Sub>
              ))}
            </>,
            <OutcomeState outcome={outcome} text={t.publish.outcomes[outcome]} />,
          ],
        }))}
      />
    </Block>
  );
}

function HasBlock({
  has,
  counted,
  all,
}: {
  readonly has: readonly HasShown[];
  readonly counted: number;
  readonly all: number;
}): JSX.Element {
  const t = useMessages().receipt;
  return (
    <Block title={t.whoHas} raw {...(counted < all ? { aside: <p>{t.first(counted)}</p> } : {})}>
      {has.length === 0 ? (
        <div class="in">
          <p>{t.nobody}</p>
        </div>
      ) : (
        <Table
          caption={t.whoHas}
          columns={[
            { title: t.has, class: 'lead' },
            { title: t.state, bare: true },
          ]}
          rows={has.map(({ member, received, at }) => ({
            key: member,
            cells: [
              member,
              received === 0 ? (
                <St kind="wait">{t.notRead}</St>
              ) : (
                <>
                  <St kind="ok">{t.received(received, counted)}</St>
                  {at === undefined ? undefined : (
                    <Sub>
                      <Time at={at} />
                    </Sub>
                  )}
                </>
              ),
            ],
          }))}
        />
      )}
    </Block>
  );
}

function AboutBlock({
  token,
  receipt,
  level,
}: {
  readonly token: string;
  readonly receipt: KeptReceipt;
  readonly level: Tlp;
}): JSX.Element {
  const t = useMessages().receipt;
  return (
    <Block title={t.next}>
      <Facts
        items={[
          [t.collection, receipt.collection.title],
          [t.marking, <TlpLabel level={level} />],
          [t.published, <Time at={new Date(receipt.at).toISOString()} />],
          [t.useUntil, <Day at={receipt.until} />],
        ]}
      />
      <Acts>
        <Btn look="go" href={`/console/publish?like=${token}`}>
          {t.another}
        </Btn>
        <Btn href="/console/publish">{t.more}</Btn>
      </Acts>
    </Block>
  );
}
