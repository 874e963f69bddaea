import {
  accountId,
  accountNameFault,
  epochOf,
  isPasswordOwn,
  newAccountId,
  nextEpoch,
} from '../../access/accounts/account-records.ts';
import type { AccountRecord } from '../../access/accounts/model.ts';
import { passwordFault } from '../../access/accounts/password-rules.ts';
import { hashPassword, isOldHash, secretTag } from '../../access/accounts/passwords.ts';
import { certificateDigest } from '../../access/certificates.ts';
import { looksLikeKey, secretDigest } from '../../access/keys/api-key.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Stored } from '../../store/records.ts';
import type { Config } from '../config.ts';
import type { Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';
import type { AccountSetting } from '../settings.ts';

const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 256;
const SHORTEST_KEY = 32;

/**
 * Returns the record of an account, unless it belongs to a different member from the one in the settings file. An officer
 * could otherwise create the name first, and its keys, passwords and second factors would work for the other
 * member. The declared account is then a new one with a new id, and nothing from the earlier one applies to it.
 */
export function sameAccount(
  { name, member }: AccountSetting,
  before: Stored<AccountRecord> | undefined,
  log: Log,
): Stored<AccountRecord> | undefined {
  const [old = 'hub', declared = 'hub'] = [before?.document.member, member];
  if (before === undefined || old === declared) return before;
  log.warn('account.replaced', {
    account: name,
    reason: `The settings file declares an account of ${declared}, and an account of ${old} had the name. Its credentials no longer work.`,
  });
  return undefined;
}

/** Declares an account, with its password, key, certificates and sign-in link. */
export async function declareAccount(
  account: AccountSetting,
  config: Config,
  key: Buffer,
  before: Stored<AccountRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
  log: Log,
): Promise<void> {
  const fault = accountNameFault(account.name);
  if (fault !== undefined) throw settingsErrors.accountNameInvalid({ account: account.name, remedy: fault });
  const {
    name,
    key_env: keyEnv,
    password_env: _passwordEnv,
    client_certificates: certificates,
    single_sign_on: signOn,
    member: home,
    ...fields
  } = account;
  if (certificates !== undefined && account.role !== 'machine')
    throw settingsErrors.certificatesOfPerson({ account: name });
  const member = home === 'hub' ? undefined : home;
  const created = newAccountId(ids);
  const uid = before === undefined ? created : before.document.uid;
  const holder = before === undefined ? created : accountId(before);
  const had = before?.document;
  // The confirmation applies only to the address that was confirmed.
  const verified = fields.email === undefined || had?.email !== fields.email ? undefined : had.email_verified;
  const { password, isSame } = await declaredPassword(account, config, key, had, log);
  const isOther =
    had !== undefined && (had.role !== fields.role || had.member !== member || had.disabled === true);
  const epoch = had === undefined ? 0 : isOther || !isSame ? nextEpoch(had) : epochOf(had);
  wanted.account.set(name, {
    ...(uid === undefined ? {} : { uid }),
    ...fields,
    ...(member === undefined ? {} : { member }),
    ...(signOn === undefined
      ? {}
      : { single_sign_on: signOnLink(name, signOn, config, had?.single_sign_on) }),
    ...(verified === undefined ? {} : { email_verified: verified }),
    ...password,
    // People choose their preferences on the account page, whatever the settings file contains.
    ...(had?.preferences === undefined ? {} : { preferences: had.preferences }),
    ...(epoch > 0 ? { epoch } : {}),
    ...(had?.access_at === undefined ? {} : { access_at: had.access_at }),
  });
  for (const certificate of certificates ?? [])
    wanted.key.set(certificateDigest(certificate), { account: holder, prefix: 'cert', certificate });
  if (keyEnv !== undefined) declareKey(name, keyEnv, holder, config, wanted, log);
}

/** Returns the sign-in link of an account. An email address matches once; the subject that was found then stays. */
function signOnLink(
  account: string,
  { subject, email }: NonNullable<AccountSetting['single_sign_on']>,
  { oidc }: Config,
  kept: AccountRecord['single_sign_on'],
): NonNullable<AccountRecord['single_sign_on']> {
  if (oidc === undefined) throw settingsErrors.providerMissing({ account });
  const { issuer } = oidc;
  if (subject !== undefined) return { issuer, subject };
  if (kept?.issuer === issuer && kept.subject !== undefined && kept.declared === email) return kept;
  return { issuer, ...(email === undefined ? {} : { email: email.toLowerCase(), declared: email }) };
}

/** The fields of an account about its password. `isSame` is false when the password of the account has ended. */
interface DeclaredPassword {
  readonly password: Pick<AccountRecord, 'password_hash' | 'password_by' | 'password_tag'>;
  readonly isSame: boolean;
}

async function declaredPassword(
  { name, member, password_env: variable }: AccountSetting,
  config: Config,
  key: Buffer,
  before: AccountRecord | undefined,
  log: Log,
): Promise<DeclaredPassword> {
  const password = variable === undefined ? undefined : config.secret(variable);
  if (variable !== undefined && password === undefined)
    log.warn('account.no_password', { account: name, variable });
  const { password_hash: hash, password_by: chosenBy, password_tag: oldTag } = before ?? {};
  const tag = password === undefined ? undefined : secretTag(key, `password:${name}`, password);
  // A password that the person chose stays in effect until the file contains a different one than before.
  if (before !== undefined && isPasswordOwn(before) && (tag === undefined || tag === oldTag))
    return {
      password: {
        ...(hash === undefined ? {} : { password_hash: hash }),
        ...(chosenBy === undefined ? {} : { password_by: chosenBy }),
        ...(oldTag === undefined ? {} : { password_tag: oldTag }),
      },
      isSame: true,
    };
  // Without a password in the file, what the account had ends.
  if (password === undefined || tag === undefined) return { password: {}, isSame: hash === undefined };
  const { length } = password;
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD)
    throw settingsErrors.passwordLength({
      account: name,
      length,
      variable: variable ?? 'it',
      shortest: SHORTEST_PASSWORD,
      longest: LONGEST_PASSWORD,
    });
  const weak = passwordFault(password, [name, member ?? '', config.hub.title]);
  if (weak !== undefined)
    log.warn('account.weak_password', { account: name, reason: weak.title, hint: weak.hint });
  const isSame = oldTag === tag && hash !== undefined;
  const isUsable = isSame && !isOldHash(hash);
  return {
    password: { password_tag: tag, password_hash: isUsable ? hash : await hashPassword(password) },
    isSame,
  };
}

function declareKey(
  account: string,
  variable: string,
  holder: string,
  config: Config,
  wanted: Wanted,
  log: Log,
): void {
  const secret = config.secret(variable);
  if (secret === undefined) {
    log.warn('account.no_key', { account, variable });
    return;
  }
  const isKey = looksLikeKey(secret);
  if (!isKey && secret.length < SHORTEST_KEY)
    throw settingsErrors.keyTooShort({ account, length: secret.length, variable, shortest: SHORTEST_KEY });
  wanted.key.set(secretDigest(secret), {
    account: holder,
    prefix: isKey ? secret.slice(4, 12) : 'settings',
  });
}
