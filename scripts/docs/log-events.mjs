import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_EVENT_TEXTS } from './log-event-texts.mjs';
import { code, table } from './markdown.mjs';

/** Returns the page of log events: every event that the code writes, with its levels and fields. */
export function logEvents(root) {
  const src = join(root, 'src');
  const events = new Map();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .toSorted()) {
    // prettier-ignore
    const text = readFileSync(join(src, file), 'utf8');
    for (const match of text.matchAll(/\blog\??\.(debug|info|warn|error)\(/gi)) {
      const args = argumentsAt(text, match.index + match[0].length);
      const names = [...(args[0] ?? '').matchAll(/'([a-z_]+(?:\.[a-z_]+)*)'/g)].map(([, name]) => name);
      for (const name of names) {
        const event = events.get(name) ?? { levels: new Set(), fields: new Set(), rooms: new Set() };
        events.set(name, event);
        event.levels.add(match[1]);
        event.rooms.add(file.split(/[\\/]/)[0]);
        for (const field of fieldsOf(declared(text, args[1] ?? ''))) event.fields.add(field);
      }
    }
  }
  const unknown = [...events.keys()].filter((name) => !Object.hasOwn(LOG_EVENT_TEXTS, name));
  const unused = Object.keys(LOG_EVENT_TEXTS).filter((name) => !events.has(name));
  if (unknown.length + unused.length > 0)
    throw new Error(
      `log events without a description: ${unknown.join(', ')}; without an event: ${unused.join(', ')}`,
    );
  return [
    '# Log events',
    'The hub writes one JSON line per event to stderr. Each line has the properties `time`, `level` and `event`, and the fields of its event. No line contains a secret. `log.level` in the [settings](settings.md) sets the minimum level. The last column names the room of the code that writes the event.',
    table(
      ['Event', 'Meaning', 'Level', 'Fields', 'Room'],
      [...events]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { levels, fields, rooms }]) => [
          code(name),
          LOG_EVENT_TEXTS[name],
          [...levels].join(', '),
          [...fields].map(code).join(', '),
          [...rooms].join(', '),
        ]),
    ),
  ].join('\n\n');
}

/** Returns the texts of the arguments of a call. `at` is the position after its opening parenthesis. */
function argumentsAt(text, at) {
  const found = [];
  let depth = 0;
  let begin = at;
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === "'" || character === '"' || character === '`') {
      for (i++; i < text.length && text[i] !== character; i++) if (text[i] === '\\') i++;
    } else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && depth-- === 0) {
      found.push(text.slice(begin, i).trim());
      break;
    } else if (character === ',' && depth === 0) {
      found.push(text.slice(begin, i).trim());
      begin = i + 1;
    }
  }
  return found;
}

/** Returns the object literal that a variable was declared with, or the text itself. */
function declared(text, argument) {
  if (!/^\w+$/.test(argument)) return argument;
  const found = new RegExp(`const ${argument} = \\{`).exec(text);
  return found === null ? '' : `{${argumentsAt(text, found.index + found[0].length).join(',')}}`;
}

/** Returns the names of the properties of an object literal. */
function fieldsOf(text) {
  if (!text.startsWith('{')) return [];
  return argumentsAt(text, 1)
    .map((part) => /^([A-Za-z_]\w*)\s*(?::|$)/.exec(part)?.[1])
    .filter((name) => name !== undefined);
}
