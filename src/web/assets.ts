import { hash } from 'node:crypto';

/** Colours and type of the nautical chart, day and night (reference: experience.md section 8). One small file, no fonts. */
const CSS = `:root{--ink:#12252d;--ink-2:#42565f;--sea:#0b5471;--magenta:#a3155e;--paper:#fff;--ground:#f4f8f9;--tint:#e3eff3;--line:#7fb3c6}
@media (prefers-color-scheme:dark){:root{--ink:#dce8ec;--ink-2:#9db2ba;--sea:#7cc4de;--magenta:#f08abf;--paper:#0f1c22;--ground:#0a1418;--tint:#16303a;--line:#36809c}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
body{margin:0;border-top:6px solid var(--sea)}
header,main,footer{max-width:52rem;margin:0 auto;padding:0 16px}
header{padding-top:16px}
.mark{font-weight:650;font-size:17px;letter-spacing:.02em;color:var(--ink);text-decoration:none}
h1{font-size:26px;line-height:1.25;font-weight:650;margin:24px 0 8px}
h2{font-size:17px;font-weight:650;margin:36px 0 8px}
p,li{max-width:42rem}
a{color:var(--sea)}
:focus-visible{outline:3px solid var(--magenta);outline-offset:2px}
code,pre{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:15px}
pre{background:var(--paper);border:1px solid var(--line);border-radius:2px;padding:12px;overflow-x:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--paper)}
th,td{text-align:start;padding:8px 12px;border:1px solid var(--line);vertical-align:top}
th{background:var(--tint);font-weight:650}
footer{color:var(--ink-2);font-size:15px;padding-bottom:36px;margin-top:56px}
`;

/** The style sheet, at a path that changes with its content. */
export const styleSheet = {
  path: `/assets/talanoa.${hash('sha256', CSS).slice(0, 12)}.css`,
  text: CSS,
} as const;
