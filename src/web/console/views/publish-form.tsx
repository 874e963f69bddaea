import type { JSX } from 'preact';
import { TlpLabel } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Details, Field, Select, type Described } from '../../shared/more-components.tsx';
import {
  IF_KNOWN,
  MOST_VALUES,
  PUBLISHABLE_LEVELS,
  type CollectionChoice,
  type FieldName,
  type PublishFault,
  type PublishForm,
} from '../publish-form.ts';
import { PUBLISHABLE_KINDS } from '../../../stix/values/publishable-kinds.ts';

/** The input of the fields. */
export interface FieldsProps {
  readonly form: PublishForm;
  readonly faults: readonly PublishFault[];
  readonly collections: readonly CollectionChoice[];
  /** The members on whose behalf the person can publish. */
  readonly members: readonly { readonly name: string; readonly title: string }[];
}

/** A field with its faults. */
function One({
  name,
  label,
  hint,
  faults,
  children,
}: {
  readonly name: FieldName;
  readonly label: string;
  readonly hint?: string;
  readonly faults: readonly PublishFault[];
  readonly children: (described: Described) => JSX.Element;
}): JSX.Element {
  const own = faults.filter(({ field }) => field === name).map(({ message }) => message);
  return (
    <Field
      name={name}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      error={own.length === 0 ? undefined : own.join(' ')}
    >
      {children}
    </Field>
  );
}

/** A step of the form. */
function Step({
  number,
  title,
  children,
}: {
  readonly number: number;
  readonly title: string;
  readonly children: JSX.Element;
}): JSX.Element {
  return (
    <section class="block" aria-labelledby={`step-${number}`}>
      <header>
        <h2 id={`step-${number}`}>
          <span class="stepno">{number}</span>
          {title}
        </h2>
      </header>
      <div class="in">{children}</div>
    </section>
  );
}

/** All fields of the form, in three steps. `read` is shown below the values. It shows how the hub has read them. */
export function PublishFields({
  read,
  ...props
}: FieldsProps & { readonly read: JSX.Element | undefined }): JSX.Element {
  const { steps } = useMessages().publish;
  return (
    <>
      <Step number={1} title={steps.values}>
        <>
          <ValueFields {...props} />
          {read}
        </>
      </Step>
      <Step number={2} title={steps.about}>
        <AboutFields {...props} />
      </Step>
      <Step number={3} title={steps.audience}>
        <AudienceFields {...props} />
      </Step>
    </>
  );
}

function ValueFields({ form, faults }: FieldsProps): JSX.Element {
  const t = useMessages().publish;
  return (
    <>
      <One name="values" label={t.values} hint={t.valuesHint(MOST_VALUES)} faults={faults}>
        {(described) => (
          <textarea {...described} rows={6} class="mono" required spellcheck={false} autocapitalize="none">
            {form.values}
          </textarea>
        )}
      </One>
      <div class="pair">
        <One name="kind" label={t.kind} hint={t.kindHint} faults={faults}>
          {(described) => (
            <Select
              described={described}
              options={PUBLISHABLE_KINDS.map((kind) => [kind, t.kinds[kind]])}
              value={form.kind}
            />
          )}
        </One>
        <One name="known" label={t.known} hint={t.knownHint} faults={faults}>
          {(described) => (
            <Select
              described={described}
              options={IF_KNOWN.map((one) => [one, t.ifKnown[one]])}
              value={form.known}
            />
          )}
        </One>
      </div>
      <div>
        <label class="opt">
          <input
            type="checkbox"
            name="accept"
            value="yes"
            checked={form.accept === 'yes'}
            aria-describedby="accept-hint"
          />
          {t.accept}
        </label>
        <p class="hint" id="accept-hint">
          {t.acceptHint}
        </p>
      </div>
    </>
  );
}

function AboutFields({ form, faults, members }: FieldsProps): JSX.Element {
  const t = useMessages().publish;
  const input = (name: FieldName, label: string, hint: string | undefined, more: Readonly<Record<string, string | number>>) => (
    <One name={name} label={label} {...(hint === undefined ? {} : { hint })} faults={faults}>
      {(described) => <input {...described} {...more} value={form[name]} />}
    </One>
  ); // prettier-ignore
  const isOpen =
    form.references !== '' ||
    form.from !== '' ||
    form.behalf !== '' ||
    faults.some(({ field }) => field === 'references' || field === 'from' || field === 'behalf');
  return (
    <>
      {input('title', t.name, t.nameHint, { maxLength: 1_000 })}
      <One name="description" label={t.description} faults={faults}>
        {(described) => (
          <textarea {...described} rows={3} maxLength={10_000}>
            {form.description}
          </textarea>
        )}
      </One>
      <div class="pair">
        {input('malware', t.malware, t.malwareHint, { maxLength: 200 })}
        {input('labels', t.labels, t.labelsHint, { maxLength: 4_000 })}
      </div>
      <div class="pair">
        {input('confidence', t.confidence, t.confidenceHint, { inputMode: 'numeric', maxLength: 3 })}
        {input('days', t.days, t.daysHint, { inputMode: 'numeric', maxLength: 6 })}
      </div>
      <Details summary={t.more} isOpen={isOpen}>
        <One name="references" label={t.references} hint={t.referencesHint} faults={faults}>
          {(described) => (
            <textarea {...described} rows={2} maxLength={40_000} spellcheck={false}>
              {form.references}
            </textarea>
          )}
        </One>
        <div class="pair">
          {input('from', t.from, t.fromHint, { type: 'date' })}
          {members.length === 0 ? undefined : (
            <One name="behalf" label={t.behalf} hint={t.behalfHint} faults={faults}>
              {(described) => (
                <Select
                  described={described}
                  options={[
                    ['', t.behalfNobody],
                    ...members.map(({ name, title }) => [name, title] as const),
                  ]}
                  value={form.behalf}
                />
              )}
            </One>
          )}
        </div>
      </Details>
    </>
  );
}

function AudienceFields({ form, faults, collections }: FieldsProps): JSX.Element {
  const t = useMessages().publish;
  const wrong = faults.filter(({ field }) => field === 'tlp').map(({ message }) => message);
  return (
    <>
      <fieldset id="tlp" class={wrong.length === 0 ? undefined : 'field'}>
        <legend>{t.level}</legend>
        {wrong.length === 0 ? undefined : <p class="err">{wrong.join(' ')}</p>}
        <div class="choice">
          {PUBLISHABLE_LEVELS.map((level) => (
            <label key={level}>
              <input type="radio" name="tlp" value={level} checked={form.tlp === level} />
              <span>
                <TlpLabel level={level} />
              </span>
              <span class="hint">{t.levels[level]}</span>
            </label>
          ))}
        </div>
        <p class="hint">{t.redNote}</p>
      </fieldset>
      <One name="collection" label={t.collection} faults={faults}>
        {(described) => (
          <Select
            described={described}
            options={collections.map(({ name, title, max_tlp: level }) => [
              name,
              t.collectionOption(title, `TLP:${level.toUpperCase()}`),
            ])}
            value={form.collection}
          />
        )}
      </One>
    </>
  );
}
