import type { Network } from '../kernel/address.ts';
import type { Problem } from '../kernel/problem.ts';
import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { checkDocument } from './document.ts';
import { decoded } from './decode.ts';
import { stricter, tlpLabel, type Tlp } from '../stix/markings.ts';
import type { DetectContext } from './detect-column.ts';
import { HEAD, wholeLines } from './detect-format.ts';
import { isJson, isJsonLines, jsonFormat, textAfterJson } from './detect-json.ts';
import { knownFormat, presetAt } from './detect-known.ts';
import { textFormat } from './detect-text.ts';
import { statementsIn } from './detect-tlp.ts';
import { feedErrors } from './errors.ts';
import { statedIn, type StatedTlp } from './stated-tlp.ts';
import type { FeedFile } from './transports/transport.ts';

/** The description of a feed whose format is to be detected. */
export interface DetectRequest {
  readonly name: string;
  readonly url: string;
  readonly title?: string | undefined;
  readonly tlp?: FeedDocument['defaults']['tlp'] | undefined;
}

/** The document for a source, and what the hub understood of it. */
export interface Detected {
  readonly document: FeedDocument;
  /** Notes on parts that were not understood, or could be understood in another way. */
  readonly notes: readonly string[];
}

/** A file whose format is to be detected. All of it can be sent to a thread. */
export interface DetectOrder {
  readonly request: DetectRequest;
  readonly file: Pick<FeedFile, 'path' | 'bytes' | 'charset'>;
  /** Networks of the members. Columns with their addresses are never used for indicators. */
  readonly own: readonly Network[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes a feed document for a file: the format, the columns with the values and those with the times. */
export async function detectFile({ request, file, own, now }: DetectOrder): Promise<Detected> {
  const open = () => decoded(file);
  const { head, isWhole } = await headOf(await open());
  if (head === '') throw unknown('The source is empty.');
  const recognised = await recognisedFile(request, head);
  if (recognised !== undefined) return recognised;
  const context: DetectContext = { now, own, head };
  const isText = !isJson(head) && !isJsonLines(wholeLines(head));
  const found = isText ? await textFormat(head, open, context) : jsonFormat(head, context);
  if (found === undefined)
    throw unknown(
      /^[{[]/.test(head) && isText
        ? 'The text begins like JSON, but is not valid JSON.'
        : 'No column contains addresses, names, URLs or hashes of threats. Links to reports, addresses of other lists, defaced sites, and private and reserved addresses do not count.',
    );
  const { parser, chosen, notes } = found;
  if (parser.kind === 'json') demandComplete(head, isWhole);
  const level = levelOf(request, statedIn(await statementsIn(head, { parser, map: [chosen.map] })));
  const document = documentOf(
    { ...request, tlp: level.tlp },
    { ...parser, ...(chosen.range ? { range: true } : {}) },
    [chosen.map],
    chosen.time,
    chosen.filter,
  );
  const missing = 1 - chosen.share;
  return {
    document,
    notes: [
      ...notes,
      ...level.notes,
      ...chosen.notes,
      ...(missing > 0.02
        ? [`${Math.round(missing * 100)} % of the rows have no value that the hub understands.`]
        : []),
    ],
  };
}

/** Returns the document for a source with a preset, or with a format that identifies itself. */
async function recognisedFile(request: DetectRequest, head: string): Promise<Detected | undefined> {
  const preset = presetAt(request.url);
  if (preset !== undefined) {
    const level = levelOf(request, statedIn(await statementsIn(head, preset)), preset.defaults.tlp);
    return {
      document: checkDocument(
        {
          ...preset,
          name: request.name,
          title: request.title ?? preset.title,
          enabled: true,
          transport: { ...preset.transport, url: request.url },
          defaults: { ...preset.defaults, tlp: level.tlp },
        },
        request.name,
      ),
      notes: [`The hub has a preset for this source (${preset.name}), which is used.`, ...level.notes],
    };
  }
  const known = knownFormat(head, request.url);
  if (known === undefined) return undefined;
  const level = levelOf(request, statedIn(await statementsIn(head, known)));
  return {
    document: { ...documentOf({ ...request, tlp: level.tlp }, { kind: 'stix' }, []), ...known },
    notes: level.notes,
  };
}

/** Level of feeds that state none. */
const USUAL_TLP = 'amber';

/**
 * Returns the level of a feed. A list that states a stricter level than the usual one has it, unless the account that
 * creates the feed chooses another one.
 */
function levelOf(
  { tlp }: DetectRequest,
  stated: StatedTlp | undefined,
  usual: Tlp = USUAL_TLP,
): { readonly tlp: Tlp; readonly notes: readonly string[] } {
  const own = tlp ?? usual;
  if (stated === undefined || stricter(own, stated.tlp) === own) return { tlp: own, notes: [] };
  const states =
    stated.unclear === undefined
      ? `The source states ${tlpLabel(stated.tlp)}`
      : `The source states a TLP level that the hub does not know (${JSON.stringify(stated.unclear)})`;
  if (tlp !== undefined) return { tlp, notes: [`${states}, but ${tlpLabel(tlp)} was chosen for the feed.`] };
  return {
    tlp: stated.tlp,
    notes: [
      stated.unclear === undefined
        ? `${states}, so the feed has this level.`
        : `${states}, so the feed has the strictest one.`,
    ],
  };
}

/** Throws a Problem for JSON that no run can read to its end. */
function demandComplete(head: string, isWhole: boolean): void {
  const after = textAfterJson(head)?.trim();
  if (after === undefined && isWhole) throw unknown('The JSON document ends before all of its brackets are closed.');
  if (after !== undefined && after !== '')
    throw unknown(`Text follows the end of the JSON document: ${JSON.stringify(after.slice(0, 80))}`);
} // prettier-ignore

/** Returns the error about a source whose format cannot be detected. */
export function unknown(description: string): Problem {
  return feedErrors.formatUnknown({ description });
}

/** Returns the beginning of a text, and whether it is all of it. */
async function headOf(
  stream: AsyncIterable<Buffer>,
): Promise<{ readonly head: string; readonly isWhole: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    parts.push(chunk);
    if ((size += chunk.length) >= HEAD) break;
  }
  const head = Buffer.concat(parts)
    .toString('utf8')
    .slice(0, HEAD)
    .replace(/^\uFEFF/, '')
    .trimStart();
  return { head, isWhole: size < HEAD };
}

/** Returns the document for a source with this parser. */
export function documentOf(
  { name, url, title, tlp }: DetectRequest,
  parser: ParserSpec,
  map: FeedDocument['map'],
  time?: NonNullable<FeedDocument['time']>['format'],
  filter: NonNullable<FeedDocument['filter']> = [],
): FeedDocument {
  return checkDocument(
    {
      name,
      title: title ?? name,
      mode: parser.kind === 'delimited' ? 'snapshot' : 'append',
      transport: { kind: 'https', url },
      schedule: { cron: '37 */6 * * *', jitter_s: 300, min_interval_s: 300 },
      parser,
      map,
      ...(time === undefined || time === 'iso' ? {} : { time: { format: time } }),
      ...(filter.length === 0 ? {} : { filter }),
      defaults: { tlp: tlp ?? USUAL_TLP, confidence: 50, valid_for: 'P7D', redistribute: 'members' },
    },
    name,
  );
}
