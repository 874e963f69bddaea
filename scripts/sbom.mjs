// Writes the software bill of materials of the shipped packages (CycloneDX 1.6, `sbom.json`). Fails unless it
// names every production package of the lock file with its version, its checksum and an allowed licence.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAllowedLicence, productionPackages } from './supply.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'sbom.json');
const made = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js'),
    ...[
      '--omit',
      'dev',
      '--package-lock-only',
      '--flatten-components',
      '--output-reproducible',
      '--spec-version',
      '1.6',
    ],
    ...['--output-format', 'JSON', '--validate', '--output-file', output, join(root, 'package.json')],
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
if (made.status !== 0) process.exit(made.status ?? 1);

/** @type {{ components: { purl?: string, hashes?: object[], licenses?: { license?: { id?: string }, expression?: string }[] }[] }} */
const bill = JSON.parse(readFileSync(output, 'utf8'));
const faults = [];
const listed = new Map(
  bill.components.map((component) => [decodeURIComponent(component.purl?.split('?')[0] ?? ''), component]),
);
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
for (const { name, version, integrity } of productionPackages(lock)) {
  const component = listed.get(`pkg:npm/${name}@${version}`);
  if (component === undefined) {
    faults.push(`${name}@${version} is missing`);
    continue;
  }
  const licences = (component.licenses ?? []).map(({ license, expression }) => license?.id ?? expression);
  if (licences.length === 0 || !licences.every(isAllowedLicence))
    faults.push(`${name}@${version}: licence ${licences.join(', ') || 'unknown'} is not on the list`);
  const [, sum] = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity) ?? [];
  if (sum === undefined) faults.push(`${name}@${version} has no SHA-512 in the lock file`);
  // The lock file contains no registry addresses, so the tool has no place for the checksum of the archive.
  else component.hashes = [{ alg: 'SHA-512', content: Buffer.from(sum, 'base64').toString('hex') }];
}
writeFileSync(output, `${JSON.stringify(bill, null, 2)}\n`);
for (const fault of faults) console.error(`sbom: ${fault}`);
console.log(`sbom.json: ${bill.components.length} components, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
