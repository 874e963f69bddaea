import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';

// The parts of a MISP feed (misp-standard.org, core format), as far as the hub writes them.

export interface MispTag {
  readonly name: string;
  readonly colour: string;
  readonly local: false;
  readonly relationship_type: '';
}

export interface MispOrganisation {
  readonly name: string;
  readonly uuid: string;
}

export interface MispAttribute {
  readonly uuid: string;
  readonly type: string;
  readonly category: string;
  readonly value: string;
  readonly comment: string;
  readonly to_ids: boolean;
  /** Seconds since 1970. MISP takes a change of an attribute only if this is later than before. */
  readonly timestamp: string;
  /** MISP removes the attribute. */
  readonly deleted: boolean;
  readonly disable_correlation: boolean;
  readonly first_seen?: string;
  readonly Tag?: readonly MispTag[];
}

/** A text about an event. */
export interface MispEventReport {
  readonly uuid: string;
  readonly name: string;
  readonly content: string;
  readonly timestamp: string;
  readonly deleted: boolean;
}

export interface MispEvent {
  readonly uuid: string;
  readonly info: string;
  /** The day of the event, such as `2026-11-29`. */
  readonly date: string;
  /** `2` for completed. */
  readonly analysis: '2';
  /** `4` for undefined. The hub states how sure it is in tags. */
  readonly threat_level_id: '4';
  /** Seconds since 1970. MISP fetches an event again if this is later than before. */
  readonly timestamp: string;
  readonly publish_timestamp: string;
  readonly published: true;
  readonly extends_uuid: string;
  readonly protected: false;
  readonly Orgc: MispOrganisation;
  readonly Tag: readonly MispTag[];
  readonly Attribute: readonly MispAttribute[];
  readonly EventReport?: readonly MispEventReport[];
}

/** Colours of the tags that MISP's own taxonomies define. */
const COLOURS: Readonly<Record<string, string>> = {
  'tlp:clear': '#ffffff', 'tlp:green': '#339900', 'tlp:amber': '#ffc000', 'tlp:amber+strict': '#ffc000',
  'PAP:CLEAR': '#ffffff', 'PAP:GREEN': '#00ff00', 'PAP:AMBER': '#ffa800', 'PAP:RED': '#ff0000',
}; // prettier-ignore
const COLOUR = '#3b7ea1';

/** Returns a tag. */
export function tag(name: string): MispTag {
  return {
    name,
    colour: Object.hasOwn(COLOURS, name) ? (COLOURS[name] ?? COLOUR) : COLOUR,
    local: false,
    relationship_type: '',
  };
}

/**
 * Returns the id of an event. It depends on the collection: two collections can contain different parts of a report, and
 * MISP would take one event for a version of the other. An object that came from MISP gets a new id for the same reason:
 * the event of the hub is not a version of the event of its source. `secret` is a key of the hub: an id of what was removed
 * stays in the feed, and nobody may find the value by trying which one has this id.
 */
export function eventUuid(secret: string, collection: string, key: string): string {
  return uuidV5(`misp-event\n${secret}\n${collection}\n${key}`, HUB_NAMESPACE);
}

/** Returns the id of an attribute. MISP allows each value once in an event, and each id once in an instance. */
export function attributeUuid(secret: string, event: string, type: string, value: string): string {
  return uuidV5(`misp-attribute\n${secret}\n${event}\n${type}\n${value}`, HUB_NAMESPACE);
}

/** Returns the hub as an organisation. */
export function hubOrganisation(title: string, url: string): MispOrganisation {
  return { name: title, uuid: uuidV5(`misp-organisation\n${url}`, HUB_NAMESPACE) };
}

/** Returns a time in milliseconds since 1970 in seconds. MISP has no times before 1970, which versions of objects can have. */
export function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000));
}
