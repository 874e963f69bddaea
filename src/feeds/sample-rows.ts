import type { FeedPreview } from '../api/schema-types.ts';
import type { StixObject } from '../stix/types.ts';
import { FindingMaker } from './maker.ts';
import { draftsOf } from './objects.ts';
import { readFile } from './read.ts';
import type { StagingRequest } from './staging-request.ts';
import { WarningLists } from './warning-lists.ts';

/** Number of rows that are shown with their objects, and the maximum length of their text and number of objects. */
const SAMPLES = 5;
const LONGEST_ROW = 500;
const MOST_OF_ROW = 5;

/** A row of a source and what it becomes. */
export type Sample = FeedPreview['samples'][number];

/** Returns the first rows with the objects that they become, in the current thread. */
export async function sampleRows({
  files,
  document,
  members,
  kept,
  now,
}: StagingRequest): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const make = new FindingMaker(document, now, await WarningLists.load(document, members, kept));
  for (const file of files) {
    for await (const { line, raw, mapped } of readFile(file, make)) {
      const { findings, fault, filtered } = mapped;
      const objects = findings
        .flatMap((finding) => draftsOf(document, finding, now).slice(0, 1))
        .flatMap((draft): readonly StixObject[] => {
          const object = draft.against(undefined);
          return object === undefined ? [] : [object];
        });
      const reason = fault?.message ?? filtered;
      samples.push({
        line,
        row: raw.slice(0, LONGEST_ROW),
        objects: objects.slice(0, MOST_OF_ROW),
        ...(reason === undefined ? {} : { reason }),
      });
      if (samples.length === SAMPLES) return samples;
    }
  }
  return samples;
}
