/** A production package of the lock file. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  readonly integrity: string;
}
export const LICENCES: ReadonlySet<string>;
export const INSTALL_SCRIPTS: Readonly<Record<string, string>>;
export function isAllowedLicence(expression: unknown): boolean;
export function productionPackages(lock: {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly license?: string;
        readonly integrity?: string;
        readonly dev?: boolean;
        readonly devOptional?: boolean;
      }
    >
  >;
}): readonly ProductionPackage[];
