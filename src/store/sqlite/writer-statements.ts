import type { Database } from './connection.ts';

const ENTRY =
  'coll, added, oid, sid, instant, spec, version, owner, creator, level, newest, oldest, old_spec, revoked';

/** The statements of the writer. */
export type WriterStatements = ReturnType<typeof writerStatements>;

/** Prepares the statements of the writer. */
// oxlint-disable-next-line max-lines-per-function -- A list of SQL statements.
export function writerStatements(db: Database) {
  const p = (sql: string): ReturnType<Database['prepare']> => db.prepare(sql);
  return {
    collection: p('SELECT no, last FROM collection WHERE id = ?'),
    addCollection: p('INSERT INTO collection(id) VALUES(?)'),
    setLast: p('UPDATE collection SET last = ? WHERE no = ?'),
    anyTombstone: p('SELECT 1 FROM tombstone WHERE coll = ? LIMIT 1'),
    tombstones: p('SELECT owner, creator FROM tombstone WHERE coll = ? AND sid = ? ORDER BY removed'),
    // Without a named index, the planner would use the primary key and read whole collections.
    byId: p(`SELECT ${ENTRY} FROM entry INDEXED BY entry_id WHERE sid = ?`),
    here: p(`SELECT ${ENTRY} FROM entry INDEXED BY entry_id WHERE sid = ? AND coll = ?`),
    addObject: p('INSERT INTO object(digest, text) VALUES(?, ?)'),
    object: p('SELECT digest, text FROM object WHERE oid = ?'),
    digest: p('SELECT digest FROM object WHERE oid = ?'),
    addEntry: p(
      'INSERT INTO entry(coll, added, oid, sid, instant, spec, version, type, level, owner, creator, newest, oldest, old_spec, revoked, bytes) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
    ),
    setFlags: p('UPDATE entry SET newest = ?, oldest = ?, old_spec = ? WHERE coll = ? AND added = ?'),
    dropEntry: p('DELETE FROM entry WHERE coll = ? AND added = ?'),
    addTombstone: p(
      'INSERT INTO tombstone(coll, removed, sid, version, spec, owner, creator, level) VALUES(?,?,?,?,?,?,?,?)',
    ),
    dropObject: p('DELETE FROM object WHERE oid = ?'),
    addHeld: p(
      'INSERT OR REPLACE INTO held(id, submitter, at, document, owner, object, bytes, text) VALUES(?,?,?,?,?,?,?,?)',
    ),
    dropHeld: p('DELETE FROM held WHERE id = ?'),
    addWait: p('INSERT OR IGNORE INTO held_wait(marking, id) VALUES(?,?)'),
    // Several processes never share the file, but a note can arrive twice or late. The later request wins.
    addReader: p(
      `INSERT INTO reader(account, collection, kind, filters, seen, cursor, requests, objects, agent) VALUES(?,?,?,?,?,?,?,?,?)
       ON CONFLICT DO UPDATE SET cursor = iif(excluded.seen >= seen, excluded.cursor, cursor),
         agent = iif(excluded.seen >= seen, excluded.agent, agent), seen = max(seen, excluded.seen),
         requests = requests + excluded.requests, objects = objects + excluded.objects`,
    ),
    addKeyUse: p(
      `INSERT INTO key_use(account, key, seen, address, agent, requests) VALUES(?,?,?,?,?,?)
       ON CONFLICT DO UPDATE SET address = iif(excluded.seen >= seen, excluded.address, address),
         agent = iif(excluded.seen >= seen, excluded.agent, agent), seen = max(seen, excluded.seen),
         requests = requests + excluded.requests`,
    ),
    dropKeyUses: p(
      `DELETE FROM key_use WHERE (account, key) IN (SELECT account, key FROM (
         SELECT account, key, row_number() OVER (PARTITION BY account ORDER BY seen DESC, key) AS n FROM key_use)
         WHERE n > ?)`,
    ),
    addRefusal: p(
      `INSERT INTO refusal(account, place, code, reason, first, last, times, agent) VALUES(?,?,?,?,?,?,?,?)
       ON CONFLICT DO UPDATE SET reason = iif(excluded.last >= last, excluded.reason, reason),
         agent = iif(excluded.last >= last, excluded.agent, agent), first = min(first, excluded.first),
         last = max(last, excluded.last), times = times + excluded.times`,
    ),
    dropRefusals: p('DELETE FROM refusal WHERE last < ?'),
    addEnvelope: p(
      'INSERT OR IGNORE INTO envelope(id, account, member, collection, at, pending, body) VALUES(?,?,?,?,?,?,?)',
    ),
    addNames: p('INSERT OR IGNORE INTO name(line) SELECT value FROM json_each(?)'),
    dropNames: p('DELETE FROM name WHERE line IN (SELECT value FROM json_each(?))'),
    addListing: p('INSERT OR IGNORE INTO listing(feed, unit, object) VALUES(?,?,?)'),
    dropListing: p('DELETE FROM listing WHERE feed = ? AND unit = ? AND object = ?'),
    addFound: p('INSERT OR IGNORE INTO found(value, feed, at) VALUES(?,?,?)'),
    dropEnvelope: p('DELETE FROM envelope WHERE id = ?'),
    dropWait: p('DELETE FROM held_wait WHERE id = ?'),
    record: p('SELECT revision, document FROM record WHERE kind = ? AND id = ?'),
    putRecord: p(
      'INSERT OR REPLACE INTO record(kind, id, revision, document, keys, removed) VALUES(?,?,?,?,?,?)',
    ),
    countRecord: p(
      `INSERT INTO record_count(kind, records, bytes) VALUES(?,?,?) ON CONFLICT DO
         UPDATE SET records = records + excluded.records, bytes = bytes + excluded.bytes`,
    ),
    dropKeys: p('DELETE FROM record_key WHERE kind = ? AND name = ? AND value = ? AND id = ?'),
    addKey: p('INSERT OR IGNORE INTO record_key(kind, name, value, id) VALUES(?,?,?,?)'),
    forget: p(
      `DELETE FROM record WHERE (kind, id) IN (SELECT kind, id FROM record INDEXED BY record_removed
         WHERE removed < ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY removed LIMIT ?)`,
    ),
    recordKeys: p('SELECT keys FROM record WHERE kind = ? AND id = ?'),
  };
}
