import type { Db, Document } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import { reasonOf } from '../../kernel/problem.ts';
import type { Diagnosis } from '../../kernel/diagnosis.ts';

/** Maximum difference between the clocks of hub and server. */
const MOST_SKEW_MS = 2_000;

/**
 * Checks what durability on MongoDB depends on: several members of the replica set, majority writes, access control and
 * clocks.
 */
export async function diagnoseMongo(db: Db, clock: Clock): Promise<Diagnosis[]> {
  const ask = async (command: Document): Promise<Document | undefined> => {
    try {
      return await db.command(command);
    } catch {
      return undefined;
    }
  };
  const asked = clock.now();
  const hello = await ask({ hello: 1 });
  const took = clock.now() - asked;
  const found: Diagnosis[] = [replicaSet(hello)];
  const concern = db.writeConcern;
  found.push(
    concern?.w === 'majority' && concern.journal === true
      ? { check: 'write concern', status: 'ok', found: 'majority, journalled' }
      : {
          check: 'write concern',
          status: 'failed',
          found: JSON.stringify(concern ?? {}),
          hint: 'Remove w and journal from MONGODB_URI. The hub sets them itself.',
        },
  );
  const defaults = await ask({ getDefaultRWConcern: 1 });
  if (defaults?.['defaultReadConcern']?.level === 'available')
    found.push({
      check: 'read concern',
      status: 'warning',
      found: 'the cluster reads "available" by default',
      hint: 'The hub asks for "majority" itself; other tools on this database do not.',
    });
  const local: unknown = hello?.['localTime'];
  if (local instanceof Date) {
    const ms = Math.round(local.getTime() - asked - took / 2);
    found.push(
      Math.abs(ms) <= MOST_SKEW_MS + took
        ? { check: 'clock', status: 'ok', found: `${ms} ms from the server` }
        : {
            check: 'clock',
            status: 'warning',
            found: `${ms} ms from the server`,
            hint: 'Synchronise the clock of every machine with NTP, because dates added come from the clock of the writing process.',
          },
    );
  }
  found.push(await authentication(ask), await roundTrip(db, clock));
  return found;
}

function replicaSet(hello: Document | undefined): Diagnosis {
  const check = 'replica set';
  const hint = 'Run at least three members (deploy/mongodb in the documentation; compose --profile mongodb).';
  if (hello === undefined)
    return { check, status: 'warning', found: 'the server does not report its type', hint };
  if (hello['msg'] === 'isdbgrid') return { check, status: 'ok', found: 'a sharded cluster' };
  const name: unknown = hello['setName'];
  const hosts = Array.isArray(hello['hosts']) ? hello['hosts'].length : 0;
  if (typeof name !== 'string')
    return {
      check,
      status: 'failed',
      found: 'a single server: if it fails, acknowledged writes are lost',
      hint,
    };
  return hosts >= 3
    ? { check, status: 'ok', found: `${name}, ${hosts} members` }
    : {
        check,
        status: 'warning',
        found: `${name}, ${hosts} member${hosts === 1 ? '' : 's'}: it cannot lose any of them`,
        hint,
      };
}

async function authentication(ask: (command: Document) => Promise<Document | undefined>): Promise<Diagnosis> {
  const check = 'authentication';
  const answer = await ask({ connectionStatus: 1 });
  const users: unknown = answer?.['authInfo']?.authenticatedUsers;
  return Array.isArray(users) && users.length > 0
    ? { check, status: 'ok', found: 'the hub signs in' }
    : {
        check,
        status: 'warning',
        found: 'the hub does not sign in; everybody who reaches the server can read and change everything',
        hint: 'Use a separate user in MONGODB_URI, and enable authorization on the server.',
      };
}

async function roundTrip(db: Db, clock: Clock): Promise<Diagnosis> {
  const begun = clock.monotonic();
  try {
    await db.command({ ping: 1 });
    const ms = clock.monotonic() - begun;
    const found = `${ms.toFixed(1)} ms per command`;
    return ms > 100
      ? {
          check: 'distance',
          status: 'warning',
          found,
          hint: 'Run the hub close to the server. An envelope takes about ten commands, one after the other.',
        }
      : { check: 'distance', status: 'ok', found };
  } catch (error) {
    return {
      check: 'distance',
      status: 'failed',
      found: reasonOf(error),
      hint: 'Check that the server is running.',
    };
  }
}
