import type { Network } from '../kernel/address.ts';
import type { Problem } from '../kernel/problem.ts';
import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { checkDocument } from './document.ts';
import { decoded } from './decode.ts';
import { parseTlp, stricter, tlpLabel, type Tlp } from '../stix/markings.ts';
import type { DetectContext } from './detect-column.ts';
import { commentsOf } from './detect-columns.ts';
import { HEAD, wholeLines } from './detect-format.ts';
import { isJson, isJsonLines, jsonFormat } from './detect-json.ts';
import { knownFormat, presetAt } from './detect-known.ts';
import { textFormat } from './detect-text.ts';
import { feedErrors } from './errors.ts';
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
  const head = await headOf(await open());
  if (head === '') throw unknown('The source is empty.');
  const preset = presetAt(request.url);
  if (preset !== undefined)
    return {
      document: checkDocument(
        {
          ...preset,
          name: request.name,
          title: request.title ?? preset.title,
          enabled: true,
          transport: { ...preset.transport, url: request.url },
          defaults: { ...preset.defaults, ...(request.tlp === undefined ? {} : { tlp: request.tlp }) },
        },
        request.name,
      ),
      notes: [`The hub has a preset for this source (${preset.name}), which is used.`],
    };
  const known = knownFormat(head, request.url);
  if (known !== undefined)
    return { document: { ...documentOf(request, { kind: 'stix' }, []), ...known }, notes: [] };
  const context: DetectContext = { now, own, head };
  const isText = !isJson(head) && !isJsonLines(wholeLines(head));
  const found = isText ? await textFormat(head, open, context) : jsonFormat(head, context);
  if (found === undefined)
    throw unknown(
      /^[{[]/.test(head) && isText
        ? 'The text begins like JSON, but is not valid JSON.'
        : 'No column contains addresses, names, URLs or hashes of threats. Links to reports, addresses of other lists and defaced sites do not count.',
    );
  const { parser, chosen, notes } = found;
  const stated = isText ? statedTlp(head) : undefined;
  const level = levelOf(request, stated);
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

/** Level of feeds that state none. */
const USUAL_TLP = 'amber';
const STATED = /\bTLP\s*:\s*(?:RED|AMBER\+STRICT|AMBER|GREEN|CLEAR|WHITE)(?![\w+])/gi;

/**
 * Returns the strictest TLP level in the comments of a list. Lines with several levels, such as a legend, count only if
 * no line states a single one.
 */
function statedTlp(head: string): Tlp | undefined {
  const lines = commentsOf(head)
    .split('\n')
    .map((line) => [
      ...new Set(
        [...line.matchAll(STATED)].flatMap(([label]) => parseTlp(label.replaceAll(/\s/g, '')) ?? []),
      ),
    ]);
  const single = lines.filter((levels) => levels.length === 1);
  return (single.length === 0 ? lines : single)
    .flat()
    .reduce<Tlp | undefined>((least, one) => (least === undefined ? one : stricter(least, one)), undefined);
}

/**
 * Returns the level of a feed. A list that states a stricter level than the usual one has it, unless the account that
 * creates the feed chooses another one.
 */
function levelOf(
  { tlp }: DetectRequest,
  stated: Tlp | undefined,
): { readonly tlp: Tlp; readonly notes: readonly string[] } {
  const own = tlp ?? USUAL_TLP;
  if (stated === undefined || stricter(own, stated) === own) return { tlp: own, notes: [] };
  if (tlp === undefined)
    return {
      tlp: stated,
      notes: [`The comments of the source state ${tlpLabel(stated)}, so the feed has this level.`],
    };
  return {
    tlp,
    notes: [
      `The comments of the source state ${tlpLabel(stated)}, but ${tlpLabel(tlp)} was chosen for the feed.`,
    ],
  };
}

/** Returns the error about a source whose format cannot be detected. */
export function unknown(description: string): Problem {
  return feedErrors.formatUnknown({ description });
}

async function headOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    parts.push(chunk);
    if ((size += chunk.length) >= HEAD) break;
  }
  return Buffer.concat(parts)
    .toString('utf8')
    .slice(0, HEAD)
    .replace(/^\uFEFF/, '')
    .trimStart();
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
