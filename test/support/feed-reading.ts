import { statSync } from 'node:fs';
import type { Finding, IndicatorFinding, ObjectFinding } from '../../src/feeds/findings.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { draftsOf } from '../../src/feeds/objects.ts';
import { readFile } from '../../src/feeds/read.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import type { StixObject } from '../../src/stix/types.ts';

/** Values that appear in samples, but that no feed accepts by default. */
export const special = {
  special_addresses_allowed: ['documentation', 'benchmark'],
  special_domains_allowed: ['example'],
};

/** The result of reading a file like a run does. */
export interface Reading {
  readonly findings: readonly Finding[];
  /** Indicators by their patterns. */
  readonly indicators: ReadonlyMap<string, IndicatorFinding>;
  readonly patterns: readonly string[];
  readonly quarantine: readonly { row: number; reason: string }[];
  readonly filtered: readonly { row: number; reason: string }[];
  readonly duplicates: number;
  /** Objects that a first run would store. */
  readonly objects: readonly StixObject[];
  readonly of: (type: string) => readonly ObjectFinding[];
}

/** Reads a file like a run does. */
export async function readSample(
  document: FeedDocument,
  path: string,
  now: number,
  name = path.split('/').at(-1) ?? '',
): Promise<Reading> {
  const make = new FindingMaker(document, now);
  const found = new Map<string, Finding>();
  const quarantine: { row: number; reason: string }[] = [];
  const filtered: { row: number; reason: string }[] = [];
  let duplicates = 0;
  for await (const { line, mapped } of readFile({ name, path, bytes: statSync(path).size }, make)) {
    if (mapped.filtered !== undefined) filtered.push({ row: line, reason: mapped.filtered });
    if (mapped.fault !== undefined) quarantine.push({ row: line, reason: mapped.fault.code });
    for (const finding of mapped.findings)
      if (found.has(finding.id)) duplicates++;
      else found.set(finding.id, finding);
  }
  const findings = [...found.values()];
  const held = new Map(
    findings.flatMap((finding) =>
      finding.kind === 'object' && finding.about !== undefined
        ? [[finding.about, ['vulnerability--1a2b3c4d-0000-4000-8000-000000000001']] as const]
        : [],
    ),
  );
  const objects = findings.flatMap((finding) =>
    draftsOf(document, finding, now, held).flatMap((draft): readonly StixObject[] => {
      const object = draft.against(undefined);
      return object === undefined ? [] : [object];
    }),
  );
  return {
    findings,
    indicators: new Map(
      findings.flatMap((finding) => (finding.kind === 'indicator' ? [[finding.pattern, finding]] : [])),
    ),
    patterns: findings
      .flatMap((finding) =>
        finding.kind === 'indicator'
          ? [finding.patternType === 'stix' ? finding.pattern : `${finding.patternType}:${finding.pattern}`]
          : [],
      )
      .toSorted((a, b) => (a < b ? -1 : 1)),
    quarantine,
    filtered,
    duplicates,
    objects,
    of: (type) =>
      findings.filter(
        (finding): finding is ObjectFinding => finding.kind === 'object' && finding.object['type'] === type,
      ),
  };
}
