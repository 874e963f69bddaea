import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedFile, importsIn, ROOT, sourceFiles, sourceOf } from '../support/source.ts';

/** Files that nobody imports, because they are where a process or a thread begins. */
const BEGINNINGS = [
  'feeds/staging-thread.ts',
  'main.ts',
  'sharing/extraction/document-process.ts',
  'store/sqlite/checker.ts',
  'store/sqlite/writer.ts',
  'web/browser/enhance.ts',
];

/** The exported functions, classes and constants of a text. Types are not listed: they describe what is exported. */
function exportedValues(text: string): readonly string[] {
  return [...text.matchAll(/^export (?:async )?(?:const|function\*?|(?:abstract )?class) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
}

/** The texts of the source, and of everything that imports from it: tests, measurements and scripts. */
const source = new Map(sourceFiles('src').map((file) => [file, sourceOf(file)]));
const users = ['test', 'bench', 'scripts'].flatMap((folder) =>
  sourceFiles(folder, /\.(?:tsx?|mjs)$/).map((file) => {
    const text = readFileSync(join(ROOT, folder, file), 'utf8');
    // Measurements import the built program.
    return [join('..', folder, file), text.replaceAll('/dist/', '/src/').replaceAll(".js'", ".ts'")] as const;
  }),
);

/** Returns the names that are imported of each file. `*` stands for all of them. */
function importedNames(files: Iterable<readonly [string, string]>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [file, text] of files) {
    for (const one of importsIn(text)) {
      const path = importedFile(file, one)?.replace(/^(?:\.\.\/)*src\//, '');
      if (path === undefined) continue;
      const names = found.get(path) ?? new Set();
      found.set(path, names);
      for (const name of one.names.length === 0 ? ['*'] : one.names) names.add(name);
      if (new RegExp(`\\* as \\w+ from '${one.target.replaceAll('.', '\\.')}'`).test(text)) names.add('*');
    }
  }
  return found;
}

/** Returns the exported values that no other file imports, as "file name". */
function unimported(files: ReadonlyMap<string, string>, used: ReadonlyMap<string, ReadonlySet<string>>) {
  return [...files].flatMap(([file, text]) =>
    exportedValues(text)
      .filter((name) => used.get(file)?.has(name) !== true && used.get(file)?.has('*') !== true)
      .map((name) => `${file} ${name}`),
  );
}

interface TableError {
  readonly table: string;
  readonly name: string;
}

/** Returns the errors that a file declares. */
function errorsIn(text: string): readonly TableError[] {
  const [head, table = ''] = /export const (\w+) = errorTable\(\{/.exec(text) ?? [];
  if (head === undefined) return [];
  return [...text.slice(text.indexOf(head)).matchAll(/^  (\w+): \{/gm)].map(([, name = '']) => ({
    table,
    name,
  }));
}

/** True if the text makes the error, or takes its row of the table by name. */
function isUsed({ table, name }: TableError, text: string): boolean {
  return (
    new RegExp(`\\b${table}\\s*\\.\\s*${name}\\b`).test(text) ||
    new RegExp(`\\{[^}]*\\b${name}\\b[^}]*\\}\\s*=\\s*[^;]*\\b${table}\\b`).test(text)
  );
}

describe('code without a user', () => {
  const used = importedNames([...source, ...users]);

  test('every file is imported by another source file, or is an entry point', () => {
    const bySource = importedNames(source);
    expect([...source.keys()].filter((file) => !bySource.has(file))).toEqual(BEGINNINGS);
  });

  test('every exported function, class and constant is imported somewhere', () => {
    expect([...source.values()].flatMap(exportedValues).length).toBeGreaterThan(1_000);
    expect(unimported(source, used)).toEqual([]);
  });

  test('the check finds an export that nobody imports', () => {
    const planted = new Map([
      ['kernel/clock.ts', 'export const nobodyWantsThis = 1;\nexport type Unused = 1;\n'],
    ]);
    expect(unimported(planted, used)).toEqual(['kernel/clock.ts nobodyWantsThis']);
  });

  test('every error of a table is used', () => {
    const tables = [...source].flatMap(([, text]) => errorsIn(text));
    expect(tables.length).toBeGreaterThan(200);
    const all = [...source.values()].join('\n');
    expect(tables.filter((error) => !isUsed(error, all)).map(({ name }) => name)).toEqual([]);
    expect(isUsed({ table: 'webErrors', name: 'noPage' }, 'throw otherErrors.noPage();')).toBe(false);
  });
});
