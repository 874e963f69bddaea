import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { withHub } from '../../src/cli/local-client.ts';
import { socketPath } from '../../src/server/listen.ts';
import { folder } from '../support/program.ts';

test('each request of a command has a connection of its own, because the hub behind a socket may be another one', async () => {
  const here = folder();
  const server = createServer((_request, response) => response.end('{}'));
  let connections = 0;
  server.on('connection', () => connections++);
  try {
    await new Promise<void>((resolve) => server.listen(socketPath(here.path), resolve));
    const io = { environment: {} } as unknown as Parameters<typeof withHub>[1];
    const requests = 3;
    await withHub({ data: here.path }, io, async (client) => {
      for (let i = 0; i < requests; i++) await client.get('/api/v1/whoami');
    });
    // One more asks whether a hub answers.
    expect(connections).toBe(requests + 1);
  } finally {
    await new Promise((resolve) => server.close(resolve));
    here.remove();
  }
});
