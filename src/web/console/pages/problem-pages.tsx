import type { JSX } from 'preact';
import type { Problem } from '../../../kernel/problem.ts';
import { Acts, Btn, State } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** Links to pages that every person can open. */
function WaysOn(): JSX.Element {
  const t = useMessages().problem;
  return (
    <Acts>
      <Btn href="/console">{t.goToTheOverview}</Btn>
      <Btn href="/console/search">{t.searchTheHub}</Btn>
    </Acts>
  );
}

/** The page for a person whose role does not permit the requested action. */
export function NotAllowed({ title, role }: { readonly title: string; readonly role: string }): JSX.Element {
  const t = useMessages().problem;
  return (
    <Screen title={t.youCantOpenThis}>
      <State kind="warn">{t.yourRoleDoesntInclude(role, title)}</State>
      <WaysOn />
    </Screen>
  );
}

/** The page for an address that leads nowhere, or to what the person cannot see. */
export function NoPage(): JSX.Element {
  const t = useMessages().problem;
  return (
    <Screen title={t.weCantFindThat}>
      <State kind="info">{t.nothingWithThisAddress}</State>
      <WaysOn />
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
      <WaysOn />
    </Screen>
  );
}
