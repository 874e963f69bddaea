import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The folder of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Returns the paths of the source files below a folder of the repository, relative to it and with forward slashes. */
export function sourceFiles(folder: string, kind = /\.tsx?$/): string[] {
  const start = join(ROOT, folder);
  return readdirSync(start, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && kind.test(item.name))
    .map((item) => relative(start, join(item.parentPath, item.name)).split(sep).join('/'))
    .toSorted();
}

/** Returns the text of a file of `src/`. */
export function sourceOf(file: string): string {
  return readFileSync(join(ROOT, 'src', file), 'utf8');
}

/** An import or re-export of a file: the file or package, and the names that are taken from it. */
export interface Import {
  readonly target: string;
  readonly names: readonly string[];
}

/** Returns the imports of a text, also those of types and those made by `import()`, which take no names. */
export function importsIn(text: string): readonly Import[] {
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\s+(?:type\s+)?(?:([\s\S]*?)\s+from\s+)?'([^']+)'/gm),
  ].map(([, names = '', target = '']) => ({
    target,
    names: [...names.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name).filter((name) => name !== 'type'),
  }));
  return [
    ...found,
    ...[...text.matchAll(/import\(\s*'([^']+)'\s*\)/g)].map(([, target = '']) => ({ target, names: [] })),
  ];
}

/** Returns the path of an imported file, relative to `src/`, or undefined for a package. */
export function importedFile(file: string, { target }: Import): string | undefined {
  return target.startsWith('.') ? join(file, '..', target).split(sep).join('/') : undefined;
}
