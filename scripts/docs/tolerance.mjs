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
      ['Level', 'What is refused'],
      [
        [
          '`tolerant`',
          'What the standard refuses, except the deviations below. They are accepted with a finding.',
        ],
        ['`standard`', 'What the text of STIX 2.1 refuses (rules S-… and P-…).'],
        ['`strict`', 'The same, and a property whose name differs by one letter from a standard property.'],
      ],
    ),
    'A finding has a rule, a position in the object and a sentence. The submitter receives the first five findings of an object in the message of the TAXII status, and as `findings` in the REST API. `talanoa validate --level LEVEL` shows all of them. The stored bytes are those that were submitted, so the findings of an object can be found again at any time. The hub counts stored objects with findings for each producer and rule (`GET /api/v1/findings`, for staff of the hub); a count that does not change for 30 days ends.',
    'No level changes how the hub decides about ownership, markings, disclosure and placement. Limits of the hub (L-…), wrong types of values, broken patterns, and identifiers with other characters or of another type are refused at every level. A marking definition under a reserved id is accepted in other words only if every statement in it is the level of the id.',
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
    'Rules about several versions of an object: another `created` (S-045) or `created_by_ref` (S-047) than in another version is a finding at the level `tolerant`, and an error at the others. `talanoa validate` compares the versions in a file. The hub compares a version with the latest one of the same owner in the collection, if the submitter may read it. The submitter owns an object, whatever `created_by_ref` says.',
  ].join('\n\n');
}
