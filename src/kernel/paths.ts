import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

/** Root folder of the package, which contains schemas/, presets/ and demo/. The same for the sources and the build. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
