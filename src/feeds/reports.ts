import { feedIdentityId } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import { feedObjectId, type ObjectFinding } from './findings.ts';
import {
  LONGEST_NAME,
  confidenceIn,
  distinct,
  labelled,
  labelsOf,
  nameIn,
  referring,
  textsOf,
  type Reported,
} from './source-facts.ts';
import { cveObjects } from './vulnerabilities.ts';

/**
 * Returns a report. The vulnerabilities and families that it names are created with it. A report without a date gets
 * the time at which it is first stored, and keeps it.
 */
export function reportFinding(document: FeedDocument, reported: Reported): ObjectFinding {
  const { key, published, refs = [], beside = [] } = reported;
  const named = [...beside, ...cveObjects(document.name, reported.vulnerabilities)];
  const all = distinct([...refs, ...named.map((object) => String(object['id']))]);
  const id = feedObjectId(document.name, 'report', key);
  return {
    kind: 'object',
    id,
    object: {
      type: 'report',
      spec_version: '2.1',
      id,
      name: (nameIn(reported.name) ?? key).slice(0, LONGEST_NAME),
      ...textsOf({ description: reported.description }),
      report_types: [...(reported.types ?? ['threat-report'])],
      ...(published === undefined ? {} : { published: stixTimestamp(published) }),
      ...labelled(labelsOf(reported)),
      ...(reported.confidence === undefined
        ? {}
        : { confidence: confidenceIn(document, reported.confidence) }),
      ...referring(reported.references),
      // A report must refer to at least one object (STIX 2.1 §4.16.1). The identity of the feed serves as the last
      // resort.
      object_refs: all.length === 0 ? [feedIdentityId(document.name)] : all,
    },
    beside: named,
    tlp: reported.tlp,
    at: reported.modified ?? published,
    created: reported.created,
    modified: reported.modified,
    ...(reported.binds === true ? { binds: true } : {}),
  };
}

/** Returns an ATT&CK technique by its id. */
export function techniqueObject(feed: string, id: string, name = id): StixObject {
  return {
    type: 'attack-pattern',
    spec_version: '2.1',
    id: feedObjectId(feed, 'attack-pattern', id.toUpperCase()),
    name: name.slice(0, LONGEST_NAME),
    external_references: [{ source_name: 'mitre-attack', external_id: id.toUpperCase() }],
  };
}
