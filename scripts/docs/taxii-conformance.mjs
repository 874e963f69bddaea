import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { code, table } from './markdown.mjs';
import { REQUIREMENTS } from './taxii-requirements.mjs';

/** Returns the page of TAXII requirements with their tests. A requirement without a test is an error. */
export function taxiiConformance(root) {
  const tests = citations(root);
  return [
    '# TAXII conformance',
    'The requirements of TAXII 2.1 (OASIS Standard, 10 June 2021) that the hub fulfils, with the section of the standard and the file of the test. The numbers are those in the titles of the tests. Requirements without a section are not in the standard: well-known clients need them.',
    ...REQUIREMENTS.flatMap(([area, rows]) => [
      `## ${area}`,
      table(
        ['Number', 'Section', 'Requirement', 'Test'],
        rows.map(([from, to, section, text]) => {
          const files = [
            ...new Set(tests.filter((one) => one.from <= to && one.to >= from).map(({ file }) => file)),
          ];
          if (files.length === 0) throw new Error(`no test cites ${numbers(from, to)}`);
          return [numbers(from, to), section, text, files.map(code).join(', ')];
        }),
      ),
    ]),
  ].join('\n\n');
}

function numbers(from, to) {
  const name = (number) => `T-${String(number).padStart(3, '0')}`;
  return from === to ? name(from) : `${name(from)} to ${name(to)}`;
}

/** Returns the numbers that the tests cite, as ranges with the file that cites them. */
function citations(root) {
  const folder = join(root, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:taxii|sharing|access|server|e2e|clients)[\\/].*\.test\.ts$/.test(name))
    .toSorted()
    .flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/\bT-(\d{3})(?:\.\.T-(\d{3}))?/g)].map(
        ([, from, to = from]) => ({
          file: `test/${name.replaceAll('\\', '/')}`,
          from: Number(from),
          to: Number(to),
        }),
      ),
    );
}
