import type { JSX } from 'preact';
import type { ListConnection } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, List } from '../../shared/components.tsx';
import { Code, Two } from '../../shared/more-components.tsx';
import { textFor } from '../../shared/words.ts';
import { Time } from '../../shared/times.tsx';
import { newKeyPath } from './key-fields.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The values to enter in a tool, its limits, and whether it fetches the list. */
export function ConnectView({ found }: { readonly found: ListConnection }): JSX.Element {
  const t = useMessages().connect;
  return (
    <Two
      left={
        <>
          <Block title={t.n2EnterTheseValues}>
            <p>{found.place}</p>
            <Facts
              items={[
                // Some tools give their field for the URL a name of their own. It is among the fields then.
                ...(found.fields.some(({ value }) => value === found.url)
                  ? []
                  : [['URL', <code data-copy="">{found.url}</code>] as const]),
                ...found.fields.map(({ name, value }) => [name, <code data-copy="">{value}</code>] as const),
              ]}
            />
            <p class="small muted">{t.accountAndKeyStand}</p>
            {found.script === undefined ? undefined : <Code text={found.script} label={t.scriptForThisTool} />}
            <KeyPart found={found} />
          </Block>
          <Block title={t.limitsOfThisTool} raw>
            <List items={found.limits.map((text) => ({ key: text, kind: 'info', text }))} />
          </Block>
        </>
      }
      right={
        <Block title={t.n3WaitForThe} raw>
          <List
            items={[
              ...(found.pushed === true ? [{ key: 'pushed', kind: 'info' as const, text: t.theHubSends }] : []),
              ...(found.pulls.length === 0 && found.pushed !== true
                ? [{ key: 'none', kind: 'wait' as const, text: t.nobodyHasFetchedThis }]
                : []),
              ...found.pulls.map(({ account, last_seen: seen, agent }) => ({
                key: `${account} ${agent}`,
                kind: 'ok' as const,
                text: <>{t.lastFetchedBy(account)}{' '}{seen === undefined ? '' : <Time at={seen} />}</>,
                note: agent,
              })),
              { key: 'entries', kind: 'info', text: t.theListHasValue(found.entries) },
              ...found.omitted.map(({ reason, count: many }) => ({
                key: reason,
                kind: 'off' as const,
                text: t.leftOut(many, textFor(t.reasons, reason) ?? reason),
                ...(reason === 'prefix-too-short' ? { note: t.wideNetworks } : {}),
              })),
            ]}
          />
        </Block>
      }
    />
  ); // prettier-ignore
}

/** How the person gets a key for the tool. */
function KeyPart({ found }: { readonly found: ListConnection }): JSX.Element {
  const t = useMessages().connect;
  if (found.key_command === undefined) return <p>{found.key_note}</p>;
  return (
    <>
      <p>{t.createAKeyFor}</p>
      {found.key_request === undefined ? undefined : (
        <Acts>
          <Btn href={newKeyPath(found.key_request)} look="go">
            {t.createAKey}
          </Btn>
        </Acts>
      )}
      <p class="small muted">{t.orOnTheCommand}</p>
      <Code text={found.key_command} label={t.commandThatCreatesA} />
    </>
  );
}
