import type { Findings } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Tallies, TallyRules } from '../../access/tallies.ts';
import type { StixFault } from '../../stix/validation/fault.ts';
import { submitterOf, type Actor } from './actor.ts';
import type { Finding, Outcome } from './outcome.ts';

/** Maximum number of findings of one object that its submitter receives. The validator finds them all again. */
const MOST_TOLD = 5;
const LONGEST_TOLD = 240;

const NONE: readonly Finding[] = [];

/** Returns the message about the findings of an object for its submitter. */
export function reportedFindings(faults: readonly StixFault[]): readonly Finding[] {
  if (faults.length === 0) return NONE;
  return faults.slice(0, MOST_TOLD).map(({ rule, pointer, message }) => ({
    rule,
    pointer: pointer.slice(0, LONGEST_TOLD),
    message: message.length > LONGEST_TOLD ? `${message.slice(0, LONGEST_TOLD)}…` : message,
  }));
}

/** Returns the message of an outcome with its findings, for a status resource. */
export function messageWithFindings({ message, findings }: Outcome): string | undefined {
  if (findings === undefined || findings.length === 0) return message;
  const lines = findings.map(
    (one) => `${one.rule} ${one.pointer === '' ? 'the object' : one.pointer}: ${one.message}`,
  );
  const found = `accepted with findings: ${lines.join('; ')}`;
  return message === undefined ? found : `${message}; ${found}`;
}

/** Number of stored objects of one producer with a finding of one rule. */
export type FindingCount = Findings['items'][number];

const DAY_MS = 86_400_000;
/** Findings are counted for each producer and rule. A count that does not change for 30 days is dropped. */
export const FINDING_TALLIES: TallyRules = { purpose: 'finding', keptMs: 30 * DAY_MS };

/** Counts stored objects with findings, by the account or feed that submitted them. */
export class FindingCounts {
  readonly #tallies: Pick<Tallies, 'add' | 'all'>;
  readonly #directory: Pick<Directory, 'current'>;

  constructor(tallies: Pick<Tallies, 'add' | 'all'>, directory: Pick<Directory, 'current'>) {
    this.#tallies = tallies;
    this.#directory = directory;
  }

  /** Counts the findings of stored objects. An object counts once for each rule. */
  count(actor: Actor, outcomes: readonly Outcome[]): void {
    const found = new Map<string, number>();
    for (const { kind, findings } of outcomes)
      if (kind === 'stored' && findings !== undefined)
        for (const rule of new Set(findings.map((one) => one.rule)))
          found.set(rule, (found.get(rule) ?? 0) + 1);
    if (found.size === 0) return;
    const producer = submitterOf(actor);
    for (const [rule, objects] of found) this.#tallies.add(`${producer} ${rule}`, objects);
  }

  /** Returns the counts of accounts and feeds that exist, the largest first. */
  async list(): Promise<readonly FindingCount[]> {
    const directory = await this.#directory.current();
    const counts = this.#tallies.all().flatMap(({ name, sum }) => {
      const cut = name.lastIndexOf(' ');
      const [id, rule] = [name.slice(0, cut), name.slice(cut + 1)];
      const producer = id.startsWith('feed:') ? id : directory.accounts.get(id)?.name;
      return producer === undefined ? [] : [{ producer, rule, objects: sum }];
    });
    return counts.sort((a, b) => b.objects - a.objects || (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}

function keyOf({ producer, rule }: FindingCount): string {
  return `${producer} ${rule}`;
}
