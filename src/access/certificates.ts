import { X509Certificate, createHash, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CertificateRequest } from '../api/schema-types.ts';
import type { Clock } from '../kernel/clock.ts';
import { contains, type Network } from '../kernel/address.ts';
import { accessErrors } from './errors.ts';

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

/** A certificate that was read for registration. */
export interface ReadCertificate {
  readonly certificate: Pick<X509Certificate, 'publicKey'>;
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly ends: number;
}

/** A statement that was signed with the private key of a certificate, as proof of possession. */
export type KeyProof = NonNullable<CertificateRequest['proof']>;

/** A statement is accepted for ten minutes, and clocks may differ by as much. */
const PROOF_MS = 600_000;

/**
 * Returns the statement to sign. It names the hub and the account, so it is of no use to anybody who registers the
 * certificate for another account or at another hub.
 */
export function proofText(hub: string, account: string, signedAt: string): string {
  return `Talanoa client certificate\nhub: ${hub}\naccount: ${account}\nsigned at: ${signedAt}\n`;
}

/**
 * Throws unless the caller holds the private key of a certificate. Either the connection presents a certificate of the
 * same key, or the caller signed the statement for the account.
 */
export function demandPossession(
  { certificate, fingerprint }: ReadCertificate,
  presented: ClientCertificate | undefined,
  proof: KeyProof | undefined,
  { hub, account, now }: { readonly hub: string; readonly account: string; readonly now: number },
): void {
  if (presented !== undefined && 'fingerprint' in presented && presented.fingerprint === fingerprint) return;
  const hint =
    'Run "talanoa key register-certificate FILE --key KEYFILE", or send the request with the certificate. docs/how-to/use-client-certificates.md shows how to sign with OpenSSL.';
  if (proof === undefined) throw accessErrors.keyNotProven({ hint });
  const age = Math.abs(now - Date.parse(proof.signed_at));
  if (!(age <= PROOF_MS) || !isSigned(certificate, proofText(hub, account, proof.signed_at), proof.signature))
    throw accessErrors.invalidProof({ hub, account }, { hint });
}

function isSigned({ publicKey }: ReadCertificate['certificate'], text: string, signature: string): boolean {
  const isEdwards = publicKey.asymmetricKeyType === 'ed25519' || publicKey.asymmetricKeyType === 'ed448';
  try {
    return verify(
      isEdwards ? null : 'sha256',
      Buffer.from(text),
      publicKey,
      Buffer.from(signature, 'base64'),
    );
  } catch {
    return false;
  }
}

/** Reads a PEM certificate for registration. Returns its fingerprint and its expiry. */
export function readCertificate(pem: string, clock: Clock): ReadCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw accessErrors.invalidCertificate({ cause: error });
  }
  const ends = Date.parse(certificate.validTo);
  if (!(ends > clock.now()))
    throw accessErrors.certificateExpired({ date: new Date(ends).toISOString().slice(0, 10) });
  return { certificate, fingerprint: keyFingerprint(certificate), ends };
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
