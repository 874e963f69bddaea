import * as oauth from 'oauth4webapi';
import type { HttpClient } from '../../kernel/http-client.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { signOnErrors } from './errors.ts';

/** Responses of a provider (discovery document, keys, tokens) are a few kilobytes long. */
const LARGEST_ANSWER = 1_048_576;
/** How long the provider's metadata is cached. */
const FRESH_MS = 3_600_000;
/** After a failed discovery the provider counts as down for this long, so that visitors do not wait one after the other. */
const DOWN_MS = 5_000;
/** The deadline of one request, including its body. */
const TIMEOUT_MS = 10_000;

/** The setting `sign_in.oidc`. */
export interface OidcSetting {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** The label of the button on the sign-in page. */
  readonly title: string;
  /** Values of `acr` and `amr` that count as a second factor. */
  readonly secondFactor: { readonly acr: readonly string[]; readonly amr: readonly string[] };
}

/** The state of a sign-in that the hub keeps while the browser is at the provider. */
export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The provider must authenticate the person again, even in an existing session. */
  readonly fresh: boolean;
}

/** The person who signed in, as the provider reports it. */
export interface Identity {
  readonly subject: string;
  /** Set only when the provider has verified the address. */
  readonly email: string | undefined;
  readonly hasSecondFactor: boolean;
  /** The time at which the person authenticated at the provider, in milliseconds since 1970. */
  readonly authenticated: number | undefined;
  readonly idToken: string;
}

/**
 * An OpenID Connect provider, used with the authorization code flow and PKCE. The library checks `iss`,
 * `aud`, `nonce`, `state`, times and signatures. Every request uses the hub's own HTTP client, with its guard
 * against internal addresses.
 */
export class Provider {
  readonly setting: OidcSetting;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #client: oauth.Client;
  #known: { readonly server: oauth.AuthorizationServer; readonly until: number } | undefined;
  #down: { readonly problem: Problem; readonly until: number } | undefined;
  /** The discovery in progress, which all visitors share. */
  #asking: Promise<oauth.AuthorizationServer> | undefined;

  constructor(setting: OidcSetting, http: HttpClient, clock: Clock) {
    this.setting = setting;
    this.#http = http;
    this.#clock = clock;
    this.#client = { client_id: setting.clientId };
  }

  /** Returns the address at which the person signs in, and the state that the hub must keep meanwhile. */
  async begin(redirectUri: string, fresh: boolean): Promise<{ readonly url: string; readonly flow: Flow }> {
    const server = await this.#server();
    const flow: Flow = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      fresh,
    };
    if (server.authorization_endpoint === undefined) throw down('the provider has no authorization endpoint');
    const url = new URL(server.authorization_endpoint);
    const parameters = {
      client_id: this.setting.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
      ...(this.setting.secondFactor.acr.length === 0
        ? {}
        : { acr_values: this.setting.secondFactor.acr.join(' ') }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, flow };
  }

  /**
   * Returns the person who signed in, from the parameters with which the provider sent the browser back.
   * Throws an Error with the reason, for the operator's log, or a Problem of kind unavailable when the
   * provider cannot be reached.
   */
  async finish(parameters: URLSearchParams, redirectUri: string, flow: Flow): Promise<Identity> {
    const server = await this.#server();
    const client = this.#client;
    const answer = oauth.validateAuthResponse(server, client, parameters, flow.state);
    const { clientSecret, secondFactor } = this.setting;
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientSecret === undefined ? oauth.None() : oauth.ClientSecretBasic(clientSecret),
      answer,
      redirectUri,
      flow.verifier,
      this.#options(),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: flow.nonce,
      requireIdToken: true,
      // One minute for the redirect.
      ...(flow.fresh ? { maxAge: 60 } : {}),
    });
    await oauth.validateApplicationLevelSignature(server, response, this.#options());
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims === undefined || tokens.id_token === undefined)
      throw new Error('the provider sent no ID token');
    const { sub, email, email_verified: isVerified, acr, amr, auth_time: authTime } = claims;
    const methods = Array.isArray(amr) ? amr.map(String) : [];
    return {
      subject: sub,
      email: typeof email === 'string' && isVerified === true ? inLowerCase(email) : undefined,
      hasSecondFactor:
        (typeof acr === 'string' && secondFactor.acr.includes(acr)) ||
        methods.some((method) => secondFactor.amr.includes(method)),
      authenticated: typeof authTime === 'number' ? authTime * 1000 : undefined,
      idToken: tokens.id_token,
    };
  }

  /**
   * Returns the address at which the person also signs out at the provider. Undefined when the provider has
   * none or cannot be reached.
   */
  async logoutUrl(idToken: string, backTo: string): Promise<string | undefined> {
    const server = await this.#server().catch(() => undefined);
    if (server?.end_session_endpoint === undefined) return undefined;
    const url = new URL(server.end_session_endpoint);
    url.searchParams.set('id_token_hint', idToken);
    url.searchParams.set('client_id', this.setting.clientId);
    url.searchParams.set('post_logout_redirect_uri', backTo);
    return url.href;
  }

  async #server(): Promise<oauth.AuthorizationServer> {
    const now = this.#clock.monotonic();
    if (this.#known !== undefined && this.#known.until > now) return this.#known.server;
    if (this.#down !== undefined && this.#down.until > now) throw this.#down.problem;
    this.#asking ??= this.#discover().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.setting.issuer);
    try {
      const response = await oauth.discoveryRequest(issuer, this.#options());
      const server = await oauth.processDiscoveryResponse(issuer, response);
      this.#known = { server, until: this.#clock.monotonic() + FRESH_MS };
      return server;
    } catch (error) {
      const problem = isDown(error) ? error : down(reasonOf(error), error);
      this.#down = { problem, until: this.#clock.monotonic() + DOWN_MS };
      throw problem;
    }
  }

  #options(): {
    [oauth.customFetch]: (
      url: string,
      options: oauth.CustomFetchOptions<string, unknown>,
    ) => Promise<Response>;
    [oauth.allowInsecureRequests]: boolean;
  } {
    return {
      [oauth.customFetch]: (url, options) => this.#fetch(url, options),
      // Plain HTTP is allowed only for a provider on this machine. The settings check refuses it otherwise.
      [oauth.allowInsecureRequests]: this.setting.issuer.startsWith('http:'),
    };
  }

  async #fetch(url: string, options: oauth.CustomFetchOptions<string, unknown>): Promise<Response> {
    const done = new AbortController();
    const late = new AbortController();
    void this.#clock.wait(TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) late.abort();
    });
    try {
      return await this.#answer(url, options, late.signal);
    } catch (error) {
      throw late.signal.aborted ? down('it answers too slowly', error) : error;
    } finally {
      done.abort();
    }
  }

  async #answer(
    url: string,
    { method, headers, body }: oauth.CustomFetchOptions<string, unknown>,
    late: AbortSignal,
  ): Promise<Response> {
    const response = await this.#http.fetch({
      url,
      method: method === 'POST' ? 'POST' : 'GET',
      headers: { ...headers, 'Accept-Encoding': 'identity' },
      redirects: 0,
      timeoutMs: TIMEOUT_MS,
      signal: late,
      ...(body instanceof URLSearchParams ? { body: body.toString() } : {}),
    });
    late.addEventListener('abort', () => response.body.destroy(new Error('too slow')), { once: true });
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of response.body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > LARGEST_ANSWER) {
        response.body.destroy();
        throw down('its response is too large');
      }
      parts.push(part);
    }
    return new Response(Buffer.concat(parts), {
      status: response.status,
      headers: { 'Content-Type': response.headers['content-type'] ?? '' },
    });
  }
}

/**
 * Returns an address in lower case, in ASCII letters only: the lower case of a few other characters is an ASCII letter,
 * and such an address belongs to somebody else.
 */
function inLowerCase(address: string): string {
  return address.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isDown(error: unknown): error is Problem {
  return error instanceof Problem && error.code === 'TLN-A-503';
}

function down(reason: string, cause?: unknown): Problem {
  return signOnErrors.providerUnreachable({ description: reason, cause });
}
