import type { JSX } from 'preact';
import { Acts, Block, Btn, Icon, State } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { PublishFault } from '../publish-form.ts';
import { CheckBlocks, ValuesRead, type CheckShown } from './publish-check.tsx';
import { PublishFields, type FieldsProps } from './publish-form.tsx';

/** The form for new indicators. After a check, the page also shows the indicators and their recipients. */
export function PublishPage({
  check,
  isChanged = false,
  ...fields
}: FieldsProps & {
  readonly check?: CheckShown | undefined;
  /** The form was sent to be published, but has changed since the check. */
  readonly isChanged?: boolean;
}): JSX.Element {
  const t = useMessages().publish;
  if (fields.collections.length === 0)
    return (
      <Screen title={t.title}>
        <Block title={t.title} raw>
          <Empty title={t.nothingToPublish}>{t.noCollection}</Empty>
        </Block>
      </Screen>
    );
  return (
    <Screen title={t.title}>
      <FaultSummary faults={fields.faults} />
      {isChanged ? (
        <State kind="warn" live="status">
          <strong>{t.changed}</strong>
        </State>
      ) : undefined}
      <form method="post" action="/console/publish" data-draft="publish">
        {/* The Enter key in a field sends the first button of a form, which must not publish. */}
        <button class="vh" name="do" value="check" tabIndex={-1} aria-hidden="true">
          {t.check}
        </button>
        <Two
          left={
            <PublishFields
              {...fields}
              read={check === undefined ? undefined : <ValuesRead check={check} />}
            />
          }
          right={check === undefined ? <NotChecked /> : <CheckBlocks check={check} />}
        />
        <Dock check={check} />
      </form>
    </Screen>
  );
}

/** The buttons at the foot of the page: first the check, then what would be published. */
function Dock({ check }: { readonly check: CheckShown | undefined }): JSX.Element {
  const t = useMessages().publish;
  if (check === undefined)
    return (
      <div class="dock acts">
        <Btn look="go" name="do" value="check">
          {t.check}
        </Btn>
      </div>
    );
  const reached = check.recipients.filter(({ objects }) => objects > 0).length;
  return (
    <div class="dock acts">
      <input type="hidden" name="token" value={check.token} />
      <input type="hidden" name="checked" value={check.digest} />
      {check.published + check.sightings === 0 ? undefined : (
        <Btn look="go" name="do" value="publish">
          {check.published === 0
            ? t.onlyNote(check.sightings)
            : check.isPublic
              ? t.toEverybody
              : reached === 0
                ? t.toNobodyYet(check.published)
                : t.toMembers(reached)}
        </Btn>
      )}
      <Btn name="do" value="check">
        {t.checkAgain}
      </Btn>
    </div>
  );
}

function NotChecked(): JSX.Element {
  const t = useMessages().publish;
  return (
    <Block title={t.receive}>
      <p>{t.nothingYet}</p>
      <Acts>
        <Btn name="do" value="check">
          {t.check}
        </Btn>
      </Acts>
    </Block>
  );
}

/** The faults of a form, each with a link to its field. */
function FaultSummary({ faults }: { readonly faults: readonly PublishFault[] }): JSX.Element | undefined {
  const t = useMessages().publish;
  if (faults.length === 0) return undefined;
  return (
    <div class="state bad" role="alert">
      <Icon name="bad" />
      <div>
        <h2>{t.problems(faults.length)}</h2>
        <ul>
          {faults.map(({ field, message }) => (
            <li key={message}>
              <a href={`#${field}`}>{message}</a>
            </li>
          ))}
        </ul>
        <p>{t.kept}</p>
      </div>
    </div>
  );
}
