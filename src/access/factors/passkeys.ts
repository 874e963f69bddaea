import { isIP } from 'node:net';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

/** Maximum number of passkeys per account. */
export const MOST_PASSKEYS = 10;

/** A passkey of an account (WebAuthn level 3). Its private key never leaves the device. */
export interface Passkey {
  /** Credential identifier, base64url. */
  readonly id: string;
  /** Public key (COSE), base64url. */
  readonly key: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly label: string;
  readonly since: number;
}

/** The host name of the hub as browsers see it. Passkeys work only on this host. */
export interface RelyingParty {
  readonly name: string;
  readonly url: string;
}

/** The library is loaded when a passkey is first used. */
const library = (): Promise<typeof import('@simplewebauthn/server')> => import('@simplewebauthn/server');

const hostOf = ({ url }: RelyingParty): string => new URL(url).hostname;

/**
 * True when the hub has a host name. Browsers bind passkeys to a host name and refuse an IP address (WebAuthn section
 * 5.1.3).
 */
export const hasHostName = (url: string): boolean =>
  isIP(new URL(url).hostname.replaceAll(/^\[|\]$/g, '')) === 0;

/** Returns the options that a browser needs to create a passkey. */
export async function creationOptions(
  party: RelyingParty,
  account: string,
  present: readonly Passkey[],
): Promise<{ readonly challenge: string }> {
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: party.name,
    rpID: hostOf(party),
    userName: account,
    attestationType: 'none',
    excludeCredentials: present.map(described),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  });
}

/** Returns the options that a browser needs to use a passkey. */
export async function requestOptions(
  party: RelyingParty,
  present: readonly Passkey[],
): Promise<{ readonly challenge: string }> {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: hostOf(party),
    allowCredentials: present.map(described),
    userVerification: 'preferred',
  });
}

/** Returns the passkey that a browser created for a challenge. Undefined when any check fails. */
export async function createdPasskey(
  party: RelyingParty,
  challenge: string,
  response: unknown,
  { label, since }: { readonly label: string; readonly since: number },
): Promise<Passkey | undefined> {
  if (!isRegistration(response)) return undefined;
  const { verifyRegistrationResponse } = await library();
  const { registrationInfo, verified } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: new URL(party.url).origin,
    expectedRPID: hostOf(party),
    requireUserVerification: false,
  }).catch(() => ({ verified: false, registrationInfo: undefined }));
  if (!verified || registrationInfo === undefined) return undefined;
  const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
  return {
    id,
    key: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports: [...transports],
    label,
    since,
  };
}

/** Returns the new counter of the passkey that signed a challenge. Undefined when any check fails. */
export async function usedPasskey(
  party: RelyingParty,
  challenge: string,
  response: unknown,
  present: readonly Passkey[],
): Promise<Passkey | undefined> {
  if (!isAuthentication(response)) return undefined;
  const passkey = present.find(({ id }) => id === response.id);
  if (passkey === undefined) return undefined;
  const { verifyAuthenticationResponse } = await library();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: new URL(party.url).origin,
    expectedRPID: hostOf(party),
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(Buffer.from(passkey.key, 'base64url')),
      counter: passkey.counter,
    },
    requireUserVerification: false,
  }).catch(() => ({ verified: false, authenticationInfo: undefined }));
  if (!verified || authenticationInfo === undefined) return undefined;
  return { ...passkey, counter: authenticationInfo.newCounter };
}

function described({ id, transports }: Passkey): { id: string; transports: string[] } {
  return { id, transports: [...transports] };
}

function isRegistration(value: unknown): value is RegistrationResponseJSON {
  return hasTexts(value, ['clientDataJSON', 'attestationObject']);
}

function isAuthentication(value: unknown): value is AuthenticationResponseJSON {
  return hasTexts(value, ['clientDataJSON', 'authenticatorData', 'signature']);
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, response } = value as { readonly id?: unknown; readonly response?: unknown };
  if (typeof id !== 'string' || typeof response !== 'object' || response === null) return false;
  const texts = response as Readonly<Record<string, unknown>>;
  return names.every((name) => typeof texts[name] === 'string');
}
