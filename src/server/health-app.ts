import express, { type Express, type Response } from 'express';
import { NOT_STORED, sendText } from '../kernel/http-door.ts';

/** The state that the health endpoints report. */
export interface Health {
  readonly headers: Readonly<Record<string, string>>;
  /** True when the store accepts writes and the hub is not shutting down. */
  readonly ready: () => Promise<boolean>;
}

/** Returns an Express application with only the settings that all applications of the hub share. */
export function bare(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  return app;
}

/** Sends a line of text that nobody may keep. */
export function plain(response: Response, { headers }: Health, status: number, text: string): void {
  sendText(response, status, text, { ...headers, ...NOT_STORED });
}

/** Adds `/healthz` (the process answers) and `/readyz` (the process may receive requests). */
export function addHealth(app: Express, health: Health): void {
  app.get('/healthz', (_request, response) => plain(response, health, 200, 'ok\n'));
  app.get('/readyz', async (_request, response) => {
    const isReady = await health.ready();
    plain(response, health, isReady ? 200 : 503, isReady ? 'ready\n' : 'not ready\n');
  });
}

/** Returns the application of a process that serves no members: it has only the health endpoints. */
export function createHealthApp(health: Health): Express {
  const app = bare();
  addHealth(app, health);
  app.use((_request, response) =>
    plain(response, health, 404, 'this process serves no web requests (--role)\n'),
  );
  return app;
}
