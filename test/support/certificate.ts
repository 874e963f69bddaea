import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

// A self-signed certificate, built by hand: no tool that makes one is needed, and no private key is kept in the
// repository.

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: number[]): Buffer => der(0x06, Buffer.from(bytes));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const time = (ms: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`));

const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const ALT_NAME = oid(0x55, 0x1d, 0x11);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const IS_AUTHORITY = sequence(BASIC_CONSTRAINTS, der(0x04, sequence(der(0x01, Buffer.from([0xff])))));

/** Signs the statement that proves possession of the private key of a certificate. */
export function proofOf(
  { key }: MadeCertificate,
  hub: string,
  account: string,
  at = new Date().toISOString(),
): { signed_at: string; signature: string } {
  const statement = `Talanoa client certificate\nhub: ${hub}\naccount: ${account}\nsigned at: ${at}\n`;
  return { signed_at: at, signature: sign('sha256', Buffer.from(statement), key).toString('base64') };
}

export interface MadeCertificate {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Creates a certificate for localhost and 127.0.0.1 with its private key, as PEM, which is valid for `days`
 * from now. It is self-signed, or signed by `issuer`. With `of`, it is another certificate of the same key.
 */
export function makeCertificate(
  name: string,
  days: number,
  {
    issuer,
    authority = false,
    of,
  }: { readonly issuer?: MadeCertificate; readonly authority?: boolean; readonly of?: MadeCertificate } = {},
): MadeCertificate {
  const { publicKey, privateKey } =
    of === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : { publicKey: createPublicKey(of.key), privateKey: createPrivateKey(of.key) };
  const named = (common: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, text(common))));
  const subject = named(name);
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const now = Date.now();
  const serial = randomBytes(8);
  serial.writeUInt8(serial.readUInt8(0) & 0x7f || 1, 0);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_SHA256,
    named(issuer?.name ?? name),
    sequence(time(Math.min(now, now + days * 86_400_000) - 86_400_000), time(now + days * 86_400_000)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(ALT_NAME, der(0x04, names)), ...(authority ? [IS_AUTHORITY] : []))),
  );
  const signature = sign('sha256', body, issuer === undefined ? privateKey : createPrivateKey(issuer.key));
  const certificate = sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    name,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
