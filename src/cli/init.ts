import { loadConfig } from '../config/load.ts';
import { createLog } from '../kernel/log.ts';
import { compose } from '../server/compose.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, type Io } from './io.ts';
import { writeResult } from './output.ts';

/** `talanoa init`: creates the hub of a data folder without starting it, so that it can be prepared by commands. */
export async function init(flags: CommonFlags, io: Io): Promise<number> {
  const config = loadConfig(
    {
      ...(flags.config === undefined ? {} : { config: flags.config }),
      ...(flags.data === undefined ? {} : { data: flags.data }),
    },
    io.environment,
  );
  const hub = await compose(config, createLog('error', io.stderr), { isOffline: true, isNew: true });
  try {
    await hub.startOffline();
  } finally {
    await hub.stop();
  }
  const { data } = config;
  writeResult(
    { data, settings: config.file ?? null },
    () =>
      `Created a hub in ${data}${config.file === undefined ? '' : ` with the settings of ${config.file}`}. To run it: talanoa serve`,
    flags,
    io,
  );
  return EXIT.done;
}
