import type { StixObject } from '../../../stix/types.ts';
import type { ListFacts, ListFormat } from './format.ts';

/** An object in force, as a list of objects contains it. */
export interface ObjectEntry {
  readonly object: StixObject;
  /** Its text as it was received. */
  readonly text: string;
}

/** Writes the objects of one list, in their order. */
export interface ObjectWriter {
  /** Returns the text for an object. Undefined for one that the format cannot carry, empty for one that it does not need. */
  take(entry: ObjectEntry): string | undefined;
  /** Returns the text after the last object. */
  end(): string;
}

/** A format that passes objects or their patterns through, where `ListFormat` writes a line for each value. */
export interface ObjectFormat extends Pick<
  ListFormat,
  'name' | 'tools' | 'media' | 'acts' | 'carries' | 'usual'
> {
  /** The kind of pattern that it contains. Undefined for every object. */
  readonly patterns: string | undefined;
  head(facts: Omit<ListFacts, 'types'>): string;
  writer(): ObjectWriter;
}
