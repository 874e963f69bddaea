// Compiles TypeScript for the tests. The transformer of swc puts the whole configuration of a project into the key of
// its cache, so that each room of a coverage run would compile all files again. The result only depends on what is here.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import swc from '@swc/jest';

const { version } = createRequire(import.meta.url)('@swc/core/package.json');

export default {
  createTransformer(options) {
    const settings = JSON.stringify([version, options]);
    return {
      ...swc.createTransformer(options),
      getCacheKey: (source, filename, { supportsStaticESM }) =>
        createHash('sha256')
          .update(JSON.stringify([settings, filename, supportsStaticESM, source]))
          .digest('hex'),
    };
  },
};
