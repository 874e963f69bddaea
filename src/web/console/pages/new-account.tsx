import type { JSX } from 'preact';
import type { Account } from '../../../api/schema-types.ts';
import { Field, Select } from '../../shared/more-components.tsx';
import { typed, type Form } from '../page-table.ts';
import { Question } from './question.tsx';

type Role = Account['role'];

/** The roles that an account can have, in words. */
export const ROLES: readonly (readonly [role: Role, text: string])[] = [
  ['officer', 'Officer: works for a member'],
  ['analyst', 'Analyst: works for the hub'],
  ['administrator', 'Administrator: runs the hub'],
  ['machine', 'Service account: a program'],
];

/** The fields of a new account of a person. */
export function NewAccount({
  members,
  own,
  form,
}: {
  readonly members: readonly (readonly [string, string])[];
  /** The member of the person who invites. Officers invite only officers of their own member. */
  readonly own: string | undefined;
  readonly form: Form;
}): JSX.Element {
  return (
    <Question
      title="Invite a person"
      above={['/console/accounts', 'Accounts']}
      heading="The person"
      form={form}
      action="Create the account and a link"
      keep="Invite nobody"
    >
      <div class="in">
        <Field
          name="account"
          label="Account name"
          hint={
            own === undefined
              ? 'a to z, 0 to 9 and hyphens, such as sina or duty-tonga.'
              : `a to z, 0 to 9 and hyphens. It begins with ${own}-, such as ${own}-sina.`
          }
        >
          {(described) => (
            <input
              {...described}
              required
              maxLength={63}
              autocomplete="off"
              value={typed(form, 'account', own === undefined ? '' : `${own}-`)}
            />
          )}
        </Field>
        <RoleFields members={members} own={own} form={form} />
        <Field name="email" label="Email (optional)" hint="It is used after the person has confirmed it.">
          {(described) => (
            <input {...described} type="email" maxLength={254} value={form.field('email') ?? ''} />
          )}
        </Field>
      </div>
    </Question>
  );
}

/** The role of a new account, and its member. */
function RoleFields({
  members,
  own,
  form,
}: {
  readonly members: readonly (readonly [string, string])[];
  /** The member of the person who invites. Officers invite only officers of their own member. */
  readonly own: string | undefined;
  readonly form: Form;
}): JSX.Element {
  const people = ROLES.filter(([role]) => role !== 'machine' && (own === undefined || role === 'officer'));
  return (
    <>
      <Field name="role" label="Role">
        {(described) => (
          <Select
            described={described}
            options={own === undefined ? [['', 'Choose a role'], ...people] : people}
            value={form.field('role') ?? ''}
          />
        )}
      </Field>
      <Field name="member" label="Member" hint="An officer works for a member, everybody else for the hub.">
        {(described) => (
          <Select
            described={described}
            options={
              own === undefined ? [['', 'None'], ...members] : members.filter(([name]) => name === own)
            }
            value={form.field('member') ?? ''}
          />
        )}
      </Field>
    </>
  );
}
