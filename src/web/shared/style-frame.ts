/** Colours, typography, the frame of the console and its blocks. Colours are set only here, by name, for day and night. */
export const FRAME_CSS = `:root {
  color-scheme: light;
  --ground: #f4f8f9; --paper: #fff; --tint: #e3eff3; --tint-2: #c6dde5; --buff: #f7edd2; --buff-line: #d9bf74;
  --ink: #12252d; --ink-2: #42565f; --line: #c6d3d8; --ctl: #6b8089;
  --sea: #0b5471; --sea-2: #083f56; --on-sea: #fff;
  --magenta: #a3155e; --ok: #1d6642; --warn: #7d4e00; --bad: #ad2318; --on-bad: #fff;
  --d1: #bfdbe5; --d2: #7fb3c6; --d3: #36809c; --d4: #0b4660;
  --sans: -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Consolas, Menlo, "Roboto Mono", "Liberation Mono", monospace;
  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2.25rem; --s7: 3.5rem; --hit: 2.5rem;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=day]) {
    color-scheme: dark;
    --ground: #0a1418; --paper: #0f1c22; --tint: #16303a; --tint-2: #1f4350; --buff: #2e2813; --buff-line: #6b5a24;
    --ink: #dce8ec; --ink-2: #9db2ba; --line: #2b424b; --ctl: #6f8790;
    --sea: #7cc4de; --sea-2: #a4d8ea; --on-sea: #06222e;
    --magenta: #f08abf; --ok: #7fd0a4; --warn: #e6b45c; --bad: #ff9c8f; --on-bad: #2b0b07;
    --d1: #1f4f61; --d2: #2f7b96; --d3: #62b0cb; --d4: #bfe3ef;
  }
}
:root[data-theme=night] {
  color-scheme: dark;
  --ground: #0a1418; --paper: #0f1c22; --tint: #16303a; --tint-2: #1f4350; --buff: #2e2813; --buff-line: #6b5a24;
  --ink: #dce8ec; --ink-2: #9db2ba; --line: #2b424b; --ctl: #6f8790;
  --sea: #7cc4de; --sea-2: #a4d8ea; --on-sea: #06222e;
  --magenta: #f08abf; --ok: #7fd0a4; --warn: #e6b45c; --bad: #ff9c8f; --on-bad: #2b0b07;
  --d1: #1f4f61; --d2: #2f7b96; --d3: #62b0cb; --d4: #bfe3ef;
}
/* text */
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding: 4rem 0 6rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
h1, h2, h3, p, dl, dd, ul, ol, table, fieldset, legend { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.625rem; line-height: 1.2; font-weight: 650; letter-spacing: -.012em; text-wrap: balance; }
h2 { font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: .9375rem; font-weight: 650; }
.small, .sub, .hint { font-size: .8125rem; }
.muted, .sub, .hint { color: var(--ink-2); }
.sub { display: block; font-weight: 400; }
a { color: var(--sea); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { color: var(--sea-2); text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--magenta); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: 0; }
.mono, code { font-family: var(--mono); font-size: .875em; overflow-wrap: anywhere; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sym { display: none; }
.i { width: 1em; height: 1em; flex: none; vertical-align: -.125em; }
.nw { white-space: nowrap; }
.prose > * + * { margin-top: var(--s3); }
.prose { max-width: 44rem; }
:is(ul, ol).prose, .prose :is(ul, ol) { list-style: revert; padding-inline-start: 1.4rem; }
.prose li + li { margin-top: var(--s1); }
.prose h2 { margin-top: var(--s5); } .prose > :first-child { margin-top: 0; }
.lede { font-size: 1.125rem; max-width: 44rem; }
/* frame. The neat line is the graduated border of a chart: on every page and every printed sheet. */
.neat { height: 9px; border-block: 1.5px solid var(--ink); background: repeating-linear-gradient(90deg, var(--ink) 0 3rem, var(--paper) 3rem 6rem); }
.skip { position: absolute; inset-inline-start: var(--s3); top: -5rem; background: var(--sea); color: var(--on-sea); padding: var(--s3) var(--s4); z-index: 9; }
.skip:focus { top: var(--s3); color: var(--on-sea); }
.top { display: flex; align-items: center; gap: var(--s4); padding: var(--s3) var(--s5); background: var(--paper); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: var(--s3); color: var(--ink); text-decoration: none; flex: none; min-height: 2.5rem; }
.brand svg { display: block; margin-top: -.1rem; }
.brand span { border-inline-start: 1px solid var(--line); padding-inline-start: var(--s3); font-size: .8125rem; line-height: 1.25; color: var(--ink-2); }
.find { flex: 1; max-width: 34rem; margin-inline: auto; display: flex; }
.find input { border-inline-end: 0; border-start-end-radius: 0; border-end-end-radius: 0; }
.find .btn { border-start-start-radius: 0; border-end-start-radius: 0; }
.who, .who a { font-size: .875rem; display: flex; gap: var(--s4); align-items: center; flex: none; }
.who a { gap: .35rem; min-width: var(--hit); justify-content: center; }
.frame { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); max-width: 84rem; margin-inline: auto; }
.side { padding: var(--s5) var(--s4) var(--s5) var(--s5); font-size: .9375rem; }
.side h2 { font-size: .8125rem; font-weight: 600; color: var(--ink-2); margin: var(--s4) 0 var(--s1); }
.side section:first-child h2 { margin-top: 0; }
.side a { display: flex; justify-content: space-between; gap: var(--s2); min-height: 2rem; align-items: center; padding: .15rem .6rem; margin-inline-start: -.6rem; color: var(--ink); text-decoration: none; border-inline-start: 3px solid transparent; }
.side a:hover { background: var(--tint); }
.side a[aria-current] { border-color: var(--magenta); background: var(--tint); font-weight: 650; }
.count { font-size: .75rem; background: var(--tint-2); color: var(--ink); border-radius: 1rem; padding: .05rem .5rem; font-weight: 600; }
.menu { display: none; }
kbd { font: 600 .8125rem var(--mono); border: 1px solid var(--ctl); border-radius: 2px; padding: .05rem .35rem; background: var(--paper); }
main { padding: var(--s5) var(--s5) var(--s7) var(--s4); min-width: 0; overflow-wrap: anywhere; }
.crumb { font-size: .875rem; margin-bottom: var(--s1); }
.head { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s5); align-items: center; justify-content: space-between; margin-bottom: var(--s4); }
.head > div:first-child { flex: 1 1 20rem; min-width: 0; }
.foot { border-top: 1px solid var(--line); padding: var(--s4) var(--s5); font-size: .8125rem; color: var(--ink-2); display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s5); }
.tabs ul { display: flex; flex-wrap: wrap; gap: 0 var(--s5); border-bottom: 1px solid var(--line); margin-bottom: var(--s4); }
.tabs a { display: flex; align-items: center; gap: .4rem; min-height: var(--hit); color: var(--ink); text-decoration: none; border-block: 3px solid transparent; font-size: .9375rem; }
.tabs a:hover { border-bottom-color: var(--ctl); }
.tabs a[aria-current] { border-bottom-color: var(--magenta); font-weight: 650; }
/* blocks */
.block { background: var(--paper); border: 1px solid var(--line); border-top: 2px solid var(--ink); min-width: 0; }
.block > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: var(--s1) var(--s4); padding: var(--s3) var(--s4) var(--s2); }
.block > header > p, .block > header > a { font-size: .8125rem; }
.in { padding: 0 var(--s4) var(--s4); }
.in > * + * { margin-top: var(--s3); }
live-part { display: block; }
main > * + *, live-part > * + *, .flow > * + *, form.narrow > * + *, main > form > * + *, .block > footer .field + *, form > .grid + *, form > .state + * { margin-top: var(--s4); }
:is(main, .flow) > :is(.head, .filters, .tabs, .crumb) + *, .state + .soundings, form > .filters + * { margin-top: 0; }
.block > .in:first-child { padding-top: var(--s4); }
.block > footer { padding: var(--s3) var(--s4); border-top: 1px solid var(--line); font-size: .875rem; }
.grid { display: grid; gap: var(--s4); grid-template-columns: minmax(0, 1fr); }
.acts { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; }
.soundings { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); background: var(--paper); border: 1px solid var(--line); }
.state + .soundings { border-top: 0; }
.soundings > div { padding: var(--s3) var(--s4); box-shadow: -1px 0 var(--line); display: flex; flex-direction: column; }
.soundings { overflow: hidden; }
.soundings dt, .soundings .d { font-size: .8125rem; color: var(--ink-2); }
.soundings .n { font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -.02em; }
.soundings .n a { color: inherit; text-decoration-color: var(--line); }
/* state sentence */
.state { background: var(--paper); border: 1px solid var(--line); border-inline-start: 6px solid var(--sea); padding: var(--s3) var(--s4); display: flex; flex-wrap: wrap; gap: var(--s2) var(--s4); align-items: center; }
.state > .i { align-self: flex-start; margin-top: .3rem; color: var(--sea); }
.state > div { flex: 1 1 16rem; min-width: 0; } .state p { max-width: 52rem; }
.state.ok { border-inline-start-color: var(--ok); } .state.ok > .i { color: var(--ok); }
.state.warn { background: var(--buff); border-color: var(--buff-line); border-inline-start-color: var(--warn); } .state.warn > .i { color: var(--warn); }
.state.bad { background: var(--buff); border-color: var(--buff-line); border-inline-start-color: var(--bad); } .state.bad > .i { color: var(--bad); }
.state strong { font-weight: 650; }`;
