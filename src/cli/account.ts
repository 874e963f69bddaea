import type { Account } from '../api/schema-types.ts';
import type { SignInListed } from '../access/factors/history.ts';
import { EXIT, type Io } from './io.ts';
import { managerOf, table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';
import { agreed, type AskedFlags } from './questions.ts';

export interface AccountFlags extends CommonFlags {
  readonly role?: string;
  readonly member?: string;
  readonly person?: boolean;
  readonly defaultTlp?: string;
  readonly passwordEnv?: string;
  readonly email?: string;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

const at = (name: string): string => `/api/v1/accounts/${encodeURIComponent(name)}`;

/** `talanoa account list`. */
export async function accountList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Account>('/api/v1/accounts'));
  writeResult(
    { items },
    () => {
      if (items.length === 0)
        return 'No accounts. Create one: talanoa account create NAME --role ROLE, or talanoa key create --account NAME';
      return table(
        [
          ['ACCOUNT', 'ROLE', 'MEMBER', 'PASSWORD', 'STATE', 'MANAGED BY'],
          ...items.map(({ name, role, member, has_password: password, disabled, managed }) => [
            name,
            role,
            member ?? '-',
            password ? 'yes' : 'no',
            disabled ? 'disabled' : 'active',
            managerOf(managed),
          ]),
        ],
        io,
      );
    },
    flags,
    io,
  );
  return EXIT.done;
}

/** `talanoa account create NAME --role ROLE`. */
export async function accountCreate(name: string, flags: AccountFlags, io: Io): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<Account>('/api/v1/accounts', { name, ...fieldsOf(flags, io) }),
  );
  tell(made, flags, io, 'created');
  if (flags.person === true && !made.has_password && flags.quiet !== true && flags.json !== true)
    io.stderr.write(
      `To let the person choose a password, give them a link: talanoa account invite ${made.name}\n`,
    );
  return EXIT.done;
}

/** `talanoa account update NAME`: changes the properties that the flags name. */
export async function accountUpdate(name: string, flags: AccountFlags, io: Io): Promise<number> {
  const { member: _member, ...change } = fieldsOf(flags, io);
  const body = {
    ...change,
    ...(flags.disable === true ? { disabled: true } : flags.enable === true ? { disabled: false } : {}),
  };
  if (Object.keys(body).length === 0)
    throw commandErrors.nothingToChange({
      hint: 'Give --role, --disable, --enable, --email, --password-env, --default-tlp or --person.',
    });
  const changed = await withHub(flags, io, (client) => client.patch<Account>(at(name), body));
  tell(changed, flags, io, 'updated');
  return EXIT.done;
}

/** `talanoa account invite NAME`: prints a link that works once, within a day. */
export async function accountInvite(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<{ link: string; expires: string }>(`${at(name)}/invitation`, {}),
  );
  writeResult(made, () => made.link, flags, io);
  if (flags.json !== true && flags.quiet !== true)
    io.stderr.write(
      `It works once and expires at ${when(made.expires, io)}. Do not share it with anybody else.\n`,
    );
  return EXIT.done;
}

/** `talanoa account reset-second-factor NAME`: for a person who has lost their second factor. */
export async function accountResetSecondFactor(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(`${at(name)}/second-factor`));
  if (flags.quiet !== true && flags.json !== true)
    io.stderr.write(`The second factor of ${name} was reset. The password is still needed to sign in.\n`);
  return EXIT.done;
}

/** `talanoa account sign-ins NAME`: lists the last sign-ins and refused attempts. */
export async function accountSignIns(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ readonly items: readonly SignInListed[] }>(`${at(name)}/sign-ins`),
  );
  writeResult(
    { items },
    () => {
      if (items.length === 0) return `No sign-ins of ${name} and no refused attempts.`;
      return table(
        [
          ['TIME', 'RESULT', 'WITH', 'ADDRESS', 'BROWSER'],
          ...items.map(({ at: time, result, way, address, agent }) => [
            when(time, io),
            result,
            way,
            address,
            agent,
          ]),
        ],
        io,
      );
    },
    flags,
    io,
  );
  return EXIT.done;
}

export interface LinkFlags extends CommonFlags {
  readonly subject?: string;
  readonly email?: string;
}

/** `talanoa account link NAME --subject SUBJECT`: binds an account to a person at the sign-in provider. */
export async function accountLink(name: string, flags: LinkFlags, io: Io): Promise<number> {
  const { subject, email } = flags;
  if ((subject === undefined) === (email === undefined)) throw commandErrors.subjectRequired();
  await withHub(flags, io, (client) =>
    client.put(`${at(name)}/single-sign-on`, subject === undefined ? { email } : { subject }),
  );
  if (flags.quiet !== true && flags.json !== true) io.stderr.write(`Account ${name} linked.\n`);
  return EXIT.done;
}

/** `talanoa account unlink NAME`. */
export async function accountUnlink(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(`${at(name)}/single-sign-on`));
  if (flags.quiet !== true && flags.json !== true) io.stderr.write(`Account ${name} unlinked.\n`);
  return EXIT.done;
}

/** `talanoa account delete NAME`: deletes an account with its keys and its own grants. */
export async function accountDelete(name: string, flags: AskedFlags, io: Io): Promise<number> {
  const keys = await withHub(flags, io, async (client) => {
    await client.get(at(name));
    return client.list(`/api/v1/keys?account=${encodeURIComponent(name)}`);
  });
  const ofKeys = keys.length === 0 ? '' : keys.length === 1 ? '1 key, ' : `${keys.length} keys, `;
  const gone = `${ofKeys}its grants and its sessions`;
  const question = `Delete the account ${name} with ${gone}? TLP:RED that was given to it is withdrawn. [y/N] `;
  if (!(await agreed(question, flags, io))) {
    io.stderr.write('Nothing was deleted.\n');
    return EXIT.done;
  }
  await withHub(flags, io, (client) => client.delete(at(name)));
  if (flags.quiet !== true && flags.json !== true)
    io.stderr.write(`Account ${name} deleted, with ${gone}. Objects that it published stay.\n`);
  return EXIT.done;
}

function fieldsOf(flags: AccountFlags, io: Io): Record<string, unknown> {
  const { role, member, person, defaultTlp, passwordEnv, email } = flags;
  const password = passwordEnv === undefined ? undefined : io.environment[passwordEnv];
  if (passwordEnv !== undefined && (password === undefined || password === ''))
    throw commandErrors.variableNotSet({ name: passwordEnv });
  return {
    ...(role === undefined ? {} : { role }),
    ...(member === undefined ? {} : { member }),
    ...(person === undefined ? {} : { person }),
    ...(defaultTlp === undefined ? {} : { default_tlp: defaultTlp }),
    ...(password === undefined ? {} : { password }),
    ...(email === undefined ? {} : { email }),
  };
}

function tell(account: Account, flags: CommonFlags, io: Io, what: string): void {
  if (flags.json === true) writeJson(account, io);
  else if (flags.quiet !== true)
    io.stderr.write(
      `Account ${account.name} ${what}: ${account.role}${account.member === undefined ? ' of the hub' : ` of ${account.member}`}${account.disabled ? ', disabled' : ''}.\n`,
    );
}
