import type {
  FalsePositive,
  FeedbackListed,
  FeedbackOutcome,
  FeedbackRequest,
  ValueDetails,
} from '../api/schema-types.ts';
import { reasonOf } from '../kernel/problem.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, printable, readInput, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeJson } from './output.ts';

type Item = FeedbackRequest['items'][number];

export interface SendFlags extends CommonFlags {
  readonly kind: Item['kind'];
  readonly note?: string;
  readonly count?: number;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
}

export interface NoteFlags extends CommonFlags {
  readonly note: string;
}

/** Maximum number of reports in one request. */
const AT_ONCE = 1_000;
const COLUMNS: readonly string[] = [
  'value',
  'object',
  'kind',
  'count',
  'first_seen',
  'last_seen',
  'note',
  'tlp',
];

/** `talanoa feedback send VALUE…`. */
export async function feedbackSend(
  about: readonly string[],
  { kind, note, count: times, firstSeen, lastSeen, ...flags }: SendFlags,
  io: Io,
): Promise<number> {
  const items = about.map((one): Item => ({
    kind,
    ...(one.startsWith('indicator--') ? { object: one } : { value: one }),
    ...(note === undefined ? {} : { note }),
    ...(times === undefined ? {} : { count: times }),
    ...(firstSeen === undefined ? {} : { first_seen: firstSeen }),
    ...(lastSeen === undefined ? {} : { last_seen: lastSeen }),
  }));
  return send(items, flags, io);
}

async function send(items: readonly Item[], flags: CommonFlags, io: Io): Promise<number> {
  const outcomes: FeedbackOutcome[] = [];
  await withHub(flags, io, async (client) => {
    for (let at = 0; at < items.length; at += AT_ONCE) {
      const some = { items: items.slice(at, at + AT_ONCE) };
      outcomes.push(...(await client.post<{ items: FeedbackOutcome[] }>('/api/v1/feedback', some)).items);
    }
  });
  const refused = outcomes.filter(({ outcome }) => outcome === 'refused');
  if (flags.json === true) writeJson({ items: outcomes }, io);
  else {
    io.stdout.write(
      `${count(outcomes.length - refused.length)} of ${count(outcomes.length)} reports stored.\n`,
    );
    for (const { about, message } of refused)
      io.stdout.write(`${printable(about)}: refused: ${printable(message ?? '')}\n`);
  }
  return refused.length === 0 ? EXIT.done : EXIT.part;
}

/** `talanoa feedback import FILE`: a table with a header, such as the hit counters of a firewall. */
export async function feedbackImport(
  file: string,
  { kind, ...flags }: CommonFlags & { readonly kind: Item['kind'] },
  io: Io,
): Promise<number> {
  const [header = [], ...rows] = await csvRows(readInput(file).toString('utf8'));
  const names = header.map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !COLUMNS.includes(name));
  if (unknown !== undefined || !(names.includes('value') || names.includes('object')))
    throw commandErrors.invalidTable({ columns: COLUMNS.join(', ') });
  const items = rows.map((row): Item => {
    const fields = Object.fromEntries(
      names.flatMap((name, i) => {
        const text = (row[i] ?? '').trim();
        return text === '' ? [] : [[name, name === 'count' ? Number(text) : text]];
      }),
    );
    return { kind, ...fields };
  });
  return send(items, flags, io);
}

/** Reads a table (RFC 4180). Rows may have fewer or more fields than the header. */
async function csvRows(text: string): Promise<readonly (readonly string[])[]> {
  const { parse } = await import('csv-parse/sync');
  try {
    return parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    throw commandErrors.invalidTable({ columns: COLUMNS.join(', ') }, { description: reasonOf(error) });
  }
}

/** `talanoa feedback list`. */
export async function feedbackList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<{ items: readonly FeedbackListed[] }>('/api/v1/feedback'),
  );
  if (flags.json === true) writeJson(found, io);
  else if (found.items.length === 0) io.stdout.write('Your member has reported nothing.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['KIND', 'VALUE', 'REPORTED', 'COUNT', 'STATE', 'NOTE', 'DECISION'],
          ...found.items.map(({ kind, value, at, count: times, state, note, decision }) => [
            kind,
            printable(value),
            when(at, io),
            times === undefined ? '-' : count(times),
            state,
            printable(note ?? '-'),
            printable(decision ?? '-'),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa feedback cases`. */
export async function feedbackCases(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<{ items: readonly FalsePositive[] }>('/api/v1/false-positives'),
  );
  if (flags.json === true) writeJson(found, io);
  else if (found.items.length === 0) io.stdout.write('No false positive waits for a decision.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['ID', 'VALUE', 'SINCE', 'MEMBERS', 'COLLECTIONS', 'NOTES'],
          ...found.items.map(({ id, value, at, members, collections, notes }) => [
            id,
            printable(value),
            when(at, io),
            count(members),
            collections.join(', '),
            printable(notes.join('; ').slice(0, 200) || '-'),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa feedback confirm|reject ID`. */
export async function feedbackDecide(
  verdict: 'confirmed' | 'refused',
  id: string,
  { note, ...flags }: NoteFlags,
  io: Io,
): Promise<number> {
  const decided = await withHub(flags, io, (client) =>
    client.post<FalsePositive>(`/api/v1/false-positives/${encodeURIComponent(id)}/decision`, {
      verdict,
      note,
    }),
  );
  if (flags.json === true) writeJson(decided, io);
  else
    io.stdout.write(
      verdict === 'confirmed'
        ? `${printable(decided.value)} is no longer in any list. To see who still has it, run: talanoa suppression list\n`
        : `The report about ${printable(decided.value)} was rejected. Its reporters were notified.\n`,
    );
  return EXIT.done;
}

/** `talanoa values show VALUE`. */
export async function valuesShow(value: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<ValueDetails>(`/api/v1/values?value=${encodeURIComponent(value)}`),
  );
  if (flags.json === true) {
    writeJson(found, io);
    return EXIT.done;
  }
  const { suppressed, sightings, false_positives: wrong, places } = found;
  const lines = [
    `${printable(found.value)} (${found.type})`,
    ...(suppressed === undefined
      ? []
      : [
          `Suppressed since ${when(suppressed.at, io)} (${suppressed.cause}): ${printable(suppressed.reason)}`,
        ]),
    ...(sightings === undefined ? [] : [`Seen by members: ${sightings.members}`]),
    ...(wrong === undefined ? [] : [`Reported as a false positive by members: ${wrong.members}`]),
    '',
    table(
      [
        ['COLLECTION', 'STATE', 'CONFIDENCE', 'NOW', 'SOURCES', 'LAST SEEN', 'VALID UNTIL'],
        ...places.map(
          ({ collection, state, confidence, score, sources, last_seen: last, valid_until: until }) => [
            collection,
            state,
            confidence === undefined ? '-' : String(confidence),
            score === undefined ? '-' : String(score),
            count(sources),
            when(last, io),
            when(until, io),
          ],
        ),
      ],
      io,
    ),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.done;
}
