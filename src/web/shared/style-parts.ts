/** Tables, states, forms and lists. */
export const PARTS_CSS = `/* tables */
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { text-align: start; font-weight: 650; padding: var(--s2) var(--s4); }
th, td { text-align: start; padding: .45rem .6rem; border-top: 1px solid var(--line); vertical-align: baseline; }
thead th { font-size: .8125rem; font-weight: 600; color: var(--ink-2); border-top: 0; border-bottom: 1px solid var(--ctl); white-space: nowrap; }
thead a { color: inherit; }
:is(th, td):first-child { padding-inline-start: var(--s4); }
:is(th, td):last-child { padding-inline-end: var(--s4); }
tbody th { font-weight: 600; }
.stack :is(th, td) { min-width: 4.5rem; } .stack th[scope=row] { min-width: 9rem; } .nw { overflow-wrap: normal; }
thead th { overflow-wrap: normal; }
tbody tr:hover { background: var(--ground); }
.num { text-align: end; }
td.mono { font-size: .8125rem; }
.tick { display: inline-grid; place-items: center; min-width: 1.5rem; min-height: 1.5rem; }
input[type=checkbox], input[type=radio] { width: 1.15rem; height: 1.15rem; accent-color: var(--sea); margin: 0; flex: none; }
/* status: shape, word and colour together. TLP 2.0 labels keep the standard's colours, on black in every theme. */
.st { display: inline-flex; align-items: baseline; gap: .35rem; font-weight: 600; font-size: .875rem; } .st .i { align-self: center; } .st time { white-space: nowrap; }
:is(.st, .i).ok { color: var(--ok); } :is(.st, .i).warn { color: var(--warn); } :is(.st, .i, .err).bad, .err { color: var(--bad); } :is(.st, .i).info { color: var(--sea); } :is(.st, .i).off { color: var(--ink-2); }
.tlp { display: inline-block; background: #000; color: #fff; font: 700 .75rem/1 var(--mono); padding: .28rem .42rem; border-radius: 2px; white-space: nowrap; outline: 1px solid #52686f; outline-offset: -1px; }
.tlp-red { color: #ff2b2b; } .tlp-amber { color: #ffc000; } .tlp-green { color: #3f0; }
.tag { display: inline-block; font-size: .8125rem; border: 1px solid var(--line); border-radius: 2px; padding: .05rem .4rem; background: var(--ground); color: var(--ink); }
.tags { display: flex; flex-wrap: wrap; gap: .3rem; }
.tag.no { color: var(--ink-2); border-style: dashed; background: none; }
/* forms */
input, select, textarea, button, .btn { font: inherit; color: inherit; }
input:not([type=checkbox], [type=radio], [type=range]), select, textarea { background: var(--paper); border: 1px solid var(--ctl); border-radius: 3px; padding: .4rem .65rem; min-height: 2.5rem; width: 100%; min-width: 0; }
textarea { display: block; resize: vertical; line-height: 1.45; }
.btn { display: inline-flex; align-items: center; justify-content: center; gap: .45rem; min-height: 2.5rem; padding: .35rem 1rem; border: 1px solid var(--ctl); border-radius: 3px; background: var(--paper); font-weight: 600; text-decoration: none; color: var(--ink); cursor: pointer; text-align: center; line-height: 1.25; }
.btn:hover { background: var(--tint); color: var(--ink); }
.btn.go { background: var(--sea); border-color: var(--sea); color: var(--on-sea); }
.btn.go:hover { background: var(--sea-2); color: var(--on-sea); }
.btn.stop { border-color: var(--bad); color: var(--bad); }
.btn.stop.go { background: var(--bad); color: var(--on-bad); }
.btn.s { min-height: 2rem; padding: .15rem .7rem; font-size: .875rem; }
.btn.link { border-color: transparent; background: none; color: var(--sea); text-decoration: underline; padding-inline: .3rem; }
label, legend { font-weight: 600; font-size: .9375rem; }
.field > * + * { margin-top: .3rem; }
.in .field + *, .in > form + form { margin-top: var(--s4); }
.err { color: var(--bad); font-weight: 600; font-size: .875rem; }
[aria-invalid] { border: 2px solid var(--bad) !important; }
.field:has(.err) { border-inline-start: 4px solid var(--bad); padding-inline-start: var(--s3); }
fieldset { border: 0; min-width: 0; }
legend { padding-bottom: .3rem; } legend + .hint { margin-bottom: .5rem; }
.opt { display: flex; gap: .6rem; align-items: center; min-height: 2rem; font-weight: 400; cursor: pointer; }
.opt + .opt { margin-top: 0; } .acts > .opt { margin-inline-end: var(--s3); }
legend + .opt { margin-top: .1rem; } .in > fieldset + fieldset { margin-top: var(--s4); }
.filters { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); align-items: flex-end; margin-bottom: var(--s3); }
.filters .field { flex: 0 1 11rem; } .filters .field.wide { flex: 1 1 16rem; }
.chips { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; font-size: .875rem; }
.chips a { display: inline-flex; align-items: center; gap: .35rem; min-height: 2rem; padding: 0 .6rem; border: 1px solid var(--ctl); border-radius: 3px; color: var(--ink); text-decoration: none; background: var(--paper); }
.facet + .facet { margin-top: var(--s3); } .facet h3 { font-size: .875rem; } .facet ul { list-style: none; margin: 0; padding: 0; } .facet li { display: flex; justify-content: space-between; gap: var(--s2); font-size: .9375rem; } .facet a { display: inline-flex; align-items: center; min-height: 1.75rem; min-width: 1.75rem; } td.sel { vertical-align: top; width: 2.5rem; } .facet [aria-current] { font-weight: 600; }
.chips a:hover { background: var(--tint); }
.pair { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); align-items: end; }
.in > :is(.field, .pair, fieldset) + *, .in > * + .pair { margin-top: var(--s4); }
.choice { display: grid; gap: var(--s2); grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.choice label { display: grid; align-content: center; grid-template-columns: 1.2rem minmax(0, 1fr); gap: .1rem .7rem; align-items: center; border: 1px solid var(--ctl); border-radius: 3px; padding: .6rem .8rem; font-weight: 400; cursor: pointer; min-height: var(--hit); }
.choice .hint { grid-column: 2; } .choice label:hover { background: var(--tint); }
.choice label:has(:checked) { border-color: var(--sea); box-shadow: inset 0 0 0 1px var(--sea); background: var(--tint); }
.dock { position: sticky; bottom: 0; background: var(--paper); border: 1px solid var(--line); border-top: 2px solid var(--ink); padding: var(--s3) var(--s4); z-index: 3; }
.stepno { display: inline-grid; place-items: center; width: 1.5rem; height: 1.5rem; border: 1.5px solid; border-radius: 50%; font-size: .8125rem; margin-inline-end: .55rem; }
/* data */
.facts > div { display: grid; grid-template-columns: minmax(7rem, 11rem) minmax(0, 1fr); gap: var(--s2) var(--s4); padding: .4rem 0; border-top: 1px solid var(--line); font-size: .9375rem; }
.facts > div:first-child { border-top: 0; }
.facts dt { color: var(--ink-2); }
.two > :last-child .facts > div { grid-template-columns: minmax(5rem, 8rem) minmax(0, 1fr); }
.list > li { padding: .6rem var(--s4); border-top: 1px solid var(--line); display: grid; grid-template-columns: 1.2rem minmax(0, 1fr); gap: var(--s1) var(--s3); font-size: .9375rem; }
.list > li:first-child { border-top: 0; }
.list > li > .i { margin-top: .28em; font-size: 1rem; }
.list.plain > li { display: block; padding-block: .45rem; }
.in > .list, .in > table, .in > details > table { margin-inline: calc(-1 * var(--s4)); width: calc(100% + 2 * var(--s4)); } .in > .list { border-top: 1px solid var(--line); } .in > :is(table, .list, details:not([open])):last-child { margin-bottom: calc(-1 * var(--s3)); }
.found > li { grid-template-columns: minmax(0, 1fr) auto; align-items: start; }
mark { background: var(--buff); padding: .1em; } mark, mark a { color: inherit; text-decoration: underline 2px var(--warn); }
mark.no { background: none; } mark.no, mark.no a { text-decoration: underline dashed 2px var(--warn); }
.pick > li { grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; }
.time > li { border-inline-start: 2px solid var(--line); padding: 0 0 var(--s4) var(--s4); position: relative; font-size: .9375rem; }
.time > li::before { content: ""; position: absolute; inset-inline-start: -7px; top: .4rem; width: 8px; height: 8px; border: 2px solid var(--sea); border-radius: 50%; background: var(--paper); }
.time > li.me::before { border-color: var(--magenta); background: var(--magenta); }
.time > li:last-child { padding-bottom: 0; }
.code { background: var(--ground); border: 1px solid var(--line); padding: var(--s3); font: .8125rem/1.55 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.word { white-space: nowrap; } .code b { color: var(--magenta); } .code i { color: var(--sea); font-style: normal; }
del { color: var(--bad); background: none; } ins { color: var(--ok); font-weight: 600; text-decoration-thickness: 2px; text-underline-offset: .15em; }
.k1 { fill: var(--d1); } .k2 { fill: var(--d2); } .k3 { fill: var(--d3); } .k4 { fill: var(--d4); } .k0 { fill: var(--tint-2); } .kw { fill: var(--warn); } .kb { fill: var(--bad); } .km { fill: var(--magenta); } .kl { stroke: var(--magenta); stroke-width: 1.5; fill: none; }

.chart { display: block; width: 100%; height: auto; } .chart text { font: 12px var(--sans); fill: var(--ink-2); } .ax { stroke: var(--line); fill: none; } .base { stroke: var(--ink); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); color: var(--ink-2); font-size: .8125rem; } .legend span { display: inline-flex; align-items: center; gap: .35rem; }
.ticks { display: block; width: 8.25rem; height: 1.25rem; }
summary { cursor: pointer; font-size: .875rem; color: var(--sea); min-height: 2rem; display: list-item; padding: .3rem 0; }
/* pages */
.danger { border: 2px dashed var(--magenta); background: var(--paper); padding: var(--s4); }
.empty { text-align: center; padding: var(--s4) var(--s4) var(--s6); }
.empty > * + * { margin-top: var(--s3); } .empty svg { width: 4.5rem; height: 4.5rem; color: var(--d2); } .empty .acts { justify-content: center; } .empty p { max-width: 34rem; margin-inline: auto; }
.narrow { max-width: 46rem; }`;
