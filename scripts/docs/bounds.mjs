// Fills the tables of the pages about limits from the list of stores. The text around them is written by hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Returns a page with its tables up to date. */
export async function bounds(root, file) {
  const stores = await import(pathToFileURL(join(root, 'dist/store/bounded-stores.js')).href);
  const tables = {
    Records: stores.RECORD_STORES,
    'Tables of the embedded store': stores.TABLE_STORES,
    'In memory': stores.MEMORY_STORES,
    'Other stores': stores.OTHER_STORES,
  };
  const page = readFileSync(join(root, 'docs/reference', file), 'utf8');
  return page
    .split(/^(?=## )/m)
    .map((section) => {
      const list = tables[section.slice(3, section.indexOf('\n'))];
      return list === undefined ? section : section.replace(/(?:^\|.*\n)+/m, `${stores.boundsTable(list)}\n`);
    })
    .join('');
}
