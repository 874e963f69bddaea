import type { Clock } from '../kernel/clock.ts';
import type { Network } from '../kernel/address.ts';
import type { Problem } from '../kernel/problem.ts';
import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { checkDocument } from './document.ts';
import { decoded } from './decode.ts';
import type { DetectContext } from './detect-columns.ts';
import { HEAD } from './detect-form.ts';
import { jsonForm } from './detect-json.ts';
import { knownForm } from './detect-known.ts';
import { textForm, type Open } from './detect-text.ts';
import { inSpool } from './spool.ts';
import { fetchFeed } from './transports/fetch.ts';
import type { FetchOptions, Fetched } from './transports/transport.ts';
import { feedErrors } from './errors.ts';

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

type DetectOptions = Omit<FetchOptions, 'cursor' | 'name'> & {
  readonly clock: Clock;
  /** Networks of the members. Columns with their addresses are never used for indicators. */
  readonly own: readonly Network[];
};

/**
 * Fetches a feed and makes a feed document for it: the format, the columns with the values and those with the times.
 * `use` gets it together with the fetched files, so the source is asked only once.
 */
export async function detectFeed<T>(
  request: DetectRequest,
  options: DetectOptions,
  use: (detected: Detected, fetched: Fetched) => Promise<T>,
): Promise<T> {
  const base = documentOf(request, { kind: 'delimited' }, [{ value: '{value}', type: 'auto' }]);
  return inSpool(options.spool, request.name, async (spool) => {
    const fetched = await fetchFeed(base.transport, {
      ...options,
      spool,
      name: request.name,
      cursor: {},
      tries: 1,
    });
    const [file] = fetched.files;
    if (file === undefined) throw unknown('The answer is empty.');
    const detected = await detectFile(request, () => decoded(file), options);
    return use(detected, fetched);
  });
}

async function detectFile(request: DetectRequest, open: Open, options: DetectOptions): Promise<Detected> {
  const head = await headOf(await open());
  if (head === '') throw unknown('The answer is empty.');
  const known = knownForm(head, request.url);
  if (known !== undefined)
    return { document: { ...documentOf(request, { kind: 'stix' }, []), ...known }, notes: [] };
  const context: DetectContext = { now: options.clock.now(), own: options.own, head };
  const found = /^[{[]/.test(head) ? jsonForm(head, context) : await textForm(head, open, context);
  if (found === undefined) throw unknown('No column holds addresses, names, URLs or hashes.');
  const { parser, chosen, notes } = found;
  const document = documentOf(
    request,
    { ...parser, ...(chosen.range ? { range: true } : {}) },
    [chosen.map],
    chosen.time,
  );
  const missing = 1 - chosen.share;
  return {
    document,
    notes: [
      ...notes,
      ...chosen.notes,
      ...(missing > 0.02
        ? [`${Math.round(missing * 100)} % of the rows have no value that the hub understands.`]
        : []),
    ],
  };
}

function unknown(description: string): Problem {
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

function documentOf(
  { name, url, title, tlp }: DetectRequest,
  parser: ParserSpec,
  map: FeedDocument['map'],
  time?: NonNullable<FeedDocument['time']>['format'],
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
      defaults: { tlp: tlp ?? 'amber', confidence: 50, valid_for: 'P7D', redistribute: 'members' },
    },
    name,
  );
}
