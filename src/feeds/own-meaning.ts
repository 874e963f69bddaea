import type { ParserSpec } from '../config/settings.ts';

/** Formats that define their own meaning. */
const OWN_MEANING = [
  'misp',
  'otx',
  'csaf',
  'iodef',
  'stix1',
] as const satisfies readonly ParserSpec['kind'][];

/** A format that defines its own meaning. */
export type OwnMeaning = (typeof OWN_MEANING)[number];

/** Returns the kind of a parser if its format defines its own meaning. */
export function ownMeaning({ kind }: Pick<ParserSpec, 'kind'>): OwnMeaning | undefined {
  return OWN_MEANING.find((own) => own === kind);
}

/** True for a format whose entries need a mapping to become objects. */
export function needsMap(parser: Pick<ParserSpec, 'kind'>): boolean {
  return parser.kind !== 'stix' && ownMeaning(parser) === undefined;
}
