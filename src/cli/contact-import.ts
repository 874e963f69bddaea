import type { ContactChange } from '../api/schema-types.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { CONTACT_COLUMNS } from '../members/contacts/formats.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { allContacts } from './contact.ts';
import { sentFields, type ContactFlags } from './contact-fields.ts';
import { EXIT, counted, printable, readInput, readStdin, type Io } from './io.ts';
import { withHub, type LocalClient } from './local-client.ts';
import { graded, table, writeJson } from './output.ts';

export interface ImportFlags extends CommonFlags {
  readonly member?: string;
  readonly method?: string;
  readonly note?: string;
}

/** A row of the table. Its line counts from 1. */
interface Row {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** The result of one row. */
interface Outcome {
  readonly line: number;
  readonly contact: string;
  readonly state: 'created' | 'asked' | 'refused';
  readonly id?: string;
  readonly reason?: string;
}

/**
 * `talanoa contact import FILE`: creates a contact for each row of a table, or requests it. A row that is refused does not
 * stop the others. Exit code 8 if any was.
 */
export async function contactImport(file: string, flags: ImportFlags, io: Io): Promise<number> {
  const text = (file === '-' ? await readStdin(io) : readInput(file)).toString('utf8');
  const rows = await rowsOf(text);
  if (rows.length === 0) throw commandErrors.noContacts();
  const outcomes: Outcome[] = [];
  await withHub(flags, io, async (client) => {
    const present = await presentIn(client);
    for (const row of rows) outcomes.push(await imported(row, flags, client, present));
  });
  const refused = outcomes.filter(({ state }) => state === 'refused').length;
  if (flags.json === true) writeJson({ items: outcomes }, io);
  else {
    const lines = outcomes.map(({ line, contact, state, id, reason }) => [
      String(line),
      printable(contact),
      graded(state, state === 'refused' ? 'bad' : state === 'asked' ? 'notice' : 'good', io),
      printable(reason ?? id ?? ''),
    ]);
    io.stdout.write(`${table([['LINE', 'CONTACT', 'STATE', 'ID OR REASON'], ...lines], io)}\n`);
    if (outcomes.some(({ state }) => state === 'asked') && flags.quiet !== true)
      io.stderr.write('The hub decides before the requested contacts come into force: talanoa contact changes\n');
    if (refused > 0 && flags.quiet !== true)
      io.stderr.write(`Refused: ${counted(refused, 'row')} of ${counted(outcomes.length, 'row')}. Correct these rows, and import them alone.\n`);
  }
  return refused > 0 ? EXIT.part : EXIT.done;
} // prettier-ignore

async function imported({ line, cells }: Row, { member, method, note }: ImportFlags, client: LocalClient, present: Map<string, string>): Promise<Outcome> {
  const contact = cells['contact'] ?? '';
  try {
    const owner = cells['member'] ?? member;
    if (owner === undefined) throw commandErrors.memberOfRow();
    const known = present.get(keyOf(owner, contact));
    if (known !== undefined) throw commandErrors.contactPresent({ id: known });
    const body = {
      fields: sentFields(flagsOf(cells), undefined),
      ...(method === undefined ? {} : { method }),
      ...(note === undefined ? {} : { note }),
    };
    const made = await client.post<ContactChange>(`/api/v1/members/${encodeURIComponent(owner)}/contact-changes`, body);
    present.set(keyOf(owner, contact), made.contact);
    return made.state === 'pending'
      ? { line, contact, state: 'asked', id: made.id }
      : { line, contact, state: 'created', id: made.contact };
  } catch (error) {
    // The hub refuses this row alone. Every other failure ends the import.
    if (!(error instanceof Problem) || !ABOUT_A_ROW.has(error.kind)) throw error;
    return { line, contact, state: 'refused', reason: reasonOfRow(error) };
  }
} // prettier-ignore

/** Returns the contacts that the caller sees, by member and label. */
async function presentIn(client: LocalClient): Promise<Map<string, string>> {
  const contacts = await allContacts(client, {});
  return new Map(contacts.map(({ id, member, label }) => [keyOf(member, label), id]));
}

function keyOf(member: string, label: string): string {
  return `${member}\n${label}`;
}

/** Returns the reason in words of the table: a column has the name of its flag, and an `s`. */
function reasonOfRow({ title, description, hint, code }: Problem): string {
  const parts = [title, description, code.startsWith('TLN-C-') ? hint : undefined].filter(
    (one) => one !== undefined,
  );
  return parts.join(': ').replaceAll(/--(phone|email)\b/g, '$1s');
}

const ABOUT_A_ROW = new Set<Problem['kind']>([
  'invalid-request',
  'invalid-content',
  'not-found',
  'forbidden',
  'conflict',
  'full',
  'rate-limited',
]);

/** Returns the flags of `talanoa contact create` that a row stands for. */
function flagsOf(cells: Row['cells']): ContactFlags {
  const list = (name: string, between: RegExp): readonly string[] | undefined => {
    const items = (cells[name] ?? '').split(between).map((one) => one.trim()).filter((one) => one !== '');
    return items.length === 0 ? undefined : items;
  };
  const all = {
    label: cells['contact'],
    name: cells['name'],
    hours: cells['hours'],
    zone: cells['time_zone'],
    order: cells['order'] === undefined ? undefined : Number(cells['order']),
    wait: cells['wait'] === undefined ? undefined : Number(cells['wait']),
    purpose: list('purposes', /[\s,;]+/),
    language: list('languages', /[\s,;]+/),
    holiday: list('holidays', /[\s,;]+/),
    phone: list('phones', /;/),
    email: list('emails', /;/),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
} // prettier-ignore

/** Reads the table (RFC 4180) with a header. Columns that only exports have are left out. */
async function rowsOf(text: string): Promise<readonly Row[]> {
  const { parse } = await import('csv-parse/sync');
  const columns = CONTACT_COLUMNS.join(', ');
  let parsed: readonly (readonly string[])[];
  try {
    parsed = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    throw commandErrors.contactTable({ columns }, { description: reasonOf(error) });
  }
  const [header = [], ...rows] = parsed;
  const names = header.map((name) => name.trim().toLowerCase());
  const unknown = names.filter((name) => !CONTACT_COLUMNS.some((one) => one === name));
  if (unknown.length > 0 || !names.includes('contact'))
    throw commandErrors.contactTable(
      { columns },
      unknown.length > 0 ? { description: `Unknown columns: ${unknown.join(', ').slice(0, 200)}.` } : {},
    );
  return rows.map((row, i) => ({
    line: i + 2,
    // A spreadsheet shows an apostrophe in front of what it would compute (`csvText`).
    cells: Object.fromEntries(
      names.flatMap((name, at) => {
        const cell = (row[at] ?? '').trim().replace(/^'(?=[=+\-@])/, '');
        return cell === '' ? [] : [[name, cell]];
      }),
    ),
  }));
}
