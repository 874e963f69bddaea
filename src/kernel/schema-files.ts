import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './paths.ts';

/** The folder of all schemas. */
const schemaFolder = join(packageRoot, 'schemas');

/** The folder of the functions that the build makes from them (`scripts/checks.mjs`). */
export const checkFolder = join(packageRoot, 'dist', 'checks');

/** Returns the paths of all schema files in a folder. */
export function schemaFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((item) => {
    const path = join(dir, item.name);
    if (item.isDirectory()) return schemaFiles(path);
    return item.name.endsWith('.json') ? [path] : [];
  });
}

/** Returns the parsed content of a schema file. */
export function schemaDocument(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(schemaFolder, name), 'utf8')) as Readonly<Record<string, unknown>>;
}

/**
 * Returns the name of the file in `dist/checks` with the compiled form of a schema or of a part of it. Responses have a
 * file of their own, which only tests need. `explains` is true for checks that report all faults.
 */
export function checkFileOf(name: string, explains: boolean): string {
  if (/^(?:taxii|api\/resources)\.json/.test(name)) return 'responses.cjs';
  const [group = ''] = name.split(/[/.]/);
  return `${group}${explains ? '-explained' : ''}.cjs`;
}
