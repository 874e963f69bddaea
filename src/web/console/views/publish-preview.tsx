import type { JSX } from 'preact';
import { Page, inWords } from '../../shared/page.tsx';
import type { CollectionChoice, PublishForm } from '../publish-form.ts';

/** A value and what becomes of it. */
export interface ValueShown {
  /** The value as it was typed. */
  readonly value: string;
  /** Kind and normal form. */
  readonly kind: string;
  readonly name: string;
  readonly pattern: string;
  /** The outcome, with its reason, and warnings about warning lists and the networks of members. */
  readonly outcome: string;
  /** Objects with the value that the person can read. */
  readonly known: readonly { readonly id: string; readonly title: string; readonly collection: string }[];
}

/** A member of the preview. */
export interface RecipientShown {
  readonly title: string;
  readonly objects: number;
  readonly reasons: readonly string[];
}

/** The preview: what would be made of each value, and who would receive it. */
export function PreviewPage({
  hub,
  form,
  token,
  collection,
  validUntil,
  values,
  duplicates,
  recipients,
  isPublic,
  isLimited,
  published,
}: {
  readonly hub: string;
  readonly form: PublishForm;
  /** Identifies the submission, so that sending the form twice publishes once. */
  readonly token: string;
  readonly collection: CollectionChoice;
  readonly validUntil: string;
  readonly values: readonly ValueShown[];
  /** Sentences about values that were given more than once. */
  readonly duplicates: readonly string[];
  readonly recipients: readonly RecipientShown[];
  readonly isPublic: boolean;
  /** The person sees only some members, and others may receive indicators as well. */
  readonly isLimited: boolean;
  /** Number of values that would be published. */
  readonly published: number;
}): JSX.Element {
  return (
    <Page title="Check before you publish" hub={hub}>
      <p role="status">
        {indicators(values.length)} for {collection.title}, <strong>TLP:{form.tlp.toUpperCase()}</strong>,
        valid until {inWords(validUntil)}. Nothing is stored yet.
      </p>
      <h2>Values</h2>
      <ValueTable values={values} />
      {duplicates.length === 0 ? undefined : (
        <ul>
          {duplicates.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <Recipients {...{ recipients, isPublic, isLimited }} most={values.length} />
      <Decision form={form} token={token} count={published} />
    </Page>
  );
}

/** Publishes what the preview shows, or goes back to the form with the same input. */
function Decision({
  form,
  token,
  count,
}: {
  readonly form: PublishForm;
  readonly token: string;
  readonly count: number;
}): JSX.Element {
  return (
    <form method="post" action="/console/publish">
      {Object.entries({ ...form, token }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <p class="acts">
        <button type="submit" name="do" value="publish">
          Publish {indicators(count)}
        </button>{' '}
        <button type="submit" name="do" value="change" class="plain">
          Change the input
        </button>
      </p>
    </form>
  );
}

function ValueTable({ values }: { readonly values: readonly ValueShown[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Value</th>
          <th scope="col">Read as</th>
          <th scope="col">Pattern</th>
          <th scope="col">Outcome</th>
          <th scope="col">Related here</th>
        </tr>
      </thead>
      <tbody>
        {values.map(({ value, kind, name, pattern, outcome, known }) => (
          <tr key={pattern}>
            <td data-label="Value" class="long">
              {value}
            </td>
            <td data-label="Read as" class="long">
              {kind} {name}
            </td>
            <td data-label="Pattern" class="long">
              <code>{pattern}</code>
            </td>
            <td data-label="Outcome">{outcome}</td>
            <td data-label="Related here" class="long">
              {known.length === 0
                ? 'none'
                : known.map(({ id, title, collection }) => (
                    <span key={`${id} ${collection}`}>
                      <a href={`/api/v1/objects/${id}`}>{title}</a> in {collection}{' '}
                    </span>
                  ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The members that would receive indicators, and on demand those that would not, with the reasons. */
function Recipients({
  recipients,
  most,
  isPublic,
  isLimited,
}: {
  readonly recipients: readonly RecipientShown[];
  readonly most: number;
  readonly isPublic: boolean;
  readonly isLimited: boolean;
}): JSX.Element {
  const reached = recipients.filter(({ objects }) => objects > 0);
  const others = recipients.filter(({ objects }) => objects === 0);
  return (
    <>
      <h2>Recipients</h2>
      <p>
        {reached.length === 0 ? 'None' : reached.length} of the {recipients.length} members that you can see
        would receive indicators.
        {isLimited
          ? ' Members that you cannot see are not counted, and their networks are checked only when you publish.'
          : ''}
        {isPublic ? ' The collection is public, so anybody else can read them too.' : ''}
      </p>
      <RecipientTable recipients={reached} most={most} />
      {others.length === 0 ? undefined : (
        <details>
          <summary>Members that would receive nothing: {others.length}</summary>
          <RecipientTable recipients={others} most={most} />
        </details>
      )}
    </>
  );
}

function RecipientTable({
  recipients,
  most,
}: {
  readonly recipients: readonly RecipientShown[];
  readonly most: number;
}): JSX.Element | undefined {
  if (recipients.length === 0) return undefined;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Member</th>
          <th scope="col">Indicators</th>
          <th scope="col">How, or why not</th>
        </tr>
      </thead>
      <tbody>
        {recipients.map(({ title, objects, reasons }) => (
          <tr key={title}>
            <td data-label="Member">{title}</td>
            <td data-label="Indicators">
              {objects} of {most}
            </td>
            <td data-label="How, or why not">{reasons.join('; ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** An indicator that was submitted. */
export interface PublishedShown {
  readonly name: string;
  readonly id: string;
  readonly outcome: string;
  /** True if the person can open the object. */
  readonly isReadable: boolean;
}

/** The result of a submission, for each value. */
export function ResultPage({
  hub,
  collection,
  items,
  published,
}: {
  readonly hub: string;
  readonly collection: CollectionChoice;
  readonly items: readonly PublishedShown[];
  readonly published: number;
}): JSX.Element {
  return (
    <Page title={`${published} of ${indicators(items.length)} published`} hub={hub}>
      <p role="status">
        Collection: {collection.title} ({collection.name}).
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Outcome</th>
            <th scope="col">Indicator</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ name, id, outcome, isReadable }) => (
            <tr key={id}>
              <td data-label="Value" class="long">
                {name}
              </td>
              <td data-label="Outcome">{outcome}</td>
              <td data-label="Indicator" class="long">
                {isReadable ? (
                  <a href={`/api/v1/objects/${id}`}>
                    <code>{id}</code>
                  </a>
                ) : (
                  <code>{id}</code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <a href="/console/publish">Publish more indicators</a>
      </p>
      <p>
        <a href="/console/account">Back to your account</a>
      </p>
    </Page>
  );
}

function indicators(count: number): string {
  return count === 1 ? '1 indicator' : `${count} indicators`;
}
