import type { JSX } from 'preact';
import type { ObjectPlaces } from '../../../api/schema-types.ts';
import { fixedTlp, type Tlp } from '../../../stix/markings.ts';
import { explainPattern } from '../../../stix/pattern/explain.ts';
import { parsePattern } from '../../../stix/pattern/parser.ts';
import { text, texts, type StixObject } from '../../../stix/types.ts';
import { Block, Facts, State, Tags, TlpLabel } from '../../shared/components.tsx';
import { Code } from '../../shared/more-components.tsx';
import { typeInWords } from '../../shared/words.ts';
import { objectPath } from './object-state.tsx';
import { Day, Time } from '../../shared/times.tsx';

type Places = ObjectPlaces['places'];

/** Returns the name of an object, or what identifies it otherwise. */
export function nameOf(object: StixObject): string {
  return text(object, 'name') ?? text(object, 'value') ?? text(object, 'pattern') ?? text(object, 'id') ?? '';
}

/** Returns the TLP level that the object states. */
export function levelOf(object: StixObject): Tlp | undefined {
  return texts(object, 'object_marking_refs')
    .map(fixedTlp)
    .find((level) => level !== undefined);
}

/** The meaning of the object for the reader, in words. */
export function Verdict({
  object,
  state,
}: {
  readonly object: StixObject;
  readonly state: ObjectPlaces['state'];
}): JSX.Element {
  const until = text(object, 'valid_until');
  if (state === 'revoked')
    return (
      <State kind="warn">
        <strong>Revoked by its owner.</strong> Do not use it.
      </State>
    );
  if (object['type'] !== 'indicator')
    return (
      <State kind="info">
        <strong>{typeInWords(text(object, 'type') ?? '')}.</strong> It describes something. Tools do not act
        on it.
      </State>
    );
  if (state === 'expired')
    return (
      <State kind="warn">
        <strong>Expired.</strong>{' '}
        {until === undefined ? (
          ''
        ) : (
          <>
            It was valid until <Day at={until} />.{' '}
          </>
        )}
        Tools no longer use it.
      </State>
    );
  if (state === 'not-yet-valid')
    return (
      <State kind="info">
        <strong>Not valid yet.</strong> It is valid from <Day at={text(object, 'valid_from') ?? ''} />.
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
  const kinds = texts(object, 'indicator_types').map((kind) => kind.replaceAll('-', ' '));
  const isBenign = kinds.includes('benign');
  const confidence = object['confidence'];
  const said = kinds.length === 0 ? 'Active indicator' : `Active: ${kinds.join(', ')}`;
  return (
    <State kind={isBenign ? 'ok' : 'bad'}>
      <strong>{typeof confidence === 'number' ? `${said}, confidence ${confidence}.` : `${said}.`}</strong>{' '}
      {until === undefined ? (
        'It has no end of validity.'
      ) : (
        <>
          Use it until <Day at={until} />.
        </>
      )}
    </State>
  );
}

/** The pattern of an indicator, in words and as it is. */
export function PatternBlock({ object }: { readonly object: StixObject }): JSX.Element {
  const pattern = text(object, 'pattern');
  if (pattern === undefined) return <></>;
  const words = object['pattern_type'] === 'stix' ? inWords(pattern) : undefined;
  return (
    <Block title="What it matches">
      {words === undefined ? undefined : <p>{words}</p>}
      <Code text={pattern} label="Pattern" />
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
  const time = (name: string): JSX.Element | undefined => {
    const at = text(object, name);
    return at === undefined ? undefined : <Time at={at} />;
  };
  const list = (items: readonly string[]): JSX.Element | undefined =>
    items.length === 0 ? undefined : <Tags items={[...new Set(items)]} />;
  const level = levelOf(object);
  const creator = text(object, 'created_by_ref');
  return (
    <Block title="Facts">
      <Facts
        items={[
          ['Type', typeInWords(text(object, 'type') ?? '')],
          ['Marking', level === undefined ? undefined : <TlpLabel level={level} />],
          [
            'Created by',
            creator === undefined ? undefined : by === undefined ? (
              <code>{creator}</code>
            ) : (
              <a href={objectPath(creator)}>{by}</a>
            ),
          ],
          ['Created', time('created')],
          ['Changed', time('modified')],
          ['Valid from', time('valid_from')],
          ['Valid until', time('valid_until')],
          ['Labels', list(texts(object, 'labels'))],
          ['Phase', list(phasesOf(object))],
          ['References', referencesOf(object)],
          ['Collections', places.map(({ title }) => title).join(', ')],
          ['STIX ID', <code>{text(object, 'id')}</code>],
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
