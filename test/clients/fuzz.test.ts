import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folder, startHub, type RunningHub } from '../support/program.ts';
import { python } from '../support/python.ts';

const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const KEY = 'a-key-of-the-boss-0123456789abcdef0123456789';
/**
 * The checks that apply to this API. The hub may reject a valid request because of its content, so that check is left
 * out. `ignored_auth` is left out too: its hundreds of wrong keys are throttled after a while (429), which it reports
 * as a fault. The attack suite sends every operation without a valid key.
 */
const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance';

if (python === undefined) {
  test.skip('skipped: TALANOA_PYTHON names no Python with schemathesis', () => undefined);
} else {
  describe('the API and its OpenAPI documents agree under a fuzzer', () => {
    const here = folder();
    let hub: RunningHub;
    beforeAll(async () => {
      const config = join(here.path, 'talanoa.yaml');
      writeFileSync(
        config,
        `collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [{ to: "account:boss", read: true, write: true }] }]
members: [{ name: tonga, collection: true }]
accounts: [{ name: boss, role: administrator, key_env: KEY }]
feeds: [{ name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: shared, enabled: false }]
egress: { allow: ["127.0.0.1:9"] }
`,
      );
      // A body of more objects than the schema allows may be too large before anyone counts them.
      writeFileSync(
        join(here.path, 'schemathesis.toml'),
        '[checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]\n',
      );
      hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], { KEY });
    }, 30_000);
    afterAll(async () => {
      await hub.stop();
      here.remove();
    });

    test.each(['/api/openapi.json', '/api/taxii/openapi.json'])(
      '%s',
      async (path) => {
        const output = await new Promise<string>((resolve) => {
          const child = spawn(
            join(dirname(String(python)), 'schemathesis'),
            [
              'run', `${hub.url}${path}`, '-H', `Authorization: Bearer ${KEY}`, '--checks', CHECKS, '--phases', 'coverage,fuzzing', '-n', '12', '--workers', '1',
              '--generation-deterministic', '--no-color', '--warnings', 'off',
            ],
            { cwd: here.path },
          ); // prettier-ignore
          let text = '';
          child.stdout.on('data', (part: Buffer) => (text += part.toString()));
          child.stderr.on('data', (part: Buffer) => (text += part.toString()));
          child.on('close', (code) => resolve(`${text}\nexit ${String(code)}`));
        });
        const tail = output.slice(output.indexOf('FAILURES') < 0 ? -1_500 : output.indexOf('FAILURES'));
        expect(tail.slice(-4_000)).toMatch(/exit 0$/);
        expect(hub.errors.join('')).not.toContain('"level":"error"');
      },
      900_000,
    );
  });
}
