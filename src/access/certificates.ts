import { X509Certificate, createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../kernel/clock.ts';
import { contains, type Network } from '../kernel/address.ts';
import { Problem } from '../kernel/problem.ts';

/** Certificates are a few kilobytes. Longer headers are not looked at. */
const LONGEST_HEADER = 16_384;

/** The certificate that a client has shown, as far as it can be used. */
export type ClientCertificate =
  | { readonly fingerprint: string }
  /** Why it cannot be used. For the operator: the client is told nothing but that its credentials are wrong. */
  | { readonly fault: string };

/** Where client certificates are looked for. */
export interface CertificateSources {
  /** The hub's own TLS listener asks for them. */
  readonly ownListener: boolean;
  /** They have to be issued by an authority of this hub's own list; else the pinned key alone decides. */
  readonly needsAuthority: boolean;
  /** Header (lower case) in which trusted proxies tell them. */
  readonly header: string | undefined;
  readonly proxies: readonly Network[];
}

/**
 * The fingerprint of the public key of a certificate: the SHA-256 of its SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as
 * hexadecimal digits. A certificate that is renewed with the same key keeps it.
 */
export function keyFingerprint({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/**
 * The name under which a certificate's key is recorded. It begins with a byte that is in no UTF-8 text, so it is the digest of no
 * secret that anybody could send: a fingerprint is public, and must never be as good as a key.
 */
export function certificateDigest(fingerprint: string): string {
  return createHash('sha256')
    .update(Buffer.from([0xff]))
    .update(`client certificate ${fingerprint}`)
    .digest('hex');
}

/** Reads a certificate that somebody wants to register (PEM). Gives its fingerprint, and when it ends. */
export function readCertificate(
  pem: string,
  clock: Clock,
): { readonly fingerprint: string; readonly ends: number } {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new Problem('invalid-content', 'Invalid certificate', {
      hint: 'Send one certificate in PEM: the text from BEGIN CERTIFICATE to END CERTIFICATE.',
      code: 'TLN-U-422',
      cause: error,
    });
  }
  const ends = Date.parse(certificate.validTo);
  if (!(ends > clock.now()))
    throw new Problem(
      'invalid-content',
      `The certificate expired on ${new Date(ends).toISOString().slice(0, 10)}`,
      {
        hint: 'Register a certificate that is valid.',
        code: 'TLN-U-422',
      },
    );
  return { fingerprint: keyFingerprint(certificate), ends };
}

/** What each TLS connection has shown: it does not change while the connection lasts. */
const shown = new WeakMap<Socket, X509Certificate | undefined>();

/**
 * The certificate that a request comes with: of its own TLS connection, or told by a trusted proxy. Undefined without one. The
 * header of a client that is no trusted proxy is not looked at.
 */
export function clientCertificate(
  socket: Socket,
  headers: IncomingHttpHeaders,
  { ownListener, needsAuthority, header, proxies }: CertificateSources,
  clock: Clock,
): ClientCertificate | undefined {
  if (header !== undefined && proxies.some((network) => contains(network, socket.remoteAddress ?? ''))) {
    const text = headers[header];
    if (text === undefined || text === '') return undefined;
    const certificate = typeof text === 'string' ? certificateIn(text) : undefined;
    return certificate === undefined
      ? { fault: `the header ${header} does not hold one certificate` }
      : usable(certificate, clock);
  }
  if (!ownListener || !(socket instanceof TLSSocket)) return undefined;
  if (!shown.has(socket)) shown.set(socket, socket.getPeerX509Certificate());
  const certificate = shown.get(socket);
  if (certificate === undefined) return undefined;
  if (needsAuthority && !socket.authorized)
    return { fault: `its certificate was issued by no authority of listen.tls.client_certificates.ca_file (${socket.authorizationError?.message ?? 'not trusted'})` }; // prettier-ignore
  return usable(certificate, clock);
}

function usable(certificate: X509Certificate, clock: Clock): ClientCertificate {
  const now = clock.now();
  if (Date.parse(certificate.validTo) <= now) return { fault: 'its certificate has expired' };
  if (Date.parse(certificate.validFrom) > now) return { fault: 'its certificate is not valid yet' };
  return { fingerprint: keyFingerprint(certificate) };
}

/** A certificate in a header: DER as a byte sequence (RFC 9440 section 2.1), or PEM with percent signs, as nginx sends it. */
function certificateIn(text: string): X509Certificate | undefined {
  if (text.length > LONGEST_HEADER) return undefined;
  const [, der] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text.trim()) ?? [];
  try {
    return new X509Certificate(der === undefined ? decodeURIComponent(text) : Buffer.from(der, 'base64'));
  } catch {
    return undefined;
  }
}
