import type { JSX } from 'preact';
import type { ListConnection } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, List } from '../../shared/components.tsx';
import { Code, Two } from '../../shared/more-components.tsx';
import type { Omission } from '../../../sharing/lists/blocking.ts';
import { count, counted, textFor } from '../../shared/words.ts';
import { Time } from '../../shared/times.tsx';
import { newKeyPath } from './key-fields.tsx';

/** Why values are left out, in words. */
const REASONS: Readonly<Record<Omission, string>> = {
  'special-range': 'private, reserved or multicast addresses',
  'prefix-too-short': 'networks that are too large to block',
  'public-suffix': 'names under which others register domains',
  'special-domain': 'names that are not public',
  protected: 'they belong to the hub or to a member',
  'warning-list': 'they are on a warning list of harmless values',
  suppressed: 'they are suppressed',
  policy: 'their markings do not allow the tool to act',
  format: 'the format can’t carry them',
  limit: 'the tool accepts no more values',
};

/** The remedy for networks that are too large. */
const WIDE_NETWORKS = 'Two people of the hub can approve a network (talanoa wide-network create).';

/** The values to enter in a tool, its limits, and whether it fetches the list. */
export function ConnectView({ found }: { readonly found: ListConnection }): JSX.Element {
  return (
    <Two
      left={
        <>
          <Block title="2. Enter these values in the tool">
            <p>{found.place}</p>
            <Facts
              items={[
                // Some tools give their field for the URL a name of their own. It is among the fields then.
                ...(found.fields.some(({ value }) => value === found.url)
                  ? []
                  : [['URL', <code>{found.url}</code>] as const]),
                ...found.fields.map(({ name, value }) => [name, <code>{value}</code>] as const),
              ]}
            />
            <p class="small muted">ACCOUNT and KEY stand for the account and its key.</p>
            {found.script === undefined ? undefined : <Code text={found.script} label="Script for this tool" />}
            <KeyPart found={found} />
          </Block>
          <Block title="Limits of this tool" raw>
            <List items={found.limits.map((text) => ({ key: text, kind: 'info', text }))} />
          </Block>
        </>
      }
      right={
        <Block title="3. Wait for the first request" raw>
          <List
            items={[
              ...(found.pulls.length === 0
                ? [{ key: 'none', kind: 'wait' as const, text: 'Nobody has fetched this list yet.' }]
                : []),
              ...found.pulls.map(({ account, last_seen: seen, agent }) => ({
                key: `${account} ${agent}`,
                kind: 'ok' as const,
                text: <>Last fetched by {account} {seen === undefined ? '' : <Time at={seen} />}</>,
                note: agent,
              })),
              { key: 'entries', kind: 'info', text: `The list has ${counted(found.entries, 'value')} now.` },
              ...found.omitted.map(({ reason, count: many }) => ({
                key: reason,
                kind: 'off' as const,
                text: `${count(many)} left out: ${textFor(REASONS, reason) ?? reason}`,
                ...(reason === 'prefix-too-short' ? { note: WIDE_NETWORKS } : {}),
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
  if (found.key_command === undefined) return <p>{found.key_note}</p>;
  return (
    <>
      <p>Create a key for this list and nothing else:</p>
      {found.key_request === undefined ? undefined : (
        <Acts>
          <Btn href={newKeyPath(found.key_request)} look="go">
            Create a key
          </Btn>
        </Acts>
      )}
      <p class="small muted">Or on the command line:</p>
      <Code text={found.key_command} label="Command that creates a key for this list" />
    </>
  );
}
