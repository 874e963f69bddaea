/** Changes on narrow screens, on touch screens, with more contrast, with forced colours and on paper. */
export const MEDIA_CSS = `@media (min-width: 64rem) {
  .even { grid-template-columns: repeat(2, minmax(0, 1fr)); } .two { grid-template-columns: minmax(0, 1.85fr) minmax(0, 1fr); } .two.thin { grid-template-columns: minmax(0, 1fr) 13.5rem; } .even { grid-template-columns: repeat(2, minmax(0, 1fr)); } .stick { position: sticky; top: var(--s4); }
}
@media (min-width: 56.01rem) { .two > :first-child .st, main > .block .st, live-part > .block .st, td .btn { white-space: nowrap; } .only-phone { display: none !important; } }
@media (pointer: coarse), screen and (max-width: 56rem) {
  :root { --hit: 2.75rem; }
  .opt, .btn, .btn.s, .side a, .chips a, .facet a, summary, input:not([type=checkbox], [type=radio], [type=range]), select { min-height: var(--hit); }
  .tick { min-width: var(--hit); min-height: var(--hit); }
  .foot a, .soundings a, :is(.crumb, .who, .acts, .block > header, .block > footer, .block > header > p, .alone) > a, th > a:first-child { display: inline-flex; align-items: center; min-height: var(--hit); }
}
/* phone and small tablet */
@media screen and (max-width: 56rem) {
  .frame { grid-template-columns: minmax(0, 1fr); }
  .side { display: none; }
  .menu { display: block; background: var(--paper); border-bottom: 1px solid var(--line); }
  .menu summary { list-style: none; padding: .4rem var(--s4); font-weight: 600; font-size: .9375rem; color: var(--ink); display: flex; align-items: center; gap: .6rem; min-height: var(--hit); }
  .menu summary::-webkit-details-marker { display: none; }
  .menu ul { columns: 2; padding: 0 var(--s4) var(--s3); }
  .menu li { break-inside: avoid; }
  .menu a { display: flex; align-items: center; min-height: var(--hit); color: var(--ink); }
  .menu a[aria-current] { font-weight: 650; color: var(--magenta); }
  .top { flex-wrap: wrap; padding: var(--s2) var(--s4); gap: var(--s2) var(--s3); }
  .brand { flex: 1; } .find { order: 3; flex-basis: 100%; max-width: none; }
  .wide-only { display: none; }
  main { padding-inline: var(--s4); } main { padding-block: var(--s4) var(--s6); }
  .soundings { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .soundings > div { box-shadow: -1px -1px var(--line); padding: var(--s2) var(--s3); } .soundings > div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .soundings .n { font-size: 1.5rem; }
  .block, .soundings, .state, .dock { margin-inline: calc(-1 * var(--s4)); border-inline-end-width: 0; } .block, .soundings, .dock { border-inline-width: 0; } .in .block, .block .dock { margin-inline: 0; }
  .found > li { grid-template-columns: minmax(0, 1fr); }
  .pick > li { grid-template-columns: auto minmax(0, 1fr); } .pick > li > :nth-child(3) { grid-column: 2; }
  .stack thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .stack tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: baseline; gap: .1rem var(--s4); padding: var(--s2) var(--s4) var(--s3); border-top: 1px solid var(--line); }
  .stack tbody tr:first-child { border-top: 0; }
  .stack :is(th, td) { border: 0; padding: 0; text-align: start; min-width: 0; max-width: 100%; }
  .stack :is(th, .full) { grid-column: 1 / -1; } .stack .sel { grid-row: 1; grid-column: 1; justify-self: start; z-index: 1; } .stack .sel + th { padding-inline-start: 3rem; grid-row: 1; }
  .stack td[data-l]::before { content: attr(data-l) " "; color: var(--ink-2); font-size: .8125rem; }
  .stack :is(th, td) { overflow-wrap: anywhere; white-space: normal; }
  .stack td:empty { display: none; }
  .chart text { font-size: 20px; } .chart .alt { display: none; }
}
@media (max-width: 26rem) { .brand span { display: none; } }
@media (max-width: 30rem) { table:not(.stack, .text *) :is(th, td) { padding-inline: .25rem; } table:not(.stack, .text *) :is(th, td):first-child { padding-inline-start: var(--s4); } .facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; } }
@media (prefers-contrast: more) { :root:root { --ink-2: var(--ink); --line: var(--ctl); --ctl: var(--ink); --buff-line: var(--ink); } a { text-decoration-thickness: 2px; } }
:root[data-contrast=more] { --ink-2: var(--ink); --line: var(--ctl); --ctl: var(--ink); --buff-line: var(--ink); }
@media (forced-colors: active) {
  :root:root { --paper: Canvas; --ink: CanvasText; --ink-2: CanvasText; --line: GrayText; --ctl: CanvasText; --sea: LinkText; --magenta: Highlight; --ok: CanvasText; --warn: CanvasText; --bad: CanvasText; --tint: Canvas; --tint-2: Canvas; --buff: Canvas; --on-sea: Canvas; }
  .k0 { fill: GrayText; } .count { border: 1px solid; }
  .tlp, .neat { forced-color-adjust: none; } .btn.go { background: ButtonFace; color: ButtonText; border-width: 2px; }
  .side a:not([aria-current]), .tabs a:not([aria-current]) { border-color: Canvas; }
  [aria-current] { outline: 2px solid Highlight; outline-offset: -2px; }
}
@media print {
  @page { size: A4; margin: 14mm 12mm; font: 700 9pt monospace; }
  @page clear { @top-right { content: "TLP:CLEAR"; } @bottom-right { content: "TLP:CLEAR"; } }
  @page green { @top-right { content: "TLP:GREEN"; } @bottom-right { content: "TLP:GREEN"; } }
  @page amber { @top-right { content: "TLP:AMBER"; } @bottom-right { content: "TLP:AMBER"; } }
  @page strict { @top-right { content: "TLP:AMBER+STRICT"; } @bottom-right { content: "TLP:AMBER+STRICT"; } }
  @page red { @top-right { content: "TLP:RED"; } @bottom-right { content: "TLP:RED"; } }
  .p-clear { page: clear; } .p-green { page: green; } .p-amber { page: amber; } .p-strict { page: strict; } .p-red { page: red; }
  .side, .menu, .find, .who, .acts, .dock, .skip, .tabs, .filters, .crumb, .foot a, form .btn, details:not([open]) { display: none; }
  body, .block, .soundings, .state { background: #fff; } .frame, .grid { display: block; } main { padding: var(--s3) 0; } tr, li, .state { break-inside: avoid; } .block > header, h2 { break-after: avoid; }
  body { font-size: 10pt; } table { font-size: 9pt; }
  a { color: inherit; } .prose a[href^=http]::after { content: " (" attr(href) ")"; font-size: .75rem; }
  .tlp, .ticks, .neat { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
