import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the files below a folder, whatever they are called, that contain the bytes of a text. */
export function filesWith(folder: string, needle: string | Buffer): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => {
      const file = join(folder, name);
      return statSync(file).isFile() && readFileSync(file).includes(needle);
    })
    .toSorted();
}
