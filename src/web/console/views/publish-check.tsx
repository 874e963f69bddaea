import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import {
  Block,
  List,
  St,
  Sub,
  Table,
  Tags,
  type ListItem,
  type StateKind,
} from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Code, Details } from '../../shared/more-components.tsx';
import { objectPath } from '../pages/object-state.tsx';
import { ReaderContext } from '../../shared/reader.ts';

/** Number of members that are named at once. The others are in the list that opens. */
const MOST_NAMED = 12;

/** The outcome of a value. */
export type Outcome = 'stored' | 'known' | 'held' | 'refused' | 'pending';

/** A value and its outcome. */
export interface ValueShown {
  /** Kind and canonical form. */
  readonly kind: string;
  readonly name: string;
  readonly pattern: string;
  readonly outcome: Outcome;
  /** The reason of the outcome, and warnings about warning lists and the networks of members. */
  readonly notes: readonly string[];
  /** Objects with the value that the person can read. */
  readonly known: readonly { readonly id: string; readonly title: string; readonly collection: string }[];
}

/** A member of the check. */
export interface RecipientShown {
  readonly title: string;
  readonly objects: number;
  readonly reasons: readonly string[];
}

/** The result of a check: the indicators, and their recipients. */
export interface CheckShown {
  /** Identifies the submission, so that sending the form twice publishes once. */
  readonly token: string;
  /** Identifies what was checked. Another form is checked again before it is published. */
  readonly digest: string;
  readonly validUntil: string;
  readonly values: readonly ValueShown[];
  /** Sentences about values that were given more than once. */
  readonly duplicates: readonly string[];
  readonly recipients: readonly RecipientShown[];
  readonly isPublic: boolean;
  /** The person sees only some members, and others may receive indicators as well. */
  readonly isLimited: boolean;
  /** Number of objects that would be submitted: the indicators, and what accompanies them. */
  readonly objects: number;
  /** Number of values that would be submitted. */
  readonly published: number;
  /** Number of sightings of known indicators that would be published. */
  readonly sightings: number;
  readonly malware: string;
  /** The first indicator, as it would be stored. */
  readonly sample: string | undefined;
}

const OUTCOMES: Readonly<Record<Outcome, StateKind>> = {
  stored: 'ok',
  known: 'info',
  held: 'wait',
  refused: 'bad',
  pending: 'wait',
};

/** An outcome in words. */
export function OutcomeState({ outcome, text }: { readonly outcome: Outcome; readonly text: string }): JSX.Element {
  return <St kind={OUTCOMES[outcome]}>{text}</St>;
} // prettier-ignore

/** The values as the hub has read them, each with its outcome. */
export function ValuesRead({ check: { values, duplicates } }: { readonly check: CheckShown }): JSX.Element {
  const t = useMessages().publish;
  return (
    <>
      <h3 id="found">{t.found}</h3>
      <ul class="list found" aria-labelledby="found">
        {values.map(({ kind, name, pattern, outcome, notes, known }) => (
          <li key={pattern}>
            <div>
              <code>{name}</code>
              <Sub>{kind}</Sub>
              {known.length === 0 ? undefined : (
                <Sub>
                  {t.alsoIn}
                  {known.map(({ id, title, collection }) => (
                    <span key={`${id} ${collection}`}>
                      {' '}
                      <a href={objectPath(id)}>{title}</a> ({collection})
                    </span>
                  ))}
                </Sub>
              )}
              {notes.map((note) => (
                <Sub key={note}>{note}</Sub>
              ))}
            </div>
            <OutcomeState outcome={outcome} text={outcome === 'stored' ? t.isNew : t.outcomes[outcome]} />
          </li>
        ))}
      </ul>
      {duplicates.map((text) => (
        <p key={text} class="small muted">
          {text}
        </p>
      ))}
    </>
  );
}

/** The checks, the recipients, and the first indicator as it would be stored. */
export function CheckBlocks({ check }: { readonly check: CheckShown }): JSX.Element {
  return (
    <div class="flow stick">
      <Checks check={check} />
      <Recipients check={check} />
      <AsStored check={check} />
    </div>
  );
}

function Checks({ check }: { readonly check: CheckShown }): JSX.Element {
  const t = useMessages().publish;
  const { messages, zone } = useContext(ReaderContext);
  const count = (outcome: Outcome): number => check.values.filter((one) => one.outcome === outcome).length;
  const stored = count('stored');
  const held = count('held');
  const left = check.values.length - stored - held - check.sightings;
  const warned = check.values.filter(({ outcome, notes }) => outcome === 'stored' && notes.length > 0).length;
  const items: readonly (ListItem | false)[] = [
    stored > 0 && { key: 'valid', kind: 'ok', text: t.validStix(stored) },
    check.sightings > 0 && { key: 'sightings', kind: 'ok', text: t.sightings(check.sightings) },
    held > 0 && { key: 'held', kind: 'wait', text: t.held(held) },
    left > 0 && { key: 'left', kind: 'warn', text: <a href="#found">{t.leftOut(left)}</a> },
    warned > 0 && { key: 'warned', kind: 'warn', text: <a href="#found">{t.warned(warned)}</a> },
    stored > 0 && check.malware !== '' && { key: 'malware', kind: 'ok', text: t.linked(check.malware) },
    stored > 0 && { key: 'until', kind: 'info', text: t.until(messages.words.day(check.validUntil, zone)) },
  ];
  const isReady = check.published + check.sightings > 0;
  return (
    <Block
      title={t.checks}
      raw
      aside={<St kind={isReady ? 'ok' : 'warn'}>{isReady ? t.ready : t.nothingToPublish}</St>}
    >
      <List items={items.filter((item) => item !== false)} />
    </Block>
  );
}

/** The members that would receive indicators, and on demand those that would not, with the reasons. */
function Recipients({
  check: { recipients, isPublic, isLimited, objects: all },
}: {
  readonly check: CheckShown;
}): JSX.Element {
  const t = useMessages().publish;
  const reached = recipients.filter(({ objects }) => objects > 0);
  const others = recipients.filter(({ objects }) => objects === 0);
  return (
    <Block title={t.receive}>
      <p>
        <strong>
          {reached.length === 0
            ? t.reachedNone
            : others.length === 0
              ? t.reachedAll(reached.length)
              : t.reached(reached.length, recipients.length)}
        </strong>{' '}
        {isLimited ? t.limited : ''} {isPublic ? t.everybody : ''}
      </p>
      <Tags items={reached.slice(0, MOST_NAMED).map(({ title }) => title)} />
      {reached.length === 0 ? undefined : (
        <Details summary={t.how}>
          <RecipientTable caption={t.how} recipients={reached} all={all} />
        </Details>
      )}
      {others.length === 0 ? undefined : (
        <Details summary={t.notSent(others.length)}>
          <RecipientTable caption={t.notSent(others.length)} recipients={others} all={all} />
        </Details>
      )}
    </Block>
  );
}

function RecipientTable({
  caption,
  recipients,
  all,
}: {
  readonly caption: string;
  readonly recipients: readonly RecipientShown[];
  readonly all: number;
}): JSX.Element {
  const t = useMessages().publish;
  return (
    <Table
      caption={caption}
      columns={[{ title: t.member }, { title: t.objects, class: 'num nw' }]}
      rows={recipients.map(({ title, objects, reasons }) => ({
        key: title,
        cells: [
          <>
            {title}
            {reasons.map((reason) => (
              <Sub key={reason}>{reason}</Sub>
            ))}
          </>,
          t.ofAll(objects, all),
        ],
      }))}
    />
  );
}

function AsStored({ check: { sample, published } }: { readonly check: CheckShown }): JSX.Element | undefined {
  const t = useMessages().publish;
  if (sample === undefined) return undefined;
  return (
    <Block title={t.asStored}>
      {published > 1 ? <p class="small muted">{t.asStoredMore(published)}</p> : undefined}
      <Code text={sample} label={t.asStored} />
    </Block>
  );
}
