import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

export type Database = DatabaseSyncInstance;
export type Statement = ReturnType<Database['prepare']>;

/** The rows of a statement, as what its columns make them: the one place where a result of SQLite gets its type. */
export function rowsOf<Row>(statement: Statement, ...values: readonly (string | number | null)[]): Row[] {
  return statement.all(...values) as Row[];
}

/** Opens the file with the settings that durability rests on (security.md R-121). */
export function openDatabase(file: string, readOnly: boolean): Database {
  const db = new DatabaseSync(file, { readOnly });
  db.exec(
    'PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY',
  );
  if (readOnly) {
    // Pages are read where the system already has them, instead of being copied once more.
    db.exec('PRAGMA mmap_size = 1073741824');
  } else {
    // Deleted data is overwritten with zeros.
    db.exec('PRAGMA secure_delete = ON');
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON',
    );
    // Pages that change often are written back once for many commits; a checkpoint runs in the writer thread.
    db.exec('PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -65536');
  }
  return db;
}
