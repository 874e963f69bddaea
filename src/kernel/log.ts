import { pino } from 'pino';

/** Fields of a log line. Values are cut at 256 characters. The JSON writer escapes control characters. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The structured log: one JSON line per event. Lines never contain bodies, credentials or query values. */
export interface Log {
  trace(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Anything with a write method: a stream, or a list in a test. */
export interface LogSink {
  write(line: string): unknown;
}

const LONGEST = 256;
/** Field names that could contain a secret by mistake. Their values are never written. */
const SECRET_NAME = /pass(word|phrase)?|secret|token|authorization|cookie|api_?key|credential|pepper/i;

function safe(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (SECRET_NAME.test(name)) out[name] = '[redacted]';
    else
      out[name] = typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  }
  return out;
}

/**
 * Creates the structured log. `sink` defaults to standard error, so that standard output has only the results of a
 * command.
 */
export function createLog(level: LogLevel, sink: LogSink): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  const at =
    (name: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void => {
      logger[name](safe(fields), event);
    };
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A log that writes nothing. */
export const silentLog: Log = createLog('silent', { write: () => undefined });
