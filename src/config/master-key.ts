import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileReasonOf } from '../kernel/problem.ts';
import type { Config } from './config.ts';
import { settingsErrors } from './errors.ts';

/**
 * Returns the master key. Creates its file with mode 0600 when it does not exist. This module uses the key only to
 * compute tags of secrets.
 */
export function masterKey(config: Config): Buffer {
  const file = config.masterKeyFile;
  if (!existsSync(file)) {
    const before = join(config.data, 'master.key');
    // Earlier versions ignored the setting when the data folder came from a flag or the environment.
    if (existsSync(before)) throw settingsErrors.masterKeyNotFound({ file, before });
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const key = Buffer.from(textOf(file).trim(), 'base64url');
  if (key.length < 32) throw settingsErrors.masterKeyInvalid({ file });
  return key;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw settingsErrors.masterKeyUnreadable({ file }, { description: fileReasonOf(error), cause: error });
  }
}
