// Rows of bench/operations.mjs for the operations that a person uses in a session: passwords, second factors, email,
// and TLP:RED. They need a browser's cookie, an authenticator, a passkey and a mailbox, so they have steps between them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';
import { COLLECTION } from './taxii.mjs';

/** The address of the hub in its settings. Passkeys need a host name. */
export const HUB_URL = 'https://hub.example';
const PASSWORD = 'password of reef sailors';
const NEW_PASSWORD = 'another password of reef sailors';
const LONGEST_WAIT_MS = 60_000;
/** The headers that a browser sends with a request from a page of the hub. */
export const SAME_PAGE = { 'Sec-Fetch-Site': 'same-origin' };

/** Loads a module of the tests. They are TypeScript, which Node.js 20 does not run. It may import only Node.js. */
export async function testModule(name) {
  // A test that only compares the rows with the API needs no compiler.
  const { transform } = await import('esbuild');
  const source = readFileSync(join(import.meta.dirname, '..', 'test', 'support', name), 'utf8');
  const { code } = await transform(source, { loader: 'ts', format: 'esm' });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** The value of the session cookie in a response. */
const cookieOf = ({ 'set-cookie': cookies = [] }) =>
  cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ');

/** Waits for the email with a link, and returns the token of the link. */
async function tokenIn(mails, subject) {
  const end = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const mail = mails.findLast((one) => one.includes(subject));
    const text = (mail ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
    const [, token] = /https:\/\/hub\.example\/\S*?([A-Za-z0-9_-]{20,})\s/.exec(text) ?? [];
    if (token !== undefined) return token;
    if (Date.now() > end) throw new Error(`no email "${subject}" arrived`);
    await wait(50);
  }
}

/**
 * Returns what the rows need besides requests: an authenticator, a mailbox, and steps between rows. `send` sends any
 * request, and `api` one to the API. `folder` is the one that the hub was started in.
 */
export async function peopleSite({ mails, send, api, folder }) {
  const { SoftPasskey } = await testModule('passkey.ts');
  const { makeCertificate, proofOf } = await testModule('certificate.ts');
  const certificate = makeCertificate('buoy', 90);
  return {
    mails,
    passkey: new SoftPasskey(HUB_URL),
    register: () => ({
      account: 'buoy', certificate: certificate.cert, proof: proofOf(certificate, HUB_URL, 'buoy'),
    }),
    /** The path of a one-time link that the operator makes at the machine. */
    linkAtMachine(name) {
      const main = join(import.meta.dirname, '..', 'dist', 'main.js');
      const flags = ['--config', join(folder, 'talanoa.yaml'), '--data', join(folder, 'data'), '--json'];
      const out = execFileSync(process.execPath, [main, 'account', 'invite', name, ...flags], { encoding: 'utf8' });
      return new URL(JSON.parse(out).link).pathname;
    },
    /** Sends a form of a page. */
    async post(path, form) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...SAME_PAGE };
      const { status } = await send('POST', path, Buffer.from(new URLSearchParams(form).toString()), headers);
      if (status !== 200) throw new Error(`POST ${path} was answered with ${status}`);
    },
    /** Waits until the values of the collection are up to date. */
    async listed() {
      const isCurrent = ({ collection, state }) => collection === COLLECTION && state === 'current';
      const end = Date.now() + LONGEST_WAIT_MS;
      while (!JSON.parse((await api('GET', '/values/views')).body).items.some(isCurrent)) {
        if (Date.now() > end) throw new Error('the values of the collection are not up to date');
        await wait(100);
      }
    },
  }; // prettier-ignore
}

const codeOf = (secret) => new TOTP({ secret: Secret.fromBase32(secret) }).generate();

/**
 * Returns the rows in the order in which they must be sent. `site` is from `peopleSite`, and `red` an object that only
 * named people may see.
 */
export function peopleRows(row, { mails, passkey, post, linkAtMachine, red, register }) {
  const own = (operation, method, path, status, body, more = {}) =>
    row(operation, method, path, status, body, { cookie: 'sailor', ...more });
  const starts = { keep: (_body, headers) => ['sailor', cookieOf(headers)] };
  return [
    row('createAccount', 'POST', '/accounts', 201, { name: 'sailor', role: 'officer', member: 'samoa', person: true }),
    row('inviteAccount', 'POST', '/accounts/sailor/invitation', 201, undefined, { keep: ({ link }) => ['invitation', new URL(link).pathname] }),
    row('signIn', 'POST', '/sessions', 201, { account: 'sailor', password: PASSWORD }, {
      as: undefined, ...starts, before: (ids) => post(ids.get('invitation'), { password: PASSWORD }),
    }),
    own('confirmSession', 'POST', '/session/confirmation', 200, { password: PASSWORD }),
    row('giveRed', 'POST', '/red', 201, { object: red, to: ['sailor'] }, { as: 'DESK', keep: ({ id }) => ['gift', id] }),
    own('getRed', 'GET', '/red/:gift', 200),
    own('updatePreferences', 'PUT', '/account/preferences', 200, { language: 'fr', time_zone: 'Pacific/Noumea' }),
    own('getPreferences', 'GET', '/account/preferences', 200),
    own('proposeEmail', 'POST', '/email', 204, { email: 'sailor@cert.example' }),
    own('verifyEmail', 'POST', '/email/verification', 204, async () => ({ token: await tokenIn(mails, 'Confirm your email address') })),
    own('beginAuthenticator', 'POST', '/second-factor/authenticator', 201, undefined, { keep: ({ secret }) => ['secret', secret] }),
    own('verifyAuthenticator', 'POST', '/second-factor/authenticator/verification', 200, (ids) => ({ code: codeOf(ids.get('secret')) })),
    own('renewRecoveryCodes', 'POST', '/second-factor/recovery-codes', 201, undefined, { keep: ({ codes }) => ['code', codes[0]] }),
    row('signIn', 'POST', '/sessions', 201, { account: 'sailor', password: PASSWORD }, { as: undefined, ...starts }),
    own('submitSecondFactor', 'POST', '/session/second-factor', 200, (ids) => ({ code: ids.get('code') }), starts),
    own('beginPasskey', 'POST', '/second-factor/passkeys/options', 200, undefined, { keep: ({ options }) => ['challenge', options.challenge] }),
    own('createPasskey', 'POST', '/second-factor/passkeys', 201, (ids) => ({ passkey: passkey.create(ids.get('challenge')), label: 'Yellow key' })),
    own('beginPasskeySignIn', 'POST', '/session/second-factor/options', 200),
    own('getSecondFactor', 'GET', '/second-factor', 200, undefined, { holds: ({ passkeys }) => passkeys.length === 1, keep: ({ passkeys }) => ['passkey', passkeys[0].id] }),
    own('deletePasskey', 'DELETE', '/second-factor/passkeys/:passkey', 204),
    own('deleteAuthenticator', 'DELETE', '/second-factor/authenticator', 204),
    own('beginAuthenticator', 'POST', '/second-factor/authenticator', 201, undefined, { keep: ({ secret }) => ['secret', secret] }),
    own('verifyAuthenticator', 'POST', '/second-factor/authenticator/verification', 200, (ids) => ({ code: codeOf(ids.get('secret')) })),
    row('resetSecondFactor', 'DELETE', '/accounts/sailor/second-factor', 204),
    row('createAccount', 'POST', '/accounts', 201, { name: 'skipper', role: 'officer', member: 'samoa', person: true }),
    row('linkAccount', 'PUT', '/accounts/skipper/single-sign-on', 204, { subject: 'skipper' }),
    row('unlinkAccount', 'DELETE', '/accounts/skipper/single-sign-on', 204),
    // Accounts of the settings file with links of the operator. Other accounts take no part in decisions of two people in their first seven days.
    ...['mate', 'pilot'].map((name) =>
      row('signIn', 'POST', '/sessions', 201, { account: name, password: PASSWORD }, {
        as: undefined,
        keep: (_body, headers) => [name, cookieOf(headers)],
        before: async () => post(linkAtMachine(name), { password: PASSWORD }),
      }),
    ),
    row('openSeal', 'POST', '/anonymous-objects/:anonymous/opening', 200, { reason: 'measured' }, { cookie: 'mate' }),
    row('openSeal', 'POST', '/anonymous-objects/:anonymous/opening', 200, { reason: 'measured' }, { cookie: 'pilot' }),
    row('createWideNetwork', 'POST', '/wide-networks', 201, { network: '45.0.0.0/9', reason: 'measured', days: 1 }, { cookie: 'mate', keep: ({ id }) => ['wide', id] }),
    row('approveWideNetwork', 'POST', '/wide-networks/:wide/approval', 200, { reason: 'measured' }, { cookie: 'pilot' }),
    row('listWideNetworks', 'GET', '/wide-networks', 200, undefined, { holds: ({ items }) => items.length > 0 }),
    row('revokeWideNetwork', 'POST', '/wide-networks/:wide/revocation', 200, { reason: 'measured' }),
    row('requestPasswordReset', 'POST', '/password-resets', 204, { account: 'sailor' }, { as: undefined }),
    row('completePasswordReset', 'POST', '/password-resets/completion', 204, async () => ({ token: await tokenIn(mails, 'Reset your password'), password: NEW_PASSWORD }), { as: undefined }),
    row('registerCertificate', 'POST', '/certificates', 201, register),
  ]; // prettier-ignore
}
