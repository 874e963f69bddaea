import type { JSX } from 'preact';
import type { Settings } from '../../../api/schema-types.ts';
import { Block, State, Table } from '../../shared/components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

/** The effective settings, and what set each of them. */
export const settingsPage: ConsolePage = {
  path: '/settings',
  title: (m) => m.settings.settings,
  nav: 'Run',
  needs: 'getSettings',
  show: async ({ ask }) => {
    const settings = await ask('getSettings');
    return <SettingsView settings={settings} values={{ ...settings }} />;
  },
};

const SECTIONS = ['hub', 'listen', 'sign_in', 'limits', 'egress'] as const;
/** Settings that have no section. */
const SINGLE = ['data', 'store', 'roles', 'log.level'] as const;

type Values = Readonly<Record<string, unknown>>;

function SettingsView({
  settings,
  values,
}: {
  readonly settings: Settings;
  readonly values: Values;
}): JSX.Element {
  const t = useMessages().settings;
  const { file, sources } = settings;
  return (
    <Screen title={t.settings} note={t.theValuesThatThe}>
      <State kind="info">
        {Object.values(sources).includes('demo')
          ? t.theDemoHasSettings
          : file === undefined
            ? t.theHubRunsWithout
            : t.changeAValueWhere(file, settings.revision)}
      </State>
      {SECTIONS.map((key) => {
        const section = values[key];
        return (
          <Part
            key={key}
            title={t.sections[key]}
            sources={sources}
            rows={
              typeof section === 'object' && section !== null
                ? Object.entries(section).map(([name, value]) => [`${key}.${name}`, value])
                : []
            }
          />
        );
      })}
      <Part title={t.process} sources={sources} rows={SINGLE.map((path) => [path, valueAt(values, path)])} />
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
  const messages = useMessages();
  const t = messages.settings;
  if (rows.length === 0) return undefined;
  return (
    <Block title={title} raw>
      <Table
        caption={title}
        columns={[{ title: t.setting }, { title: t.value, class: 'full' }, { title: t.setBy }]}
        rows={rows.map(([path, value]) => ({
          key: path,
          cells: [
            <code>{path}</code>,
            value === 0 && UNLIMITED.has(path) ? t.unlimited : textOf(value, messages),
            textFor(t.sources, sources[path] ?? 'default') ?? sources[path],
          ],
        }))}
      />
    </Block>
  );
}

/** Settings in which 0 is not a number. */
const UNLIMITED: ReadonlySet<string> = new Set(['limits.reads', 'limits.writes', 'limits.objects_per_day']);

/** Returns a value as people read it. */
function textOf(value: unknown, messages: Messages): string {
  const t = messages.settings;
  if (value === undefined || value === null || value === '') return t.notSet;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (Array.isArray(value))
    return value.length === 0 ? t.none : value.map((one) => textOf(one, messages)).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${textOf(one, messages)}`)
      .join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
