import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import type { CollectionChoice, PublishFault, PublishForm, PublishableLevel } from '../publish-form.ts';
import type { PublishableKind } from '../../../stix/values/publishable-kinds.ts';

const KINDS: Readonly<Record<PublishableKind, string>> = {
  auto: 'Recognise each value by its form',
  ip: 'IP addresses, networks and ranges',
  asn: 'AS numbers',
  domain: 'Domain names',
  url: 'URLs',
  email: 'Email addresses',
  hash: 'Hashes of files',
  certificate: 'Fingerprints of certificates',
};

const LEVELS: Readonly<Record<PublishableLevel, string>> = {
  clear: 'TLP:CLEAR: anybody',
  green: 'TLP:GREEN: members and their peers',
  amber: 'TLP:AMBER: receiving members and their clients',
  'amber+strict': 'TLP:AMBER+STRICT: receiving members only',
};

/** The form for new indicators. Faults are listed at its top and repeated at their fields. */
export function PublishPage({
  hub,
  form,
  faults,
  collections,
  most,
}: {
  readonly hub: string;
  readonly form: PublishForm;
  readonly faults: readonly PublishFault[];
  readonly collections: readonly CollectionChoice[];
  /** Largest number of values. */
  readonly most: number;
}): JSX.Element {
  return (
    <Page title="Publish indicators" hub={hub}>
      {collections.length === 0 ? (
        <p>
          You cannot write to any collection. Ask an administrator of the hub for write access to a
          collection.
        </p>
      ) : (
        <>
          <FaultSummary faults={faults} />
          <form method="post" action="/console/publish">
            <ValueFields form={form} faults={faults} most={most} />
            <PlaceFields form={form} faults={faults} collections={collections} />
            <TextFields form={form} faults={faults} />
            <AcceptField form={form} />
            <p>
              <button type="submit" name="do" value="preview">
                Preview
              </button>
            </p>
            <p>Nothing is published before you have seen the preview.</p>
          </form>
        </>
      )}
      <p>
        <a href="/console/account">Back to your account</a>
      </p>
    </Page>
  );
}

/** The input of each group of fields. */
interface FieldsProps {
  readonly form: PublishForm;
  readonly faults: readonly PublishFault[];
}

/** The values and their kind. */
function ValueFields({ form, faults, most }: FieldsProps & { readonly most: number }): JSX.Element {
  return (
    <>
      <Field
        name="values"
        label="Values, one a line"
        hint={`Addresses, networks, ranges, AS numbers, domain names, URLs, email addresses and hashes, at most ${most}. Defanged values are converted back: hxxp, [.], (dot). Lines that begin with # are left out. Nothing is looked up outside this hub.`}
        faults={faults}
      >
        {(described) => (
          <textarea
            id="values"
            name="values"
            rows={8}
            required
            spellcheck={false}
            autocapitalize="none"
            {...described}
          >
            {form.values}
          </textarea>
        )}
      </Field>
      <Field
        name="kind"
        label="Kind of the values"
        hint="Choose one only where the form does not tell, such as the SHA-256 of a certificate."
        faults={faults}
      >
        {(described) => (
          <Choice name="kind" options={Object.entries(KINDS)} value={form.kind} described={described} />
        )}
      </Field>
    </>
  );
}

/** Where the indicators are published, and who may have them. */
function PlaceFields({
  form,
  faults,
  collections,
}: FieldsProps & { readonly collections: readonly CollectionChoice[] }): JSX.Element {
  return (
    <>
      <Field
        name="collection"
        label="Collection"
        hint="The collections that you can write to."
        faults={faults}
      >
        {(described) => (
          <Choice
            name="collection"
            options={collections.map(({ name, title, max_tlp }) => [
              name,
              `${title} (${name}, up to TLP:${max_tlp.toUpperCase()})`,
            ])}
            value={form.collection}
            described={described}
          />
        )}
      </Field>
      <Field
        name="tlp"
        label="TLP level"
        hint="TLP:RED is given to people by name, and never published in a collection."
        faults={faults}
      >
        {(described) => (
          <Choice name="tlp" options={Object.entries(LEVELS)} value={form.tlp} described={described} />
        )}
      </Field>
    </>
  );
}

/** The consent to publish values that nobody should block. */
function AcceptField({ form }: { readonly form: PublishForm }): JSX.Element {
  return (
    <p>
      <label>
        <input type="checkbox" name="accept" value="yes" checked={form.accept === 'yes'} /> Also publish
        values on warning lists
      </label>{' '}
      <small>
        Warning lists contain values that nobody should block, such as public resolvers. The hub refuses them,
        unless you tick this box. Then they get a label.
      </small>
    </p>
  );
}

/** How long the indicators are valid, and what they are called. */
function TextFields({ form, faults }: FieldsProps): JSX.Element {
  return (
    <>
      <Field
        name="days"
        label="Valid for, in days"
        hint="Tools stop using the indicators after this time. The preview shows the date."
        faults={faults}
      >
        {(described) => (
          <input id="days" name="days" inputMode="numeric" required value={form.days} {...described} />
        )}
      </Field>
      <Field
        name="title"
        label="Name (optional)"
        hint="The name of all these indicators. Without it, each is named after its value."
        faults={faults}
      >
        {(described) => <input id="title" name="title" maxLength={1_000} value={form.title} {...described} />}
      </Field>
      <Field
        name="description"
        label="Description (optional)"
        hint="What happened, and what members can do about it."
        faults={faults}
      >
        {(described) => (
          <textarea id="description" name="description" rows={3} maxLength={10_000} {...described}>
            {form.description}
          </textarea>
        )}
      </Field>
    </>
  );
}

/** The faults of a form, each with a link to its field. */
function FaultSummary({ faults }: { readonly faults: readonly PublishFault[] }): JSX.Element | undefined {
  if (faults.length === 0) return undefined;
  return (
    <div role="alert" class="faults">
      <h2>{faults.length === 1 ? 'There is a problem' : `There are ${faults.length} problems`}</h2>
      <ul>
        {faults.map(({ field, message }) => (
          <li key={message}>
            <a href={`#${field}`}>{message}</a>
          </li>
        ))}
      </ul>
      <p>Nothing was published. Your input is below.</p>
    </div>
  );
}

/** Attributes that connect a control with its hint and its faults. */
interface Described {
  readonly 'aria-describedby': string;
  readonly 'aria-invalid'?: 'true';
}

/** A control with its label, its hint and its faults. */
function Field({
  name,
  label,
  hint,
  faults,
  children,
}: {
  readonly name: keyof PublishForm;
  readonly label: string;
  readonly hint: string;
  readonly faults: readonly PublishFault[];
  readonly children: (described: Described) => JSX.Element;
}): JSX.Element {
  const own = faults.filter(({ field }) => field === name);
  const described: Described =
    own.length === 0
      ? { 'aria-describedby': `${name}-hint` }
      : { 'aria-describedby': `${name}-hint ${name}-fault`, 'aria-invalid': 'true' };
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <small id={`${name}-hint`}>{hint}</small>
      {own.length === 0 ? undefined : (
        <p id={`${name}-fault`} class="fault">
          {own.map(({ message }) => message).join(' ')}
        </p>
      )}
      {children(described)}
    </div>
  );
}

function Choice({
  name,
  options,
  value,
  described,
}: {
  readonly name: string;
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
  readonly described: Described;
}): JSX.Element {
  return (
    <select id={name} name={name} {...described}>
      {options.map(([option, text]) => (
        <option key={option} value={option} selected={option === value}>
          {text}
        </option>
      ))}
    </select>
  );
}
