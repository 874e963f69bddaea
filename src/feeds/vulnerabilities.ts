import type { FeedDocument } from '../config/settings.ts';
import type { StixObject } from '../stix/types.ts';
import { ValueFault } from '../stix/values/read-value.ts';
import { feedObjectId, type ObjectFinding, type Reference } from './findings.ts';
import {
  LONGEST_TEXT,
  confidenceIn,
  distinct,
  labelled,
  labelsOf,
  referring,
  textsOf,
  type Published,
  type SourceFacts,
} from './source-facts.ts';

const CVE = /^CVE-\d{4}-\d{4,19}$/;

/** Returns a vulnerability by its CVE id. Throws a ValueFault. */
export function vulnerabilityFinding(document: FeedDocument, cve: string, said: Published): ObjectFinding {
  const object: StixObject = {
    ...cveObject(document.name, cve, said.references ?? []),
    ...textsOf({ description: said.description }),
    ...labelled(labelsOf(said)),
    ...(said.confidence === undefined ? {} : { confidence: confidenceIn(document, said.confidence) }),
  };
  return {
    kind: 'object',
    id: String(object['id']),
    object,
    beside: [],
    tlp: said.tlp,
    at: said.lastSeen ?? said.validFrom,
    created: said.created,
    modified: said.modified,
  };
}

/** Returns the vulnerability object that another object refers to. Throws a ValueFault. */
export function cveObject(feed: string, text: string, references: readonly Reference[] = []): StixObject {
  const name = text.trim().toUpperCase();
  if (!CVE.test(name)) throw new ValueFault('bad-cve', `"${text.slice(0, 40)}" is not a CVE id`);
  return {
    type: 'vulnerability',
    spec_version: '2.1',
    id: feedObjectId(feed, 'vulnerability', name),
    name,
    external_references: distinct([{ source_name: 'cve', external_id: name }, ...references]),
  };
}

/** Returns the vulnerability objects of the texts that are CVE ids. Other texts are left out. */
export function cveObjects(feed: string, texts: readonly string[] = []): readonly StixObject[] {
  return distinct(texts).flatMap((cve) => (CVE.test(cve.toUpperCase()) ? [cveObject(feed, cve)] : []));
}

/** Returns a note about a vulnerability that another source has created. Throws a ValueFault. */
export function enrichmentFinding(
  document: FeedDocument,
  cve: string,
  said: SourceFacts,
  scores: readonly string[],
): ObjectFinding {
  const name = cve.trim().toUpperCase();
  if (!CVE.test(name)) throw new ValueFault('bad-cve', `"${cve.slice(0, 40)}" is not a CVE id`);
  for (const score of scores)
    if (!/^(?:0(?:\.\d{1,18})?|1(?:\.0{1,18})?)$/.test(score))
      throw new ValueFault('bad-score', `"${score.slice(0, 40)}" is not a score from 0 to 1`);
  const id = feedObjectId(document.name, 'note', name);
  return {
    kind: 'object',
    id,
    object: {
      type: 'note',
      spec_version: '2.1',
      id,
      ...textsOf({ abstract: said.name }),
      content: (said.description ?? '').slice(0, LONGEST_TEXT),
      ...labelled(labelsOf(said)),
      ...referring(said.references),
      object_refs: [],
    },
    beside: [],
    tlp: said.tlp,
    at: said.lastSeen ?? said.validFrom,
    about: name,
  };
}
