import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { storeErrors } from '../errors.ts';

/**
 * Numbered migrations of the embedded store. Each one runs once, in its own transaction, and is never edited after a
 * release. `PRAGMA user_version` contains the number of the last one.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- Exact texts. A text is stored once, however many collections it stands in: one text has one STIX id, so the
  -- entries of that id lead to it, and the digest needs no index of its own (which would cost half of an insert).
  CREATE TABLE object(
    oid INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,            -- SHA-256 of the text
    text TEXT NOT NULL
  );

  -- Collections have short numbers inside. "last" is the highest date added ever given there.
  CREATE TABLE collection(
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    last INTEGER NOT NULL DEFAULT 0
  );

  -- A version's place in a collection, in the order of its date added.
  CREATE TABLE entry(
    coll INTEGER NOT NULL,
    added INTEGER NOT NULL,          -- microseconds since 1970: the TAXII date added
    oid INTEGER NOT NULL,
    sid TEXT NOT NULL,               -- STIX id
    instant TEXT NOT NULL,           -- version as text that sorts by time
    spec TEXT NOT NULL,
    version TEXT NOT NULL,           -- version as the object spells it
    type TEXT NOT NULL,
    level INTEGER NOT NULL,          -- rank of its effective TLP here
    owner TEXT NOT NULL,
    newest INTEGER NOT NULL,         -- derived flags, recomputed from what stands
    oldest INTEGER NOT NULL,
    old_spec INTEGER NOT NULL,
    PRIMARY KEY(coll, added)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX entry_id ON entry(sid, coll, instant, spec);
  CREATE INDEX entry_newest ON entry(coll, added) WHERE newest = 1 AND old_spec = 0;
  CREATE INDEX entry_type ON entry(coll, type, added) WHERE newest = 1 AND old_spec = 0;

  -- Places given up.
  CREATE TABLE tombstone(
    coll INTEGER NOT NULL,
    removed INTEGER NOT NULL,        -- from the same sequence as entry.added
    sid TEXT NOT NULL,
    version TEXT NOT NULL,
    spec TEXT NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY(coll, removed)
  ) WITHOUT ROWID;
  CREATE INDEX tombstone_id ON tombstone(coll, sid);

  -- Objects that wait for a person or a definition.
  CREATE TABLE held(
    id TEXT PRIMARY KEY,
    submitter TEXT NOT NULL,
    at INTEGER NOT NULL,
    document TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX held_submitter ON held(submitter, at);
  CREATE TABLE held_wait(marking TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(marking, id)) WITHOUT ROWID;

  -- What became of envelopes, for their submitters.
  CREATE TABLE receipt(id TEXT PRIMARY KEY, account TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX receipt_at ON receipt(at);

  -- Hub records. A removed one keeps its row without a document, so that its revision never starts again.
  CREATE TABLE record(
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT,
    keys TEXT NOT NULL,
    PRIMARY KEY(kind, id)
  ) WITHOUT ROWID;
  CREATE TABLE record_key(
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY(kind, name, value, id)
  ) WITHOUT ROWID;
  `,
  `
  -- Envelopes that were accepted and wait for their outcome.
  CREATE TABLE envelope(
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    collection TEXT NOT NULL,
    at INTEGER NOT NULL,
    pending TEXT NOT NULL,           -- what its submitter is told meanwhile
    body BLOB NOT NULL
  );
  CREATE INDEX envelope_at ON envelope(at);

  -- Reads by type, of newest versions and of all: the same index serves both.
  DROP INDEX entry_type;
  CREATE INDEX entry_type ON entry(coll, type, added);
  `,
  `
  -- Objects of STIX 2.0, which are few.
  CREATE INDEX entry_old ON entry(coll, added) WHERE spec = '2.0';

  -- How far readers have come, and what was refused to whom.
  CREATE TABLE reader(
    account TEXT NOT NULL,
    collection TEXT NOT NULL,
    kind TEXT NOT NULL,
    filters TEXT NOT NULL,
    seen INTEGER NOT NULL,           -- milliseconds since 1970: its last request
    cursor INTEGER NOT NULL,         -- date added of the last that it was given
    requests INTEGER NOT NULL,
    objects INTEGER NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY(account, collection, kind, filters)
  ) WITHOUT ROWID;
  CREATE TABLE refusal(
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    times INTEGER NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY(account, place, code)
  ) WITHOUT ROWID;
  CREATE INDEX refusal_last ON refusal(last);

  -- The audit: a chain of hashes that nobody changes.
  CREATE TABLE audit(seq INTEGER PRIMARY KEY, fact TEXT NOT NULL, hash TEXT NOT NULL);
  CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
  CREATE TRIGGER audit_stands BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
  `,
  `
  -- Values that entries are found by: kind, value, collection and date added in one text that sorts.
  CREATE TABLE name(line TEXT PRIMARY KEY) WITHOUT ROWID;
  `,
  `
  -- The level of a removed object. NULL for objects that were removed before levels were recorded.
  ALTER TABLE tombstone ADD COLUMN level INTEGER;
  CREATE INDEX tombstone_level ON tombstone(coll, level, removed);
  `,
  `
  -- The identity that an object names as its creator, if it is not an identity of its owner.
  ALTER TABLE entry ADD COLUMN creator TEXT;
  ALTER TABLE tombstone ADD COLUMN creator TEXT;
  `,
  `
  -- Held objects are listed and counted without their texts, which are in the last column.
  ALTER TABLE held ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  ALTER TABLE held ADD COLUMN object TEXT NOT NULL DEFAULT '';
  ALTER TABLE held ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE held ADD COLUMN text TEXT NOT NULL DEFAULT '';
  UPDATE held SET owner = json_extract(document, '$.owner'), object = json_extract(document, '$.objectId'),
    bytes = length(CAST(json_extract(document, '$.text') AS BLOB)), text = json_extract(document, '$.text'),
    document = json_remove(document, '$.text');
  CREATE INDEX held_at ON held(at, id);
  CREATE INDEX held_owner ON held(owner, bytes);
  CREATE INDEX held_object ON held(object, at);
  `,
  `
  -- Audit entries by actor and by member. Existing entries are added later, in slices: those with numbers above
  -- "upto", up to "until", are missing.
  CREATE TABLE audit_by(key TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;
  CREATE TABLE audit_unindexed(upto INTEGER NOT NULL, until INTEGER NOT NULL);
  INSERT INTO audit_unindexed SELECT 0, max(seq) FROM audit HAVING count(*) > 0;
  `,
  `
  -- Receipts and pending envelopes are counted by account.
  ALTER TABLE receipt ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  DROP INDEX receipt_at;
  CREATE INDEX receipt_at ON receipt(at, bytes);
  CREATE INDEX receipt_account ON receipt(account, at, bytes);
  CREATE INDEX envelope_account ON envelope(account);
  `,
  `
  -- The oldest entries of the audit may be removed. The number and hash of the last removed one stay and only rise.
  CREATE TABLE audit_start(only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
  CREATE TRIGGER audit_start_rises BEFORE UPDATE ON audit_start WHEN NEW.seq <= OLD.seq
    BEGIN SELECT RAISE(ABORT, 'the audit never begins earlier'); END;
  CREATE TRIGGER audit_start_stands BEFORE DELETE ON audit_start
    BEGIN SELECT RAISE(ABORT, 'the audit never begins earlier'); END;
  DROP TRIGGER audit_stands;
  CREATE TRIGGER audit_stands BEFORE DELETE ON audit
    WHEN OLD.seq > coalesce((SELECT seq FROM audit_start), 0)
    BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
  `,
  `
  -- When a record was removed, in milliseconds since 1970. Records that were removed earlier count from now.
  ALTER TABLE record ADD COLUMN removed INTEGER;
  UPDATE record SET removed = unixepoch() * 1000 WHERE document IS NULL;
  CREATE INDEX record_removed ON record(removed) WHERE removed IS NOT NULL;
  `,
  `
  -- The version revokes its object. NULL for entries that were stored earlier: then the text says it.
  ALTER TABLE entry ADD COLUMN revoked INTEGER;
  `,
  `
  -- The last use of each key. Earlier versions stored it as a reading position, and the address in front of the agent.
  CREATE TABLE key_use(
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    seen INTEGER NOT NULL,           -- milliseconds since 1970
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY(account, key)
  ) WITHOUT ROWID;
  INSERT OR IGNORE INTO key_use
    SELECT account, filters, seen, substr(agent, 1, instr(agent || ' ', ' ') - 1),
      substr(agent, instr(agent || ' ', ' ') + 1), requests
    FROM reader WHERE kind = 'key';
  DELETE FROM reader WHERE kind = 'key';

  -- Objects that a feed lists: as a whole (unit '') or in one of its units. Earlier versions stored both as names.
  CREATE TABLE listing(
    feed TEXT NOT NULL,
    unit TEXT NOT NULL,
    object TEXT NOT NULL,            -- STIX id
    PRIMARY KEY(feed, unit, object)
  ) WITHOUT ROWID;
  CREATE INDEX listing_object ON listing(feed, object) WHERE unit <> '';
  WITH old(feed, rest) AS (
    SELECT substr(line, 6, instr(line, char(10)) - 6), substr(line, instr(line, char(10)) + 1)
    FROM name WHERE line > 'feed/' AND line < 'feed0')
  INSERT OR IGNORE INTO listing SELECT feed, '', substr(rest, 1, instr(rest, char(10)) - 1) FROM old;
  WITH old(feed, rest) AS (
    SELECT substr(line, 9, instr(line, char(10)) - 9), substr(line, instr(line, char(10)) + 1)
    FROM name WHERE line > 'unit-of/' AND line < 'unit-of0'),
  one(feed, value) AS (SELECT feed, substr(rest, 1, instr(rest, char(10)) - 1) FROM old)
  INSERT OR IGNORE INTO listing
    SELECT feed, substr(value, instr(value, ' ') + 1), substr(value, 1, instr(value, ' ') - 1) FROM one;

  -- The first feed that named a value, and when.
  CREATE TABLE found(
    value TEXT NOT NULL,
    feed TEXT NOT NULL,
    at INTEGER NOT NULL,             -- microseconds since 1970
    PRIMARY KEY(value, feed)
  ) WITHOUT ROWID;
  -- A line ends with the feed and 16 digits. The value in front of them can be a rule of several lines.
  WITH old(rest, at) AS (
    SELECT substr(line, 7, length(line) - 23), CAST(substr(line, -16) AS INTEGER)
    FROM name WHERE line > 'found' || char(10) AND line < 'found' || char(11)),
  one(rest, at, head) AS (SELECT rest, at, length(rtrim(rest, replace(rest, char(10), ''))) FROM old)
  INSERT INTO found
    SELECT substr(rest, 1, head - 1), substr(rest, head + 1), min(at) FROM one GROUP BY 1, 2;

  DELETE FROM name WHERE line > 'feed/' AND line < 'feed0';
  DELETE FROM name WHERE line > 'unit-of/' AND line < 'unit-of0';
  DELETE FROM name WHERE line > 'unit/' AND line < 'unit0';
  DELETE FROM name WHERE line > 'found' || char(10) AND line < 'found' || char(11);
  `,
  `
  -- The number of records of each kind, so that counting does not read them.
  CREATE TABLE record_count(kind TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO record_count SELECT kind, count(*) FROM record WHERE document IS NOT NULL GROUP BY kind;

  -- The member that an envelope was submitted for. NULL for envelopes of earlier versions and of the hub's accounts. It
  -- is read from the index, because in the row it stands behind the body.
  ALTER TABLE envelope ADD COLUMN member TEXT;
  DROP INDEX envelope_account;
  CREATE INDEX envelope_account ON envelope(account, id, member);
  `,
  `
  -- The size of the records of each kind, so that measuring it does not read them.
  ALTER TABLE record_count ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE record_count SET bytes =
    (SELECT coalesce(sum(octet_length(document)), 0) FROM record WHERE record.kind = record_count.kind);
  `,
  `
  -- The size of each text, so that a page is cut at its maximum without a look at the texts. The most common reads find
  -- sizes and texts through an index alone, without the rows of their entries.
  DROP INDEX entry_newest;
  DROP INDEX entry_type;
  ALTER TABLE entry ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE entry SET bytes = coalesce((SELECT octet_length(text) FROM object WHERE object.oid = entry.oid), 0);
  CREATE INDEX entry_newest ON entry(coll, added, oid, bytes) WHERE newest = 1 AND old_spec = 0;
  CREATE INDEX entry_type ON entry(coll, type, added, newest, oldest, old_spec, oid, bytes);
  `,
];

/** The schema number that this program writes. */
const SCHEMA = MIGRATIONS.length;

function numberOf(db: DatabaseSyncInstance): number {
  return Number((db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version);
}

/** True if the file has the schema that this program writes. */
export function isNewest(db: DatabaseSyncInstance): boolean {
  return numberOf(db) === SCHEMA;
}

/**
 * Migrates the file to the current schema. Before the first migration of a file that already contains data, it calls
 * `backup` with the old number. Throws if a newer program wrote the file.
 */
export function migrate(db: DatabaseSyncInstance, backup: (from: number) => void): void {
  const from = numberOf(db);
  if (from > SCHEMA) {
    throw storeErrors.newerSchema({ found: from, known: SCHEMA });
  }
  if (from > 0 && from < SCHEMA) backup(from);
  // A new file gets everything in one commit, because each commit waits for the disk. A file with data continues where it
  // was interrupted.
  for (let number = from; number < SCHEMA;) {
    const next = from === 0 ? SCHEMA : number + 1;
    db.exec('BEGIN IMMEDIATE');
    try {
      for (const step of MIGRATIONS.slice(number, next)) db.exec(step);
      db.exec(`PRAGMA user_version = ${next}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
    number = next;
  }
}
