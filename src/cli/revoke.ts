import type { Revoked } from '../sharing/life/revocation.ts';
import { EXIT, printable, type Io } from './io.ts';
import { writeJson } from './output.ts';
import { tellIfStopped, withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

/** `talanoa revoke ID…`: exit code 8 when the revocation did not succeed in every collection. */
export async function revoke(ids: readonly string[], flags: CommonFlags, io: Io): Promise<number> {
  let failed = false;
  let isAnyStored = false;
  await withHub(flags, io, async (client) => {
    for (const id of ids) {
      const { items } = await client.post<{ items: readonly Revoked[] }>(
        `/api/v1/objects/${encodeURIComponent(id)}/revocation`,
        {},
      );
      isAnyStored ||= items.some(({ outcome }) => outcome === 'stored');
      failed ||= items.some(({ outcome }) => outcome !== 'stored');
      if (flags.json === true) writeJson({ id, items }, io);
      else
        for (const { collection, outcome, message } of items)
          io.stdout.write(
            `${printable(id)} ${outcome === 'stored' ? 'revoked' : `${outcome}: ${printable(message ?? '')}`} in ${collection}\n`,
          );
    }
    if (isAnyStored) tellIfStopped(client, flags, io);
  });
  return failed ? EXIT.part : EXIT.done;
}
