import type { JSX } from 'preact';
import type { ObjectPlaces } from '../../../api/schema-types.ts';
import { markedTlp, type Tlp } from '../../../stix/markings.ts';
import { explainPattern } from '../../../stix/pattern/explain.ts';
import { parsePattern } from '../../../stix/pattern/parser.ts';
import { text, texts, type StixObject } from '../../../stix/types.ts';
import { Block, Facts, State, Tags, TlpLabel } from '../../shared/components.tsx';
import { Code } from '../../shared/more-components.tsx';
import { objectPath } from './object-state.tsx';
import { Day, Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

type Places = ObjectPlaces['places'];

/** Returns the name of an object, or what identifies it otherwise. */
export function nameOf(object: StixObject): string {
  return text(object, 'name') ?? text(object, 'value') ?? text(object, 'pattern') ?? text(object, 'id') ?? '';
}

/** Returns the TLP level that the object states. */
export function levelOf(object: StixObject): Tlp | undefined {
  return markedTlp(object);
}

/** The meaning of the object for the reader, in words. */
export function Verdict({
  object,
  state,
}: {
  readonly object: StixObject;
  readonly state: ObjectPlaces['state'];
}): JSX.Element {
  const { objectFacts: t, words } = useMessages();
  const until = text(object, 'valid_until');
  if (state === 'revoked')
    return (
      <State kind="warn">
        <strong>{t.revokedByItsOwner}</strong> {t.doNotUseIt}
      </State>
    );
  if (object['type'] !== 'indicator')
    return (
      <State kind="info">
        <strong>{words.type(text(object, 'type') ?? '')}.</strong> {t.itDescribesSomethingTools}
      </State>
    );
  if (state === 'expired')
    return (
      <State kind="warn">
        <strong>{t.expired}</strong>{' '}
        {until === undefined ? '' : <>{t.itWasValidUntil(<Day at={until} />)} </>}
        {t.toolsNoLongerUse}
      </State>
    );
  if (state === 'not-yet-valid')
    return (
      <State kind="info">
        <strong>{t.notValidYet}</strong> {t.itIsValidFrom(<Day at={text(object, 'valid_from') ?? ''} />)}
      </State>
    );
  return <ActiveVerdict object={object} until={until} />;
}

function ActiveVerdict({
  object,
  until,
}: {
  readonly object: StixObject;
  readonly until: string | undefined;
}): JSX.Element {
  const t = useMessages().objectFacts;
  const kinds = texts(object, 'indicator_types').map((kind) => kind.replaceAll('-', ' '));
  const isBenign = kinds.includes('benign');
  const confidence = object['confidence'];
  const said = t.activeIndicatorActive(kinds.length, kinds.join(', '));
  return (
    <State kind={isBenign ? 'ok' : 'bad'}>
      <strong>{typeof confidence === 'number' ? t.confidence(said, confidence) : `${said}.`}</strong>{' '}
      {until === undefined ? t.itHasNoEnd : <>{t.useItUntil(<Day at={until} />)}</>}
    </State>
  );
}

/** The pattern of an indicator, in words and as it is. */
export function PatternBlock({ object }: { readonly object: StixObject }): JSX.Element {
  const t = useMessages().objectFacts;
  const pattern = text(object, 'pattern');
  if (pattern === undefined) return <></>;
  const words = object['pattern_type'] === 'stix' ? inWords(pattern) : undefined;
  return (
    <Block title={t.whatItMatches}>
      {words === undefined ? undefined : <p>{words}</p>}
      <Code text={pattern} label={t.pattern} />
    </Block>
  );
}

function inWords(pattern: string): string | undefined {
  try {
    return explainPattern(parsePattern(pattern, { tolerant: true }));
  } catch {
    // A pattern of another version of the language is shown as it is.
    return undefined;
  }
}

/** Names and values of the object. */
export function FactsBlock({
  object,
  places,
  by,
}: {
  readonly object: StixObject;
  readonly places: Places;
  readonly by: string | undefined;
}): JSX.Element {
  const { objectFacts: t, words } = useMessages();
  const time = (name: string): JSX.Element | undefined => {
    const at = text(object, name);
    return at === undefined ? undefined : <Time at={at} />;
  };
  const list = (items: readonly string[]): JSX.Element | undefined =>
    items.length === 0 ? undefined : <Tags items={[...new Set(items)]} />;
  const level = levelOf(object);
  const creator = text(object, 'created_by_ref');
  return (
    <Block title={t.facts}>
      <Facts
        items={[
          [t.type, words.type(text(object, 'type') ?? '')],
          [t.marking, level === undefined ? undefined : <TlpLabel level={level} />],
          [
            t.createdBy,
            creator === undefined ? undefined : by === undefined ? (
              <code>{creator}</code>
            ) : (
              <a href={objectPath(creator)}>{by}</a>
            ),
          ],
          [t.created, time('created')],
          [t.changed, time('modified')],
          [t.validFrom, time('valid_from')],
          [t.validUntil, time('valid_until')],
          [t.labels, list(texts(object, 'labels'))],
          [t.phase, list(phasesOf(object))],
          [t.references, referencesOf(object)],
          [t.collections, places.map(({ title }) => title).join(', ')],
          [t.stixId, <code data-copy="">{text(object, 'id')}</code>],
        ]}
      />
    </Block>
  );
}

function itemsOf(object: StixObject, name: string): readonly StixObject[] {
  const value = object[name];
  return Array.isArray(value)
    ? value.filter((item): item is StixObject => typeof item === 'object' && item !== null)
    : [];
}

function phasesOf(object: StixObject): readonly string[] {
  return itemsOf(object, 'kill_chain_phases').map((phase) => text(phase, 'phase_name') ?? '');
}

/** Links of an object are text. A link to the site of an attacker should not be one click away. */
function referencesOf(object: StixObject): JSX.Element | undefined {
  const found = itemsOf(object, 'external_references').flatMap((reference) => {
    const said = [text(reference, 'source_name'), text(reference, 'external_id'), text(reference, 'url')];
    return said.some((part) => part !== undefined)
      ? [said.filter((part) => part !== undefined).join(' · ')]
      : [];
  });
  if (found.length === 0) return undefined;
  return (
    <>
      {found.map((said) => (
        <span key={said} class="sub">
          {said}
        </span>
      ))}
    </>
  );
}
