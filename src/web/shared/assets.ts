import { hash } from 'node:crypto';
import { ENHANCE } from './enhance-text.ts';
import { FRAME_CSS } from './style-frame.ts';
import { MEDIA_CSS } from './style-media.ts';
import { PARTS_CSS } from './style-parts.ts';
import { TEXT_CSS } from './style-text.ts';

/**
 * The one style sheet, without comments and line breaks. Its budget is that of the first page (15 KB with everything
 * compressed).
 */
const CSS = [FRAME_CSS, PARTS_CSS, TEXT_CSS, MEDIA_CSS]
  .join('\n')
  .replaceAll(/\/\*[\s\S]*?\*\//g, '')
  .replaceAll(/\s*\n\s*/g, '')
  .replaceAll(/ ?([{};]) ?/g, '$1')
  .replaceAll(';}', '}');

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
 * Passkeys are the only feature that works with a script alone. A form with `data-passkey` and options asks the browser,
 * writes the response into its field, and is then submitted. Without a script, or in a browser without passkey
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

/** The script of the console (`src/web/browser`), at a path that changes with its content. */
export const enhanceScript = {
  path: `/assets/console.${hash('sha256', ENHANCE).slice(0, 12)}.js`,
  text: ENHANCE,
  type: 'text/javascript; charset=utf-8',
} as const;

/** The style sheet, at a path that changes with its content. */
export const styleSheet = {
  path: `/assets/talanoa.${hash('sha256', CSS).slice(0, 12)}.css`,
  text: CSS,
  type: 'text/css; charset=utf-8',
} as const;
