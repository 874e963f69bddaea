// The collection of the benches, its key, and a request to it.
import http from 'node:http';

export const COLLECTION = 'f8ebb1d7-9263-44c5-90ef-6b7c8d9e0f10';
export const KEY = 'bench-key-0123456789abcdef0123456789abcdef';
export const MEDIA = 'application/taxii+json;version=2.1';

/** One request; rejects only when the connection fails. */
export function request(agent, port, method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${KEY}`,
      Accept: MEDIA,
      ...(body ? { 'Content-Type': MEDIA, 'Content-Length': body.length } : {}),
    };
    const out = http.request({ port, method, path, headers, agent, host: '127.0.0.1' }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    out.on('error', reject);
    out.end(body);
  });
}
