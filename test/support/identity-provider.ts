import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** The person who signs in at the provider, and the claims about them. */
export interface Person {
  readonly subject: string;
  readonly email?: string;
  readonly verified?: boolean;
  readonly acr?: string;
  readonly amr?: readonly string[];
}

/** A real OpenID Connect provider on this machine. It signs `person` in without any interaction. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly port: number;
  readonly secret: string;
  person: Person;
  /** Follows a browser through the provider. Returns the address to which the browser is sent back. */
  visit(url: string): Promise<string>;
  close(): Promise<void>;
}

export async function identityProvider(hubUrl: string): Promise<IdentityProvider> {
  const secret = randomBytes(24).toString('base64url');
  let handle: (request: never, response: never) => unknown = () => undefined;
  const server = createServer((request, response) => void handle(request as never, response as never));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map<string, Person>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'talanoa',
        client_secret: secret,
        redirect_uris: [`${hubUrl}/console/sso/callback`],
        post_logout_redirect_uris: [`${hubUrl}/console/sign-in`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: [secret] },
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], email: ['email', 'email_verified'] },
    acrValues: ['two-factor'],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: () => '/sign-in' },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => {
        const { email, verified = true } = people.get(id) ?? {};
        return { sub: id, ...(email === undefined ? {} : { email, email_verified: verified }) };
      },
    }),
    loadExistingGrant: async ({
      oidc,
    }: {
      oidc: { client: { clientId: string }; session: { accountId: string } };
    }) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  const made: IdentityProvider = {
    issuer,
    port,
    secret,
    person: { subject: 'nobody' },
    async visit(url) {
      const jar = new Map<string, string>();
      for (let next = url; ;) {
        const answer = await fetch(next, {
          redirect: 'manual',
          headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        for (const cookie of answer.headers.getSetCookie()) {
          const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s);
          jar.set(name, value);
        }
        const location = answer.headers.get('location');
        if (location === null)
          throw new Error(`the provider answers ${answer.status}: ${await answer.text()}`);
        next = new URL(location, next).href;
        if (!next.startsWith(issuer)) return next;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  handle = (request: never, response: never) => {
    const { url } = request as { url?: string };
    if (url !== '/sign-in') return callback(request, response);
    const { subject, acr, amr } = made.person;
    people.set(subject, made.person);
    return provider.interactionFinished(request, response, {
      login: {
        accountId: subject,
        ...(acr === undefined ? {} : { acr }),
        ...(amr === undefined ? {} : { amr }),
      },
    });
  };
  return made;
}
