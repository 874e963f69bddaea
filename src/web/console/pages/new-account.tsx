import type { JSX } from 'preact';
import type { Account } from '../../../api/schema-types.ts';
import { Field, Select } from '../../shared/more-components.tsx';
import { typed, type Form } from '../page-table.ts';
import { Question } from './question.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

type Role = Account['role'];

/** The roles that an account can have. */
export const ROLES: readonly Role[] = ['officer', 'analyst', 'administrator', 'machine'];

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
  const t = useMessages().newAccount;
  return (
    <Question
      title={t.inviteAPerson}
      above={['/console/accounts', t.accounts]}
      heading={t.thePerson}
      form={form}
      action={t.createTheAccountAnd}
      keep={t.inviteNobody}
    >
      <div class="in">
        <Field name="account" label={t.accountName} hint={own === undefined ? t.aToZ0 : t.aToZ0To(own)}>
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
        <Field name="email" label={t.emailOptional} hint={t.itIsUsedAfter}>
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
  const t = useMessages().newAccount;
  const people = ROLES.filter((role) => role !== 'machine' && (own === undefined || role === 'officer')).map(
    (role) => [role, t.roles[role]] as const,
  );
  return (
    <>
      <Field name="role" label={t.role}>
        {(described) => (
          <Select
            described={described}
            options={own === undefined ? [['', t.chooseARole], ...people] : people}
            value={form.field('role') ?? ''}
          />
        )}
      </Field>
      <Field name="member" label={t.member} hint={t.anOfficerWorksFor}>
        {(described) => (
          <Select
            described={described}
            options={
              own === undefined ? [['', t.none], ...members] : members.filter(([name]) => name === own)
            }
            value={form.field('member') ?? ''}
          />
        )}
      </Field>
    </>
  );
}
