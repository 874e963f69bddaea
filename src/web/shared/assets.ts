import { hash } from 'node:crypto';

/** The colours and typography of a nautical chart, for light and dark mode. One small file without fonts. */
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
h3{font-size:16px;font-weight:650;margin:28px 0 4px}
dt{font-weight:650}
dd{margin:0 0 8px}
p,li{max-width:42rem}
a{color:var(--sea)}
:focus-visible{outline:3px solid var(--magenta);outline-offset:2px}
code,pre{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:15px;overflow-wrap:anywhere}
pre{background:var(--paper);border:1px solid var(--line);border-radius:2px;padding:12px;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;background:var(--paper)}
th,td{text-align:start;padding:8px 12px;border:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
td.long{overflow-wrap:anywhere}
@media (max-width:40rem){thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tr,td{display:block;border:0}tr{border:1px solid var(--line);margin-bottom:12px;padding:4px 0}td{overflow-wrap:anywhere}td[data-label]{padding:2px 12px}td[data-label]::before{content:attr(data-label) ": ";color:var(--ink-2)}}
th{background:var(--tint);font-weight:650}
nav.docs ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:0 0 12px;padding:0}
nav.docs [aria-current]{font-weight:650}
label{display:block;max-width:42rem}
input,select,textarea{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--ink-2);border-radius:2px;padding:8px 12px;width:100%;max-width:24rem}
input[type=checkbox]{width:auto}
select,textarea{max-width:42rem}
.field{margin:0 0 16px}
.field small,.fault{margin:0 0 4px;max-width:42rem}
.fault,.faults h2{color:var(--magenta);font-weight:650}
.faults{border:3px solid var(--magenta);padding:4px 16px;max-width:42rem}
.faults[role=alert]{color:inherit;font-weight:400}
.faults h2{margin:8px 0}
[aria-invalid]{border:3px solid var(--magenta)}
small{display:block;color:var(--ink-2)}
.qr svg{width:14rem;height:14rem;background:#fff}
button{font:inherit;font-weight:650;color:var(--paper);background:var(--sea);border:0;border-radius:2px;padding:10px 18px}
button.plain{color:var(--sea);background:none;border:1px solid var(--sea)}
[role=alert]{color:var(--magenta);font-weight:650}
footer{color:var(--ink-2);font-size:15px;padding-bottom:36px;margin-top:56px}
`;

/** The logo: an atoll, with islets around a lagoon. */
const MARK = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48" fill="none" stroke="#12252d" stroke-width="5.8" stroke-linecap="round" role="img" aria-label="Talanoa"><path d="M24 6A18 18 0 0 1 41.5 20"/><path d="M41.9 29.5v.01"/><path d="M36.5 37A18 18 0 0 1 27 41.7"/><path d="M18.5 41.1v.01"/><path d="M11 36.5A18 18 0 0 1 6.2 21"/><circle cx="12.5" cy="10.9" r="4.8" fill="#a3155e" stroke="none"/></svg>
`;

/** The logo as an image, at a path that changes with its content. */
export const mark = {
  path: `/assets/mark.${hash('sha256', MARK).slice(0, 12)}.svg`,
  text: MARK,
  type: 'image/svg+xml',
} as const;

/**
 * Passkeys are the only feature that needs a script. A form with `data-passkey` and options asks the browser,
 * writes the answer into its field, and is then submitted. Without a script, or in a browser without passkey
 * support, the form stays hidden and a note explains why.
 */
const PASSKEYS = `for (const form of document.querySelectorAll('form[data-passkey]')) {
  const P = window.PublicKeyCredential;
  if (!P || !P.parseCreationOptionsFromJSON || !P.prototype.toJSON) continue;
  form.hidden = false;
  const note = form.nextElementSibling;
  if (note) note.hidden = true;
  form.addEventListener('submit', async (event) => {
    if (form.passkey.value) return;
    event.preventDefault();
    const options = JSON.parse(form.dataset.options);
    const isNew = form.dataset.passkey === 'create';
    try {
      const made = isNew
        ? await navigator.credentials.create({ publicKey: P.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: P.parseRequestOptionsFromJSON(options) });
      form.passkey.value = JSON.stringify(made);
      form.submit();
    } catch {
      const told = form.querySelector('[data-fault]');
      told.hidden = false;
    }
  });
}
`;

/** The script of the sign-in pages, at a path that changes with its content. */
export const passkeyScript = {
  path: `/assets/passkeys.${hash('sha256', PASSKEYS).slice(0, 12)}.js`,
  text: PASSKEYS,
  type: 'text/javascript; charset=utf-8',
} as const;

/** The style sheet, at a path that changes with its content. */
export const styleSheet = {
  path: `/assets/talanoa.${hash('sha256', CSS).slice(0, 12)}.css`,
  text: CSS,
  type: 'text/css; charset=utf-8',
} as const;
