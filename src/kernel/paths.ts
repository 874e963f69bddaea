import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

/** The package's own folder: where schemas/, presets/ and demo/ lie, from the sources as from the build. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
