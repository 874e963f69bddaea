// Compiles the JSON schemas to functions, at build time, so that a running hub needs no compiler, no memory for it and
// no time for compilations. `kernel/validate.ts` loads the files, each of them when the first of its functions is needed.
import { buildSync } from 'esbuild';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { _, strConcat } from 'ajv/dist/compile/codegen/index.js';
import names from 'ajv/dist/compile/names.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { MOST_SCHEMA_FAULTS } from '../dist/kernel/schema-faults.js';
import { checkFileOf, schemaFiles } from '../dist/kernel/schema-files.js';
import { STIX_WORDS } from '../dist/stix/formats.js';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'schemas');
const schemas = new Map(
  schemaFiles(folder).map((path) => [
    relative(folder, path).split(sep).join('/'),
    JSON.parse(readFileSync(path, 'utf8')),
  ]),
);

/** Ajv calls this to match texts, and prints its name. `kernel/validate.ts` gives it to the functions. */
const boundedExpression = Object.assign((source, flags) => new RegExp(source, flags), {
  code: 'boundedExpression',
});

/**
 * Returns Ajv with every schema, registered by its path. It is strict, without `$data` and without remote references, so a
 * schema never depends on input or the network. `explains` is false for checks that stop at the first fault.
 */
function compiler(explains) {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: explains,
    verbose: true,
    $data: false,
    allowUnionTypes: true,
    // A test checks the schemas.
    validateSchema: false,
    code: { source: true, regExp: boundedExpression, formats: _`formats`, optimize: !explains },
  });
  ajv.addKeyword({ keyword: 'x-rule', schemaType: 'string' });
  ajv.addKeyword({ keyword: 'x-rules', schemaType: 'object' });
  for (const format of Object.keys(STIX_WORDS.formats))
    ajv.addFormat(format, { type: 'string', validate: () => true });
  for (const keyword of Object.keys(STIX_WORDS.notes))
    ajv.addKeyword({
      keyword,
      code({ gen, schemaCode, data, it }) {
        gen.code(
          _`note(${keyword}, ${schemaCode}, ${data}, ${strConcat(names.default.instancePath, it.errorPath)})`,
        );
      },
    });
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  return ajv;
}

/**
 * When all errors are requested, Ajv checks every item of a list and copies the errors of each item into a new list. That
 * work grows with the square of the number of faults. Each loop therefore ends once enough errors are known.
 */
function endLoopsEarly(code) {
  return code.replaceAll(
    /\bfor\s*\((?:let|const|var) [^(){}]*\)\s*\{/g,
    (loop) => `${loop}if(errors>${MOST_SCHEMA_FAULTS})break;`,
  );
}

/** Parts of schemas that are checked on their own. The others are checked only within a whole file. */
const PARTS =
  /^(?:taxii|api\/resources)\.json#|^stix\/(?:[\w-]+\.json#\/\$defs\/own|common\.json#\/\$defs\/core(?:-\w|$))/;

/** Schemas of responses. */
const PARTS_OF_RESPONSES = /^(?:taxii|api\/resources)\.json/;

/** Returns the names of everything that is checked, by the file of its function. */
function namesByFile(explains) {
  const files = new Map();
  for (const [file, { $defs = {}, ...rest }] of schemas) {
    const parts = Object.keys($defs).map((part) => `${file}#/$defs/${part}`);
    const isWhole = Object.keys(rest).some((keyword) => !/^(?:\$|title|description)/.test(keyword));
    for (const name of [...(isWhole ? [file] : []), ...parts.filter((part) => PARTS.test(part))]) {
      // Responses are checked only by tests, which need one fault.
      if (explains && PARTS_OF_RESPONSES.test(name)) continue;
      const to = checkFileOf(name, explains);
      files.set(to, [...(files.get(to) ?? []), name]);
    }
  }
  return files;
}

/**
 * V8 compiles a function in parentheses at once. Otherwise it would parse the text twice: when it loads the file, and when
 * the function is called.
 */
function parsedOnce(code) {
  const start = code.indexOf('module.exports=function');
  if (start < 0) throw new Error('the function of the checks was not found');
  return (
    code.slice(0, start) +
    code
      .slice(start)
      .replace('module.exports=', 'module.exports=(')
      .replace(/;?\s*$/, ');\n')
  );
}

/** Writes the files to `outdir`. Returns the paths of the files of packages that they contain. */
export function writeChecks(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const inputs = new Set();
  for (const explains of [false, true]) {
    const ajv = compiler(explains);
    for (const [file, list] of namesByFile(explains)) {
      const code = standaloneCode.default(ajv, Object.fromEntries(list.map((name) => [name, name])));
      const { metafile, outputFiles } = buildSync({
        stdin: {
          contents: `module.exports = function (formats, note, boundedExpression) { const exports = {};\n${explains ? endLoopsEarly(code) : code}\nreturn exports; };`,
          resolveDir: root,
        },
        outfile: join(outdir, file),
        bundle: true,
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        minify: true,
        lineLimit: 120,
        legalComments: 'none',
        logLevel: 'warning',
        metafile: true,
        write: false,
      });
      writeFileSync(join(outdir, file), parsedOnce(outputFiles[0].text));
      for (const input of Object.keys(metafile.inputs)) if (input !== '<stdin>') inputs.add(input);
    }
  }
  return [...inputs];
}
