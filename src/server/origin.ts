import type { IncomingMessage } from 'node:http';
import type { Origin } from '../access/authenticate.ts';
import { clientCertificate, type CertificateSources } from '../access/certificates.ts';
import { deviceIn } from '../access/sessions/places.ts';
import type { Config } from '../config/config.ts';
import { clientAddress, parseNetwork, type Network } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';

/** Returns the networks of the proxies whose headers the hub believes. */
export function trustedProxies({ trustedProxies: texts }: Config): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

/**
 * Returns a function that reads the origin of a request. Behind a trusted proxy, the origin is the address that the
 * proxy reports.
 */
export function originReader(config: Config, clock: Clock): (http: IncomingMessage) => Origin {
  const trusted = trustedProxies(config);
  const certificates: CertificateSources = {
    ownListener: config.listen.tls?.clients !== undefined,
    needsAuthority: config.listen.tls?.clients?.caFile !== undefined,
    header: config.listen.clientCertificateHeader?.toLowerCase(),
    proxies: trusted,
  };
  return ({ socket, headers }) => {
    const forwarded = headers['x-forwarded-for'];
    return {
      address: clientAddress(
        socket.remoteAddress ?? '',
        Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
        trusted,
      ),
      agent: headers['user-agent'] ?? '',
      device: deviceIn(headers.cookie),
      certificate: clientCertificate(socket, headers, certificates, clock),
    };
  };
}
