import { X509Certificate, createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../kernel/clock.ts';
import { contains, type Network } from '../kernel/address.ts';
import { Problem } from '../kernel/problem.ts';

/** Certificates are a few kilobytes long. Longer headers are ignored. */
const LONGEST_HEADER = 16_384;

/** The certificate that a client presented. */
export type ClientCertificate =
  | { readonly fingerprint: string }
  /**
   * Why the certificate cannot be used. Only the log shows this reason: the client learns only that its
   * credentials are wrong.
   */
  | { readonly fault: string };

/** Where the hub looks for client certificates. */
export interface CertificateSources {
  /** The hub's own TLS listener requests client certificates. */
  readonly ownListener: boolean;
  /** An authority in the hub's own list must have issued the certificate. Otherwise only the pinned key decides. */
  readonly needsAuthority: boolean;
  /** The header (in lower case) in which trusted proxies pass certificates. */
  readonly header: string | undefined;
  readonly proxies: readonly Network[];
}

/**
 * Returns the fingerprint of a certificate's public key: the SHA-256 of its SubjectPublicKeyInfo (RFC 5280 §4.1.2.7),
 * in hexadecimal. A certificate that is renewed with the same key has the same fingerprint.
 */
export function keyFingerprint({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/**
 * The name under which the key of a certificate is recorded. It begins with a byte that never occurs in UTF-8
 * text, so it cannot be the digest of a secret that a client sends. A fingerprint is public and must never
 * work as a key.
 */
export function certificateDigest(fingerprint: string): string {
  return createHash('sha256')
    .update(Buffer.from([0xff]))
    .update(`client certificate ${fingerprint}`)
    .digest('hex');
}

/** Reads a PEM certificate for registration. Returns its fingerprint and its expiry. */
export function readCertificate(
  pem: string,
  clock: Clock,
): { readonly fingerprint: string; readonly ends: number } {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new Problem('invalid-content', 'Invalid certificate', {
      hint: 'Send one certificate in PEM format, from BEGIN CERTIFICATE to END CERTIFICATE.',
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

/** The certificate of each TLS connection, which does not change while the connection is open. */
const shown = new WeakMap<Socket, X509Certificate | undefined>();

/**
 * Returns the certificate of a request, taken from its TLS connection or from the header of a trusted proxy.
 * Undefined when there is none. The header is ignored when the client is not a trusted proxy.
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
    return { fault: `its certificate was not issued by an authority in listen.tls.client_certificates.ca_file (${socket.authorizationError?.message ?? 'not trusted'})` }; // prettier-ignore
  return usable(certificate, clock);
}

function usable(certificate: X509Certificate, clock: Clock): ClientCertificate {
  const now = clock.now();
  if (Date.parse(certificate.validTo) <= now) return { fault: 'its certificate has expired' };
  if (Date.parse(certificate.validFrom) > now) return { fault: 'its certificate is not valid yet' };
  return { fingerprint: keyFingerprint(certificate) };
}

/**
 * Reads a certificate from a header, either as a DER byte sequence (RFC 9440 §2.1) or as percent-encoded PEM,
 * as nginx sends it.
 */
function certificateIn(text: string): X509Certificate | undefined {
  if (text.length > LONGEST_HEADER) return undefined;
  const [, der] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text.trim()) ?? [];
  try {
    return new X509Certificate(der === undefined ? decodeURIComponent(text) : Buffer.from(der, 'base64'));
  } catch {
    return undefined;
  }
}
