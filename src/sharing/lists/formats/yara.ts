import { text } from '../../../stix/types.ts';
import { isoTime } from './format.ts';
import type { ObjectFormat } from './object-format.ts';
import { readYara } from './yara-text.ts';

/** YARA rules of indicators, in one file. Rules of the same name get a number. */
export const yara: ObjectFormat = {
  name: 'yara',
  tools: 'YARA',
  media: 'text/plain',
  acts: 'detect',
  carries: ['pattern'],
  usual: ['pattern'],
  patterns: 'yara',
  head: ({ name, lines, changed }) =>
    `// Talanoa list ${name}, ${lines} indicators, changed ${isoTime(changed)}\n`,
  writer: () => {
    const taken = new Set<string>();
    // Many rules can have the same name, so each search begins where the last one ended.
    const next = new Map<string, number>();
    const free = (name: string): string => {
      let found = name;
      let n = next.get(name) ?? 2;
      while (taken.has(found)) found = `${name}_${n++}`;
      next.set(name, n);
      taken.add(found);
      return found;
    };
    return {
      take: ({ object }) => {
        const file = readYara((text(object, 'pattern') ?? '').replaceAll('\r\n', '\n'));
        if (file === undefined) return undefined;
        const names = new Map(file.names.map((name) => [name, free(name)]));
        // The id of an indicator has no line end.
        return `\n// ${text(object, 'id') ?? ''}\n${file.renamed(names).trim()}\n`;
      },
      end: () => '',
    };
  },
};
