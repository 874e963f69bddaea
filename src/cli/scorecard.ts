import type { Scorecard, Scorecards } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeJson } from './output.ts';

export interface ScorecardFlags extends CommonFlags {
  readonly days: number;
  readonly collection?: string;
}

const PATH = '/api/v1/scorecards';

async function asked(
  { days, collection, ...flags }: ScorecardFlags,
  io: Io,
  source?: string,
): Promise<Scorecards> {
  const query = new URLSearchParams({
    days: String(days),
    ...(collection === undefined ? {} : { collection }),
    ...(source === undefined ? {} : { source }),
  });
  return withHub(flags, io, (client) => client.get<Scorecards>(`${PATH}?${query.toString()}`));
}

/** `talanoa scorecard list`. */
export async function scorecardList(flags: ScorecardFlags, io: Io): Promise<number> {
  const found = await asked(flags, io);
  if (flags.json === true) writeJson(found, io);
  else if (found.items.length === 0) io.stdout.write(`${periodOf(found, io)}: no source reported a value.\n`);
  else {
    const collections = found.items.some(({ collection }) => collection !== undefined);
    io.stdout.write(
      `${periodOf(found, io)}. "-" stands for fewer than ${found.minimum} values.\n\n${table(
        [
          ['SOURCE', 'VALUES', 'UNIQUE', 'LEAD', 'FALSE', 'AGE', 'SEEN', collections ? 'IN' : 'REJECTED'],
          ...found.items.map((card) => [
            card.source,
            count(card.values),
            percent(card.unique),
            duration(card.lead),
            percent(card.false_positives),
            duration(card.age),
            percent(card.sighted),
            collections ? (card.collection ?? '') : percent(card.rejected),
          ]),
        ],
        io,
      )}\n`,
    );
  }
  return EXIT.done;
} // prettier-ignore

/** `talanoa scorecard show SOURCE`. */
export async function scorecardShow(source: string, flags: ScorecardFlags, io: Io): Promise<number> {
  const found = await asked(flags, io, source);
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(
      `${periodOf(found, io)}\n\n${found.items.map((card) => shown(card, found.minimum, io)).join('\n')}`,
    );
  return EXIT.done;
}

function shown(card: Scorecard, minimum: number, io: Io): string {
  const of = (part: { readonly of: number }, words: string): string =>
    part.of < minimum
      ? `not enough: ${count(part.of)} of at least ${minimum} ${words}`
      : `of ${count(part.of)} ${words}`;
  const overlap = card.overlap.map(({ source, share }) => `${source} ${percent({ of: 1, share })}`).join(', ');
  const place = card.collection === undefined ? '' : ` in ${card.collection}`;
  return `${card.source}${place}\n${table(
    [
      ['MEASURE', 'RESULT', 'FROM'],
      ['unique', percent(card.unique), of(card.unique, 'values')],
      ['first or alone', percent(card.first), of(card.first, 'values')],
      ['corroborated', percent(card.corroborated), of(card.corroborated, 'values that it reported first')],
      ['lead time', duration(card.lead), of(card.lead, 'values that another source reported later')],
      ['age at arrival', duration(card.age), of(card.age, 'values')],
      ['false positives', percent(card.false_positives), of(card.false_positives, 'values')],
      [
        'sighted',
        percent(card.sighted),
        card.sighted.share === undefined && card.sighted.of >= minimum
          ? 'not enough: fewer than 3 members reported sightings'
          : of(card.sighted, 'values'),
      ],
      ...(card.rejected === undefined ? [] : [['rejected', percent(card.rejected), of(card.rejected, 'rows or objects')]]),
      ['overlap', overlap === '' ? '-' : overlap, ''],
    ],
    io,
  )}\n`;
} // prettier-ignore

/** `talanoa scorecard rebuild`: returns when the hub has begun. */
export async function scorecardRebuild(flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.post(`${PATH}/rebuild`, {}));
  if (flags.json === true) writeJson({ state: 'rebuilding' }, io);
  else
    io.stdout.write(
      'The hub counts everything again. Until it has finished, scorecards contain fewer values.\n',
    );
  return EXIT.done;
}

function periodOf({ from, to, up_to: upTo }: Scorecards, io: Io): string {
  return `Values first reported from ${from} to ${to} (UTC)${upTo === undefined ? '' : `, counted until ${when(upTo, io)}`}`;
}

function percent(part: { readonly of: number; readonly share?: number | undefined } | undefined): string {
  const { share } = part ?? {};
  return share === undefined ? '-' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** Returns a median in hours or days. */
function duration({ hours }: Scorecard['lead']): string {
  if (hours === undefined) return '-';
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
