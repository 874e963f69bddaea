import { existsSync, readFileSync } from 'node:fs';
import { LineCounter, isMap, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { fileReasonOf, reasonOf } from '../kernel/problem.ts';
import { thoroughCheck } from '../kernel/validate.ts';
import type { Fault } from '../kernel/schema-faults.ts';
import { settingsErrors } from './errors.ts';
import type { Settings } from './settings.ts';

/** Returns the path of the settings file: the named one, or `talanoa.yaml` when it exists. */
export function settingsFile(named: string | undefined): string | undefined {
  if (named !== undefined) {
    if (!existsSync(named)) throw settingsErrors.fileNotFound({ file: named });
    return named;
  }
  return existsSync('talanoa.yaml') ? 'talanoa.yaml' : undefined;
}

/** Reads and validates the file. Every error is reported with its line. */
export function readSettings(file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(textOf(file), { lineCounter: lines, prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw settingsErrors.notYaml({ file, reason: broken.message });
  const value = plainOf(document, file);
  const faults = thoroughCheck('config.json')(value);
  const [first, ...others] = faults.map((fault) =>
    placed(fault, file, lineOf(document, fault.pointer, lines)),
  );
  if (first === undefined) return value as Settings;
  throw settingsErrors.settingInvalid(
    first,
    others.length === 0
      ? {}
      : {
          description: [
            ...others.map(({ place, key, reason }) => `${place}: ${key}: ${reason}`),
            ...(faults.isCut === true ? ['There may be more.'] : []),
            'Nothing of the file was applied.',
          ].join('\n'),
        },
  );
}

/** Returns a fault in the terms of the file: its line, and the key with dots. */
function placed(
  { pointer, message }: Fault,
  file: string,
  line: number | undefined,
): { readonly place: string; readonly key: string; readonly reason: string } {
  return {
    place: line === undefined ? file : `${file}:${line}`,
    key: pointer === '' ? 'the file' : pointer.slice(1).replaceAll('/', '.'),
    reason: message,
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw settingsErrors.fileUnreadable({ file }, { description: fileReasonOf(error), cause: error });
  }
}

/** Returns the values of a document. An alias without its anchor, or too many aliases, are detected only here. */
function plainOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch (error) {
    throw settingsErrors.notYaml({ file, reason: reasonOf(error) });
  }
}

/** Returns the line of the node that a JSON pointer refers to, or of its nearest ancestor that exists. */
function lineOf(document: Document.Parsed, pointer: string, lines: LineCounter): number | undefined {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0];
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === key);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as Node | undefined;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

/** Returns the line of the value that a JSON pointer refers to, in a JSON text. */
export function linesOfJson(text: string): (pointer: string) => number | undefined {
  const lines = new LineCounter();
  // YAML contains JSON, and its parser keeps the positions.
  const document = parseDocument(text, { lineCounter: lines });
  return (pointer) => lineOf(document, pointer, lines);
}
