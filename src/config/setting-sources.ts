import type { Flags, SettingSource } from './config.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings that a flag or a variable of the environment also sets. `fileFirst` is true for the one whose variable
 * is only read when the file does not set it.
 */
const OTHER_WAYS: Readonly<
  Record<string, { readonly flag?: keyof Flags; readonly variable?: string; readonly fileFirst?: boolean }>
> = {
  data: { flag: 'data', variable: 'TALANOA_DATA' },
  roles: { flag: 'role', variable: 'TALANOA_ROLE' },
  store: { variable: 'MONGODB_URI' },
  'hub.url': { variable: 'TALANOA_URL' },
  'listen.host': { flag: 'host', variable: 'TALANOA_HOST' },
  'listen.port': { flag: 'port', variable: 'TALANOA_PORT' },
  'listen.behind_proxy': { variable: 'TALANOA_BEHIND_PROXY', fileFirst: true },
  'log.level': { flag: 'logLevel', variable: 'TALANOA_LOG_LEVEL' },
};

/** Returns what set each setting, by its path in the settings file, such as `listen.port`. */
export function settingSources(
  flags: Flags,
  environment: Environment,
  settings: Settings,
): Readonly<Record<string, SettingSource>> {
  const found: Record<string, SettingSource> = {};
  for (const [section, value] of Object.entries(settings)) {
    if (Array.isArray(value) || typeof value !== 'object') found[section] = 'file';
    else for (const key of Object.keys(value)) found[`${section}.${key}`] = 'file';
  }
  for (const [path, { flag, variable, fileFirst = false }] of Object.entries(OTHER_WAYS)) {
    if (flag !== undefined && flags[flag] !== undefined) found[path] = 'command line';
    else if (isSet(environment, variable) && !(fileFirst && found[path] === 'file'))
      found[path] = 'environment';
  }
  return found;
}

function isSet(environment: Environment, variable: string | undefined): boolean {
  return (
    variable !== undefined && [variable, `${variable}_FILE`].some((name) => (environment[name] ?? '') !== '')
  );
}
