import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALL_SCRIPTS, isAllowedLicence, productionPackages } from '../../scripts/supply.mjs';

const root = join(import.meta.dirname, '..', '..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, Locked> };
const manifest = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

test('the threat model names only tests that exist', () => {
  const model = text('docs/explanation/threat-model.md');
  const named = [...model.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe('the supply chain', () => {
  test('every direct dependency has one exact version', () => {
    const loose = ['dependencies', 'devDependencies', 'overrides'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    );
    expect(loose).toEqual([]);
  });

  test('every package of the lock file has a SHA-512 checksum', () => {
    const without = packages.filter(
      ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(without.map(([path]) => path)).toEqual([]);
    expect(packages.length).toBeGreaterThan(300);
  });

  test('packages with an install script are listed, each with the reason why it is not needed', () => {
    const asking = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect([...new Set(asking.map(([path]) => nameOf(path)))].toSorted()).toEqual(
      Object.keys(INSTALL_SCRIPTS).toSorted(),
    );
    const shipped = asking.filter(([, { dev }]) => dev !== true).map(([path]) => nameOf(path));
    expect(shipped).toEqual(['@photostructure/sqlite']);
  });

  test('no install script runs by hand, in CI or in the image', () => {
    expect(text('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    for (const file of ['Dockerfile', '.ci/run']) {
      const installs = text(file).split('\n').filter((line) => /\bnpm ci\b/.test(line)); // prettier-ignore
      expect([file, installs.length]).toEqual([file, installs.filter((line) => line.includes('npm ci --ignore-scripts')).length]); // prettier-ignore
      expect([file, installs.length > 0]).toEqual([file, true]);
    }
  });

  test('packages under the LGPL are not a part of the bundle, so that anybody can replace them', () => {
    const bundled = text('scripts/bundle.mjs');
    const found = productionPackages(lock).filter(({ license }) => String(license).startsWith('LGPL'));
    expect(found.map(({ name }) => name)).toEqual(['openpgp']);
    for (const { name } of found) expect(bundled).not.toContain(`'${name}'`);
  });

  test('every production dependency has a licence that may ship with Apache-2.0 software', () => {
    const production = productionPackages(lock);
    expect(production.length).toBeGreaterThan(100);
    expect(production.filter(({ license }) => !isAllowedLicence(license))).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND ISC', true],
    ['GPL-3.0', false],
    ['MIT AND GPL-3.0', false],
    ['SEE LICENSE IN LICENSE', false],
    ['(MIT OR X) AND (GPL-3.0)', false],
    [undefined, false],
  ])('licence %s: %s', (expression, allowed) => {
    expect(isAllowedLicence(expression)).toBe(allowed);
  });
});
