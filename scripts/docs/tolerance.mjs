import { join } from 'node:path';
import { table } from './markdown.mjs';

/** The page about the levels of validation, with the table of `src/stix/validation/tolerance.ts`. */
export async function validationLevels(root) {
  const { TOLERATED } = await import(join(root, 'dist', 'stix', 'validation', 'tolerance.js'));
  const { sectionOf } = await import(join(root, 'dist', 'stix', 'validation', 'sections.js'));
  return [
    '# Levels of validation',
    'Each collection has a level (`validation`). Without one, `hub.validation` applies, and without that, the level `tolerant`.',
    table(
      ['Level', 'Refused'],
      [
        [
          '`tolerant`',
          'Deviations from the standard, except those below, which are accepted with a finding.',
        ],
        ['`standard`', 'All deviations from the text of STIX 2.1 (rules S-… and P-…).'],
        ['`strict`', 'The same, and properties whose names differ by one letter from a standard property.'],
      ],
    ),
    'A finding has a rule, a position in the object and a sentence. The submitter receives the first five findings of an object in the message of the TAXII status, and as `findings` in the REST API. `talanoa validate --level LEVEL` shows all of them. The stored bytes are those that were submitted, so the findings of an object can be found again at any time. The hub counts stored objects with findings for each producer and rule (`GET /api/v1/findings`, for hub staff). A count that does not change for 30 days is removed.',
    'No level changes how the hub decides on ownership, markings, disclosure and placement. Limits of the hub (L-…), wrong types of values, broken patterns, and identifiers with other characters or of another type are refused at every level. A marking definition with a reserved id and other words is accepted only if every level that it states is that of the id.',
    '## Tolerated deviations',
    table(
      ['Rule', 'Section', 'Deviation', 'Seen in'],
      TOLERATED.map(({ rule, what, seenIn }) => [
        rule,
        sectionOf(rule),
        what.replaceAll('|', '\\|').replace(/^[a-z]/, (letter) => letter.toUpperCase()),
        seenIn,
      ]),
    ),
    'A `created` (S-045) or `created_by_ref` (S-047) that differs from another version of the object is a finding at the level `tolerant`, and an error at the others. `talanoa validate` compares the versions in a file. The hub compares the versions in an envelope with each other, and each with the latest one of the same owner in the collection, if the submitter may read it. The submitter owns an object, whatever `created_by_ref` says.',
  ].join('\n\n');
}
