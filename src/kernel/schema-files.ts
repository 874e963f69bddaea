import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { packageRoot } from './paths.ts';

/** The folder of all schemas. */
export const schemaFolder = join(packageRoot, 'schemas');

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
 * Returns a schema and those that it refers to, each one after those that it needs itself. Compiled in this order, each
 * takes little time, because the compiler uses what it has compiled already.
 */
export function schemaParts(name: string): readonly string[] {
  const parts = new Set<string>();
  const begun = new Set<string>();
  const look = (file: string, part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === '$ref' && typeof value === 'string') visit(referred(file, value));
      else if (key !== '$defs') look(file, value);
    }
  };
  const visit = (reference: string): void => {
    if (begun.has(reference)) return;
    begun.add(reference);
    const [file = '', pointer = ''] = reference.split('#');
    look(file, partAt(schemaDocument(file), pointer));
    parts.add(reference);
  };
  visit(name);
  return [...parts];
}

/** Resolves a reference in a file. */
function referred(file: string, reference: string): string {
  const [name = '', pointer] = reference.split('#');
  const target = name === '' ? file : posix.join(posix.dirname(file), name);
  return pointer === undefined ? target : `${target}#${pointer}`;
}

function partAt(document: unknown, pointer: string): unknown {
  let at = document;
  for (const step of pointer.split('/').slice(1)) at = (at as Readonly<Record<string, unknown>>)[step];
  return at;
}
