import type { JSX } from 'preact';
import type { ObjectPlaces } from '../../../api/schema-types.ts';
import { text, type StixObject } from '../../../stix/types.ts';
import { Block, Table } from '../../shared/components.tsx';
import { Timeline } from '../../shared/more-components.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** Number of versions that the page lists. */
const MOST_LISTED = 20;

/** Returns the versions of an object that the person can read, newest first. */
export function versionsOf(places: ObjectPlaces['places']): readonly string[] {
  return [
    ...new Set(places.flatMap(({ versions }) => versions.flatMap(({ version }) => version ?? []))),
  ].toSorted((a, b) => Date.parse(b) - Date.parse(a));
}

/** Returns the time of the version of an object. Undefined for observables, which have no versions. */
export function timeOfVersion(object: StixObject): string | undefined {
  return text(object, 'modified') ?? text(object, 'created');
}

/** The versions of an object, and what the one that is shown changed. */
export function VersionsBlock({
  id,
  versions,
  shown,
  object,
  before,
}: {
  readonly id: string;
  readonly versions: readonly string[];
  readonly shown: string | undefined;
  readonly object: StixObject;
  readonly before: StixObject | undefined;
}): JSX.Element | undefined {
  const t = useMessages().objectVersions;
  if (timeOfVersion(object) === undefined) return undefined;
  return (
    <Block title={t.versions} aside={<p>{t.versionCount(versions.length)}</p>}>
      {before === undefined ? undefined : <Difference before={before} after={object} />}
      <Timeline
        items={versions.slice(0, MOST_LISTED).map((version, i) => ({
          key: version,
          note: t.newestEarlier(i),
          text:
            version === shown ? (
              <Time at={version} />
            ) : (
              <a href={`${objectPath(id)}?version=${encodeURIComponent(version)}`}>
                <Time at={version} />
              </a>
            ),
          isCurrent: version === shown,
        }))}
      />
    </Block>
  );
}

/** The properties that differ between two versions. */
function Difference({
  before,
  after,
}: {
  readonly before: StixObject;
  readonly after: StixObject;
}): JSX.Element {
  const t = useMessages().objectVersions;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => name !== 'modified' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return <p>{t.theVersionChangedNothing}</p>;
  return (
    <Table
      caption={t.whatTheVersionChanged}
      columns={[{ title: t.property }, { title: t.before }, { title: t.after }]}
      rows={names.map((name) => ({
        key: name,
        cells: [
          name,
          before[name] === undefined ? '' : <del>{said(before[name])}</del>,
          after[name] === undefined ? '' : <ins>{said(after[name])}</ins>,
        ],
      }))}
    />
  );
}

function said(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 2_000);
}
