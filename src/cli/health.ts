import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/config.ts';
import { socketPath } from '../server/listen.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, type Io } from './io.ts';
import { writeResult } from './output.ts';

const PATIENCE_MS = 4_000;

export interface HealthFlags extends CommonFlags {
  readonly host?: string;
  readonly port?: number;
}

/**
 * `talanoa health`: exit code 0 if the hub of these settings answers on this machine. It follows the port, the address and
 * the TLS of the settings, so the health check of a container needs no change with them.
 */
export async function health(flags: HealthFlags, io: Io): Promise<number> {
  const config = loadConfig(
    {
      ...(flags.config === undefined ? {} : { config: flags.config }),
      ...(flags.data === undefined ? {} : { data: flags.data }),
      ...(flags.host === undefined ? {} : { host: flags.host }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
    },
    io.environment,
  );
  const { url, found } = await asked(config);
  const isWell = found === 200;
  if (!isWell || flags.quiet !== true || flags.json === true)
    writeResult(
      { url, healthy: isWell, found },
      () => (isWell ? `The hub answers at ${url}.` : `The hub does not answer at ${url}: ${found}`),
      flags,
      io,
    );
  return isWell ? EXIT.done : EXIT.failed;
}

/** Asks the hub whether it is alive. Returns the status, or why there was no response. */
async function asked(config: Config): Promise<{ readonly url: string; readonly found: number | string }> {
  const { host, port, tls } = config.listen;
  const local =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  // A process that only works has no listener for the network.
  const socket = config.roles.web ? undefined : socketPath(config.data);
  const path = socket === undefined ? '/healthz' : '/api/v1/whoami';
  const url = socket ?? `${tls === undefined ? 'http' : 'https'}://${local}:${port}${path}`;
  const found = await new Promise<number | string>((resolve) => {
    // The certificate names the public host of the hub, not this machine.
    const out =
      socket !== undefined
        ? plainRequest({ socketPath: socket, path, agent: false, timeout: PATIENCE_MS })
        : tls === undefined
          ? plainRequest(url, { agent: false, timeout: PATIENCE_MS })
          : tlsRequest(url, { agent: false, rejectUnauthorized: false, timeout: PATIENCE_MS });
    out.once('timeout', () => out.destroy(new Error(`no response within ${PATIENCE_MS / 1000} s`)));
    out.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    out.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    out.end();
  });
  return { url, found };
}
