import type { ValueViewState } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, when, writeJson, type Grade } from './output.ts';

export interface ValuesFlags extends CommonFlags {
  readonly collection?: string;
}

const GRADES: Readonly<Record<ValueViewState['state'], Grade>> = {
  current: 'good',
  behind: 'notice',
  rebuilding: 'notice',
};

interface States {
  readonly items: readonly ValueViewState[];
}

/** `talanoa values list`. */
export async function valuesList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<States>('/api/v1/values/views'));
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(
      `${table(
        [
          ['COLLECTION', 'STATE', 'UP TO'],
          ...found.items.map(({ name, state, up_to: upTo }) => [
            name,
            graded(state, GRADES[state], io),
            upTo === undefined ? '-' : when(upTo, io),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa values rebuild`: returns when the hub has begun. */
export async function valuesRebuild({ collection, ...flags }: ValuesFlags, io: Io): Promise<number> {
  const query = collection === undefined ? '' : `?collection=${encodeURIComponent(collection)}`;
  const begun = await withHub(flags, io, (client) =>
    client.post<States>(`/api/v1/values/rebuild${query}`, {}),
  );
  if (flags.json === true) writeJson(begun, io);
  else {
    const { length } = begun.items;
    io.stdout.write(
      `The hub rebuilds the values of ${length === 1 ? 'one collection' : `${count(length)} collections`}. To follow it, run: talanoa values list\n`,
    );
  }
  return EXIT.done;
}
