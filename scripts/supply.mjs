// The rules for what the project may ship, for scripts/sbom.mjs and test/project/supply.test.ts.

/** Licences that a production dependency of Apache-2.0 software may have. */
export const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  // Of openpgp, which is a package of its own that anybody can replace, and never a part of the bundle.
  'LGPL-3.0+',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/**
 * Packages that request an install script, with the reason why they work without it. `npm ci` runs no install
 * scripts, because `.npmrc` sets `ignore-scripts`.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const INSTALL_SCRIPTS = {
  '@photostructure/sqlite': 'the package contains the binaries that its script would look for',
  '@parcel/watcher': 'development only: a dependency of a build tool that is not used to watch',
  '@swc/core': 'development only: its binary comes as an optional package',
  esbuild: 'development only: its binary comes as an optional package',
  libxmljs2: 'development only: checks XML bills of materials; ours are JSON',
  'mongodb-memory-server':
    'development only: its script downloads a server, which the tests fetch themselves',
  'unrs-resolver': 'development only: its binary comes as an optional package',
};

/**
 * True for a licence on the list, and for a choice ("MIT OR …") that includes one.
 *
 * @param {unknown} expression SPDX expression.
 */
export function isAllowedLicence(expression) {
  if (typeof expression !== 'string') return false;
  const inner = expression.replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(inner)) return false;
  return inner.split(' OR ').some((choice) => choice.split(' AND ').every((one) => LICENCES.has(one.trim())));
}

/**
 * Returns the production packages of a lock file of version 3.
 *
 * @param {{ packages: Record<string, { version?: string, license?: unknown, integrity?: string, dev?:
 * boolean, devOptional?: boolean, hasInstallScript?: boolean }> }} lock
 */
export function productionPackages({ packages }) {
  return Object.entries(packages).flatMap(([path, { version, license, integrity, dev, devOptional }]) =>
    path === '' || dev === true || devOptional === true
      ? []
      : [
          {
            name: path.replace(/^.*node_modules\//, ''),
            version: version ?? '',
            license,
            integrity: integrity ?? '',
          },
        ],
  );
}
