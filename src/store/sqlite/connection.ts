import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

export type Database = DatabaseSyncInstance;
export type Statement = ReturnType<Database['prepare']>;

/** Returns the rows of a statement. This is the only place where a result of SQLite gets its type. */
export function rowsOf<Row>(statement: Statement, ...values: readonly (string | number | null)[]): Row[] {
  return statement.all(...values) as Row[];
}

/** Opens the file with the settings that durability depends on. */
export function openDatabase(file: string, readOnly: boolean): Database {
  const db = new DatabaseSync(file, { readOnly });
  db.exec(
    'PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY',
  );
  if (readOnly) {
    // Pages are read from the system's cache instead of being copied again. Only those of the log are copied.
    db.exec('PRAGMA mmap_size = 1073741824');
  } else {
    // Deleted data is overwritten with zeros.
    db.exec('PRAGMA secure_delete = ON');
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON',
    );
    // Frequently changed pages are written back once for many commits. Checkpoints run in the writer thread.
    // A cache of twice the size does not make writes faster, because the system keeps the pages of the file as well.
    db.exec('PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -32768');
  }
  return db;
}
