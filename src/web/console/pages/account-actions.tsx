import type { ComponentChildren, JSX } from 'preact';
import type { Account, AccountRequest, Sessions } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, List, State } from '../../shared/components.tsx';
import { Code, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage, Form, PageContext } from '../page-table.ts';
import { NewAccount, ROLES } from './new-account.tsx';
import { Question } from './question.tsx';
import { Time } from '../../shared/times.tsx';

/** Returns the page of an account. */
export function accountPath(name: string): string {
  return `/console/accounts/${encodeURIComponent(name)}`;
}

/** Returns the name of the account that the page is about. */
export function nameIn({ path }: PageContext): string {
  return path['account'] ?? '';
}

/** Creating an account for a person, with the one-time link for its first sign-in. */
export const newAccountPage: ConsolePage = {
  path: '/invitations/new',
  title: 'Invite a person',
  needs: 'createAccount',
  show: async (context, form) => (
    <NewAccount members={await memberOptions(context)} own={context.who.member} form={form} />
  ),
  act: async (context, form) => {
    const request = accountOf(form);
    await context.ask('createAccount', { body: request });
    return showLink(context, request.name);
  },
};

async function memberOptions({ ask }: PageContext): Promise<readonly (readonly [string, string])[]> {
  const { items } = await ask('listMembers', { query: { limit: '1000' } });
  return items.map(({ name, title }) => [name, title]);
}

function accountOf(form: Form): AccountRequest {
  const name = form.field('account')?.trim().toLowerCase();
  const role = ROLES.find(([one]) => one === form.field('role'))?.[0];
  if (name === undefined) throw webErrors.invalidInput({ description: 'Enter a name for the account' });
  if (role === undefined) throw webErrors.invalidInput({ description: 'Choose a role from the list' });
  const [member, email] = [form.field('member'), form.field('email')?.trim()];
  if (role === 'officer' && (member ?? '') === '')
    throw webErrors.invalidInput({ description: 'Choose the member that the officer works for' });
  return {
    name,
    role,
    ...(member === undefined ? {} : { member }),
    ...(email === undefined ? {} : { email }),
    person: true,
  };
}

/** Creates a one-time link and shows it. Nothing shows the link again. */
async function showLink({ ask }: PageContext, account: string): Promise<JSX.Element> {
  const { link, expires } = await ask('inviteAccount', { parameters: { account } });
  return (
    <Screen title={`Link for ${account}`} crumb={[accountPath(account), account]}>
      <State kind="ok" live="status">
        <strong>Give this link to the person now.</strong> It is shown only once. It works once, until{' '}
        <Time at={expires} />.
      </State>
      <Block title="One-time link">
        <Code text={link} label="One-time link" />
        <p>
          Avoid email if you can: the first person to open the link chooses the password of the account. When
          the link is used, TLP:RED that was given to the account is withdrawn.
        </p>
      </Block>
      <Acts>
        <Btn href={accountPath(account)}>{`Go to ${account}`}</Btn>
        <Btn href="/console/invitations/new">Invite another person</Btn>
      </Acts>
    </Screen>
  );
}

/** A page that asks before a change of an account. */
function accountChange(
  change: {
    readonly path: string;
    readonly title: string;
    readonly needs: ConsolePage['needs'];
    readonly asks: (name: string) => string;
    readonly action: string;
    readonly keep: string;
    readonly isDangerous?: boolean;
    readonly heading?: string;
    readonly body: (account: Account, form: Form) => ComponentChildren;
  },
  act: NonNullable<ConsolePage['act']>,
): ConsolePage {
  return {
    path: `/accounts/:account/${change.path}`,
    title: change.title,
    needs: change.needs,
    show: async (context, form) => {
      const account = await context.ask('getAccount', { parameters: { account: nameIn(context) } });
      return (
        <Question
          title={change.asks(account.name)}
          above={[accountPath(account.name), account.name]}
          form={form}
          action={change.action}
          keep={change.keep}
          {...(change.heading === undefined ? {} : { heading: change.heading })}
          {...(change.isDangerous === undefined ? {} : { isDangerous: change.isDangerous })}
        >
          {change.body(account, form)}
        </Question>
      );
    },
    act,
  };
}

function consequences(...texts: readonly string[]): JSX.Element {
  return <List items={texts.map((text, i) => ({ key: String(i), kind: 'info', text }))} />;
}

/** A new one-time link for the person of an account. */
export const invitePage = accountChange(
  {
    path: 'invite',
    title: 'Create a sign-in link',
    needs: 'inviteAccount',
    asks: (name) => `Create a sign-in link for ${name}?`,
    action: 'Create the link',
    keep: 'Create none',
    body: () =>
      consequences(
        'You see a link that works once. The first person to open it chooses a new password for the account.',
        'Earlier links of the account stop working.',
        'TLP:RED that was given to the account is withdrawn when the link is used, and the givers are notified.',
      ),
  },
  (context) => showLink(context, nameIn(context)),
);

/** Disabling an account. */
export const disablePage = accountChange(
  {
    path: 'disable',
    title: 'Disable an account',
    needs: 'updateAccount',
    asks: (name) => `Disable ${name}?`,
    action: 'Disable the account',
    keep: 'Leave it as it is',
    isDangerous: true,
    body: () =>
      consequences(
        'Its sessions end now, and its keys stop working.',
        'Its objects, grants and settings stay. You can enable the account later.',
      ),
  },
  async (context) => {
    const name = nameIn(context);
    await context.ask('updateAccount', { parameters: { account: name }, body: { disabled: true } });
    return `${accountPath(name)}?done=disabled`;
  },
);

/** Enabling an account again. */
export const enablePage = accountChange(
  {
    path: 'enable',
    title: 'Enable an account',
    needs: 'updateAccount',
    asks: (name) => `Enable ${name}?`,
    action: 'Enable the account',
    keep: 'Leave it disabled',
    body: () =>
      consequences('The person or program can sign in again.', 'Sessions that have ended are not restored.'),
  },
  async (context) => {
    const name = nameIn(context);
    await context.ask('updateAccount', { parameters: { account: name }, body: { disabled: false } });
    return `${accountPath(name)}?done=enabled`;
  },
);

/** Changing the role of an account. */
export const rolePage = accountChange(
  {
    path: 'role',
    title: 'Change the role',
    needs: 'updateAccount',
    asks: (name) => `Change the role of ${name}`,
    heading: 'New role',
    action: 'Change the role',
    keep: 'Keep the role',
    body: (account, form) => (
      <div class="in">
        <p>The sessions of the account end, and the person has to sign in again.</p>
        <Field name="role" label="Role">
          {(described) => (
            <Select
              described={described}
              options={ROLES.filter(([role]) => (role === 'machine') === !account.person)}
              value={form.field('role') ?? account.role}
            />
          )}
        </Field>
      </div>
    ),
  },
  async (context, form) => {
    const name = nameIn(context);
    const role = ROLES.find(([one]) => one === form.field('role'))?.[0];
    if (role === undefined) throw webErrors.invalidInput({ description: 'Choose a role from the list' });
    await context.ask('updateAccount', { parameters: { account: name }, body: { role } });
    return `${accountPath(name)}?done=role`;
  },
);

/** Resetting the second factor of a person who has lost it. */
export const resetFactorPage = accountChange(
  {
    path: 'reset',
    title: 'Reset the second factor',
    needs: 'resetSecondFactor',
    asks: (name) => `Reset the second factor of ${name}?`,
    action: 'Reset the second factor',
    keep: 'Keep it',
    isDangerous: true,
    body: () =>
      consequences(
        'Confirm by telephone or face to face that the request comes from this person: after the reset, the password alone is enough to sign in.',
        'The authenticator app, the passkeys and the recovery codes stop working, and the person is notified.',
      ),
  },
  async (context) => {
    const name = nameIn(context);
    await context.ask('resetSecondFactor', { parameters: { account: name } });
    return `${accountPath(name)}?done=reset`;
  },
);

/** Deleting an account. */
export const removeAccountPage = accountChange(
  {
    path: 'remove',
    title: 'Delete an account',
    needs: 'deleteAccount',
    asks: (name) => `Delete ${name}?`,
    action: 'Delete the account',
    keep: 'Keep it',
    isDangerous: true,
    heading: 'You can’t undo this',
    body: (account, form) => (
      <>
        {consequences(
          'Its sessions, keys and grants end now. TLP:RED that was given to it is withdrawn.',
          'An account that later gets the same name inherits nothing. Objects that it published stay.',
        )}
        <div class="in">
          <Field name="name" label={`Enter ${account.name} to confirm`}>
            {(described) => (
              <input {...described} required autocomplete="off" value={form.field('name') ?? ''} />
            )}
          </Field>
        </div>
      </>
    ),
  },
  async (context, form) => {
    const name = nameIn(context);
    if (form.field('name')?.trim() !== name)
      throw webErrors.invalidInput({ description: `Enter the name of the account, ${name}, to delete it` });
    await context.ask('deleteAccount', { parameters: { account: name } });
    return '/console/accounts?done=removed';
  },
);

/** Ending a session of another browser. */
export const endSessionPage: ConsolePage = {
  path: '/sessions/:session',
  title: 'End a session',
  needs: 'endSession',
  show: async (context, form) => {
    const { account, agent } = await sessionOf(context);
    return (
      <Question
        title={`End this session of ${account}?`}
        above={[accountPath(account), account]}
        form={form}
        action="End the session"
        keep="Leave it open"
      >
        {consequences(
          `The browser is signed out: ${agent === '' ? 'unknown program' : agent}.`,
          'The person can sign in again. To prevent that, disable the account.',
        )}
      </Question>
    );
  },
  act: async (context) => {
    const { account, id } = await sessionOf(context);
    await context.ask('endSession', { parameters: { session: id } });
    return `${accountPath(account)}?done=ended`;
  },
};

async function sessionOf({ ask, path }: PageContext): Promise<Sessions['items'][number]> {
  let after: string | undefined;
  do {
    const page = await ask('listSessions', { query: { limit: '1000', after } });
    const found = page.items.find(({ id }) => id === path['session']);
    if (found !== undefined) return found;
    after = page.next;
  } while (after !== undefined);
  throw webErrors.noPage();
}
