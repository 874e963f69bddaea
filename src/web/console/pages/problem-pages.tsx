import type { JSX } from 'preact';
import type { Problem } from '../../../kernel/problem.ts';
import { Acts, Btn, State } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';

const WAYS_ON = (
  <Acts>
    <Btn href="/console">Go to the overview</Btn>
    <Btn href="/console/search">Search the hub</Btn>
  </Acts>
);

/** The page for a person whose role does not permit the requested action. */
export function NotAllowed({ title, role }: { readonly title: string; readonly role: string }): JSX.Element {
  return (
    <Screen title="You can’t open this page">
      <State kind="warn">
        Your role, {role}, doesn’t include “{title}”. Ask an administrator of the hub if you need it. Nothing
        was changed.
      </State>
      {WAYS_ON}
    </Screen>
  );
}

/** The page for an address that leads nowhere, or to what the person cannot see. */
export function NoPage(): JSX.Element {
  return (
    <Screen title="We can’t find that">
      <State kind="info">
        Nothing with this address is visible to you. It may have been withdrawn, or the link may be cut off.
      </State>
      {WAYS_ON}
    </Screen>
  );
}

/** The page for a request that the hub refuses for another reason. */
export function Refused({
  title,
  problem,
}: {
  readonly title: string;
  readonly problem: Problem;
}): JSX.Element {
  return (
    <Screen title={title}>
      <State kind="bad" live="alert">
        <strong>{problem.title}.</strong> {problem.description} {problem.hint}
      </State>
      {WAYS_ON}
    </Screen>
  );
}
