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
import type { Messages } from '../../shared/messages/en.ts';

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
  title: (m) => m.accountActions.inviteAPerson,
  needs: 'createAccount',
  show: async (context, form) => (
    <NewAccount members={await memberOptions(context)} own={context.who.member} form={form} />
  ),
  act: async (context, form) => {
    const { messages } = context;
    const request = accountOf(form, messages);
    await context.ask('createAccount', { body: request });
    return showLink(context, request.name);
  },
};

async function memberOptions({ ask }: PageContext): Promise<readonly (readonly [string, string])[]> {
  const { items } = await ask('listMembers', { query: { limit: '1000' } });
  return items.map(({ name, title }) => [name, title]);
}

function accountOf(form: Form, messages: Messages): AccountRequest {
  const t = messages.accountActions;
  const name = form.field('account')?.trim().toLowerCase();
  const role = ROLES.find((one) => one === form.field('role'));
  if (name === undefined) throw webErrors.invalidInput({ description: t.enterANameFor });
  if (role === undefined) throw webErrors.invalidInput({ description: t.chooseARoleFrom });
  const [member, email] = [form.field('member'), form.field('email')?.trim()];
  if (role === 'officer' && (member ?? '') === '')
    throw webErrors.invalidInput({ description: t.chooseTheMemberThat });
  return {
    name,
    role,
    ...(member === undefined ? {} : { member }),
    ...(email === undefined ? {} : { email }),
    person: true,
  };
}

/** Creates a one-time link and shows it. Nothing shows the link again. */
async function showLink({ ask, messages }: PageContext, account: string): Promise<JSX.Element> {
  const t = messages.accountActions;
  const { link, expires } = await ask('inviteAccount', { parameters: { account } });
  return (
    <Screen title={t.linkFor(account)} crumb={[accountPath(account), account]}>
      <State kind="ok" live="status">
        <strong>{t.giveThisLinkTo}</strong> {t.itIsShownOnly(<Time at={expires} />)}
      </State>
      <Block title={t.oneTimeLink}>
        <Code text={link} label={t.oneTimeLink} />
        <p>{t.avoidEmailIfYou}</p>
      </Block>
      <Acts>
        <Btn href={accountPath(account)}>{t.goTo(account)}</Btn>
        <Btn href="/console/invitations/new">{t.inviteAnotherPerson}</Btn>
      </Acts>
    </Screen>
  );
}

/** A page that asks before a change of an account. */
function accountChange(
  change: {
    readonly path: string;
    readonly title: ConsolePage['title'];
    readonly needs: ConsolePage['needs'];
    readonly isDangerous?: boolean;
    readonly texts: (messages: Messages) => {
      readonly asks: (name: string) => string;
      readonly action: string;
      readonly keep: string;
      readonly heading?: string;
    };
    readonly body: (messages: Messages, account: Account, form: Form) => ComponentChildren;
  },
  act: NonNullable<ConsolePage['act']>,
): ConsolePage {
  return {
    path: `/accounts/:account/${change.path}`,
    title: change.title,
    needs: change.needs,
    show: async (context, form) => {
      const account = await context.ask('getAccount', { parameters: { account: nameIn(context) } });
      const { asks, action, keep, heading } = change.texts(context.messages);
      return (
        <Question
          title={asks(account.name)}
          above={[accountPath(account.name), account.name]}
          form={form}
          action={action}
          keep={keep}
          {...(heading === undefined ? {} : { heading })}
          {...(change.isDangerous === undefined ? {} : { isDangerous: change.isDangerous })}
        >
          {change.body(context.messages, account, form)}
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
    title: (m) => m.accountActions.createASignIn,
    needs: 'inviteAccount',
    texts: ({ accountActions: t }) => t.invitation,
    body: ({ accountActions: t }) => consequences(t.youSeeALink, t.earlierLinksOfThe, t.tlpRedThatWas),
  },
  (context) => showLink(context, nameIn(context)),
);

/** Disabling an account. */
export const disablePage = accountChange(
  {
    path: 'disable',
    title: (m) => m.accountActions.disableAnAccount,
    needs: 'updateAccount',
    isDangerous: true,
    texts: ({ accountActions: t }) => t.disabling,
    body: ({ accountActions: t }) => consequences(t.itsSessionsEndNow, t.itsObjectsGrantsAnd),
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
    title: (m) => m.accountActions.enableAnAccount,
    needs: 'updateAccount',
    texts: ({ accountActions: t }) => t.enabling,
    body: ({ accountActions: t }) => consequences(t.thePersonOrProgram, t.sessionsThatHaveEnded),
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
    title: (m) => m.accountActions.changeTheRole,
    needs: 'updateAccount',
    texts: ({ accountActions: t }) => t.changingRole,
    body: ({ accountActions: t, newAccount }, account, form) => (
      <div class="in">
        <p>{t.theSessionsOfThe}</p>
        <Field name="role" label={t.role}>
          {(described) => (
            <Select
              described={described}
              options={ROLES.filter((role) => (role === 'machine') === !account.person).map((role) => [
                role,
                newAccount.roles[role],
              ])}
              value={form.field('role') ?? account.role}
            />
          )}
        </Field>
      </div>
    ),
  },
  async (context, form) => {
    const t = context.messages.accountActions;
    const name = nameIn(context);
    const role = ROLES.find((one) => one === form.field('role'));
    if (role === undefined) throw webErrors.invalidInput({ description: t.chooseARoleFrom });
    await context.ask('updateAccount', { parameters: { account: name }, body: { role } });
    return `${accountPath(name)}?done=role`;
  },
);

/** Resetting the second factor of a person who has lost it. */
export const resetFactorPage = accountChange(
  {
    path: 'reset',
    title: (m) => m.accountActions.resetTheSecondFactor,
    needs: 'resetSecondFactor',
    isDangerous: true,
    texts: ({ accountActions: t }) => t.resetting,
    body: ({ accountActions: t }) => consequences(t.confirmByTelephoneOr, t.theAuthenticatorAppThe),
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
    title: (m) => m.accountActions.deleteAnAccount,
    needs: 'deleteAccount',
    isDangerous: true,
    texts: ({ accountActions: t }) => t.deleting,
    body: ({ accountActions: t }, account, form) => (
      <>
        {consequences(t.itsSessionsKeysAnd, t.anAccountThatLater)}
        <div class="in">
          <Field name="name" label={t.enterToConfirm(account.name)}>
            {(described) => (
              <input {...described} required autocomplete="off" value={form.field('name') ?? ''} />
            )}
          </Field>
        </div>
      </>
    ),
  },
  async (context, form) => {
    const t = context.messages.accountActions;
    const name = nameIn(context);
    if (form.field('name')?.trim() !== name)
      throw webErrors.invalidInput({ description: t.enterTheNameOf(name) });
    await context.ask('deleteAccount', { parameters: { account: name } });
    return '/console/accounts?done=removed';
  },
);

/** Ending a session of another browser. */
export const endSessionPage: ConsolePage = {
  path: '/sessions/:session',
  title: (m) => m.accountActions.endASession,
  needs: 'endSession',
  show: async (context, form) => {
    const t = context.messages.accountActions;
    const { account, agent } = await sessionOf(context);
    return (
      <Question
        title={t.endThisSessionOf(account)}
        above={[accountPath(account), account]}
        form={form}
        action={t.endTheSession}
        keep={t.leaveItOpen}
      >
        {consequences(t.theBrowserIsSigned(agent === '', agent), t.thePersonCanSign)}
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
