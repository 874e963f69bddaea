/** The stroke of a symbol, in the colour of the text. */
const LINE =
  'fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"';
/** The stroke of a mark that is cut out of a filled symbol. */
const CUT = 'stroke="var(--paper)" stroke-width="1.8" fill="none"';

/** The symbols, drawn in a square of 16. A page contains only those that it uses. */
const SYMBOLS = {
  ok: `<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.7 8.2l2.3 2.3 4.3-4.7" ${CUT}/>`,
  warn: `<path d="M8 1l7.3 13.5H.7z" fill="currentColor"/><path d="M8 6v4M8 11.6v1" ${CUT}/>`,
  bad: `<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/><path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" ${CUT}/>`,
  info: `<circle cx="8" cy="8" r="6.6" ${LINE}/><path d="M8 7.4v4M8 4.4v.4" ${LINE}/>`,
  wait: `<circle cx="8" cy="8" r="6.6" ${LINE}/><path d="M8 4v4.3l2.8 1.6" ${LINE}/>`,
  off: `<circle cx="8" cy="8" r="6.6" ${LINE}/><path d="M6.2 5.6v4.8M9.8 5.6v4.8" ${LINE}/>`,
  none: `<circle cx="8" cy="8" r="6.6" ${LINE} stroke-dasharray="2 2.6"/>`,
  half: `<circle cx="8" cy="8" r="6.6" ${LINE}/><path d="M8 1.4a6.6 6.6 0 0 1 0 13.2z" fill="currentColor"/>`,
  search: `<circle cx="7" cy="7" r="4.6" ${LINE}/><path d="M10.5 10.5L14.5 14.5" ${LINE}/>`,
  menu: `<path d="M1.5 3.5h13M1.5 8h13M1.5 12.5h13" ${LINE}/>`,
  next: `<path d="M6 3l5 5-5 5" ${LINE}/>`,
  prev: `<path d="M10 3L5 8l5 5" ${LINE}/>`,
  person: `<circle cx="8" cy="5" r="2.8" ${LINE}/><path d="M2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5" ${LINE}/>`,
  atoll:
    '<g transform="scale(.3333)" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round"><path d="M24 6A18 18 0 0 1 41.5 20"/><path d="M41.9 29.5v.01"/><path d="M36.5 37A18 18 0 0 1 27 41.7"/><path d="M18.5 41.1v.01"/><path d="M11 36.5A18 18 0 0 1 6.2 21"/><circle cx="12.5" cy="10.9" r="4.8" fill="var(--magenta)" stroke="none"/></g>',
  edit: `<path d="M2.5 13.5l.7-3L11 2.7l2.3 2.3-7.8 7.8z" ${LINE}/>`,
  undo: `<path d="M5.5 3L2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6" ${LINE}/>`,
  down: `<path d="M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.8h11" ${LINE}/>`,
} as const;

/** The name of a symbol. */
export type SymbolName = keyof typeof SYMBOLS;

/** The strokes of the word mark. */
export const WORD_MARK =
  '<path d="M10 8v25c0 5 3 7 8 6M3 19c5-2 9-2 14 0"/><circle cx="36" cy="29" r="10.5"/><path d="M46.5 18.5v21M59 6v33.5"/><circle cx="82" cy="29" r="10.5"/><path d="M92.5 18.5v21M106 39.5v-21M106 28c1-6 5-9.5 10-9.5 6 0 9 4 9 9.5v11.5M149 18.5A10.5 10.5 0 0 1 159.3 27M159 32.5v.01M155.5 37.2a10.5 10.5 0 0 1-6 2.3M143.8 38.1v.01M140 34.5a10.5 10.5 0 0 1-1-8.5"/><circle cx="142.3" cy="20.8" r="3.1" fill="var(--magenta)" stroke="none"/><circle cx="180" cy="29" r="10.5"/><path d="M190.5 18.5v21"/>';

/** Returns the definitions of the symbols that a document uses, or nothing. */
export function symbolsIn(html: string): string {
  const used = new Set([...html.matchAll(/<use href="#([a-z]+)"/g)].map(([, name = '']) => name));
  const drawn = Object.entries(SYMBOLS)
    .filter(([name]) => used.has(name))
    .map(([name, shape]) => `<symbol id="${name}" viewBox="0 0 16 16">${shape}</symbol>`);
  return drawn.length === 0 ? '' : `<svg class="sym" aria-hidden="true">${drawn.join('')}</svg>`;
}
