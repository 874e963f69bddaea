import type { ComponentChildren, JSX } from 'preact';
import { Block, Btn, State } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { Form } from '../page-table.ts';
import { useMessages } from '../../shared/messages/messages.ts';

/** A page that asks before an action: the consequences, the action, and the way back. */
export function Question({
  title,
  above,
  heading,
  form,
  action,
  keep,
  isDangerous = false,
  children,
}: {
  readonly title: string;
  /** The page that the person comes from. */
  readonly above: readonly [href: string, text: string];
  readonly heading?: string;
  readonly form: Form;
  readonly action: string;
  readonly keep: string;
  readonly isDangerous?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const t = useMessages().question;
  return (
    <Screen title={title} crumb={above}>
      {form.fault === undefined ? undefined : (
        <State kind="bad" live="alert">
          {form.fault}
        </State>
      )}
      <form method="post" class="narrow">
        <Block title={heading ?? t.whatWillHappen} raw>
          {children}
        </Block>
        <div class="acts">
          <Btn look={isDangerous ? 'go stop' : 'go'}>{action}</Btn>
          <Btn href={above[0]}>{keep}</Btn>
        </div>
      </form>
    </Screen>
  );
}
