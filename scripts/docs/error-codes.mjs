import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { code, cell, table } from './markdown.mjs';

const slugOf = (title) =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Returns the pages that list every error of the hub, with its cause and remedy: an index, and a page for each part. */
export async function errorCodes(root) {
  const load = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
  const [{ ERROR_CATALOGUE }, { statusOf }] = await Promise.all([
    load('server/error-catalogue.js'),
    load('kernel/problem.js'),
  ]);
  const index = [];
  const pages = {};
  for (const { title, entries } of ERROR_CATALOGUE) {
    const rows = Object.values(entries).toSorted((a, b) => (a.code < b.code ? -1 : 1));
    const name = `error-codes/${slugOf(title)}.md`;
    index.push([`[${title}](${name})`, rows.map((row) => code(row.code)).join(' ')]);
    pages[name] = [
      `# Errors: ${title.charAt(0).toLowerCase() === title.charAt(0) || /^(?:API|TAXII|TLP)/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1)}`,
      '',
      'Words in braces are replaced by values. [All error codes](../error-codes.md).',
      '',
      table(
        ['Code', 'Status', 'Message', 'Cause', 'Remedy'],
        rows.map(({ code: id, kind, title: message, description = '', hint = '' }) => [
          code(id),
          statusOf[kind],
          ...[message, description, hint].map(cell),
        ]),
      ),
    ].join('\n');
  }
  pages['error-codes.md'] = [
    '# Error codes',
    '',
    'Every error has a code with one meaning. Programs may rely on codes, HTTP statuses and exit codes. Texts may change.',
    '',
    'The API answers with problem details (RFC 9457) that contain `code`. TAXII error messages contain it as `error_code` (TAXII 2.1 §3.6.1). The command line shows it in brackets. Codes of TAXII servers that the hub calls have the format `TLN-E-` and the HTTP status of the server.',
    '',
    table(['Part', 'Codes'], index),
  ].join('\n');
  return pages;
}
