import type { JSX } from 'preact';
import type { Settings } from '../../../api/schema-types.ts';
import { Block, State, Table } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';

/** The effective settings, and what set each of them. */
export const settingsPage: ConsolePage = {
  path: '/settings',
  title: 'Settings',
  nav: 'Run',
  needs: 'getSettings',
  show: async ({ ask }) => {
    const settings = await ask('getSettings');
    return <SettingsView settings={settings} values={{ ...settings }} />;
  },
};

const SECTIONS: readonly (readonly [key: string, title: string])[] = [
  ['hub', 'Hub'],
  ['listen', 'Connections'],
  ['sign_in', 'Sign-in'],
  ['limits', 'Limits'],
  ['egress', 'Outgoing connections'],
];
/** Settings that have no section. */
const SINGLE: readonly (readonly [path: string, text: string])[] = [
  ['data', 'Data folder'],
  ['store', 'Database'],
  ['roles', 'Roles of this process'],
  ['log.level', 'Log level'],
];

type Values = Readonly<Record<string, unknown>>;

function SettingsView({
  settings,
  values,
}: {
  readonly settings: Settings;
  readonly values: Values;
}): JSX.Element {
  const { file, sources } = settings;
  return (
    <Screen title="Settings" note="The values that the hub uses. Secrets are never shown.">
      <State kind="info">
        {Object.values(sources).includes('demo')
          ? 'The demo has settings of its own. To run your own hub, start it without --demo.'
          : file === undefined
            ? 'The hub runs without a settings file. To change a value, copy talanoa.example.yaml, and start the hub with --config.'
            : `Change a value where it is set, then restart the hub. The settings file is ${file}, revision ${settings.revision}.`}
      </State>
      {SECTIONS.map(([key, title]) => {
        const section = values[key];
        return (
          <Part
            key={key}
            title={title}
            sources={sources}
            rows={
              typeof section === 'object' && section !== null
                ? Object.entries(section).map(([name, value]) => [`${key}.${name}`, value])
                : []
            }
          />
        );
      })}
      <Part title="Process" sources={sources} rows={SINGLE.map(([path]) => [path, valueAt(values, path)])} />
    </Screen>
  );
}

/** Returns the value at a path such as `log.level`. */
function valueAt(values: Values, path: string): unknown {
  let value: unknown = values;
  for (const key of path.split('.'))
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
  return value;
}

function Part({
  title,
  sources,
  rows,
}: {
  readonly title: string;
  readonly sources: Settings['sources'];
  readonly rows: readonly (readonly [path: string, value: unknown])[];
}): JSX.Element | undefined {
  if (rows.length === 0) return undefined;
  return (
    <Block title={title} raw>
      <Table
        caption={title}
        columns={[{ title: 'Setting' }, { title: 'Value', class: 'full' }, { title: 'Set by' }]}
        rows={rows.map(([path, value]) => ({
          key: path,
          cells: [<code>{path}</code>, zeroText(path, value) ?? textOf(value), sources[path] ?? 'default'],
        }))}
      />
    </Block>
  );
}

/** The meaning of 0 for settings where it is not a number. */
const ZEROS: Readonly<Record<string, string>> = {
  'limits.reads': 'unlimited',
  'limits.writes': 'unlimited',
  'limits.objects_per_day': 'unlimited',
};

function zeroText(path: string, value: unknown): string | undefined {
  return value === 0 ? ZEROS[path] : undefined;
}

/** Returns a value as people read it. */
function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(textOf).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${textOf(one)}`)
      .join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
