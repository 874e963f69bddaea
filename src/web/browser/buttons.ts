import type { Words } from './page-words.ts';

/** Milliseconds for which a button says that the text was copied. */
const TOLD_MS = 2_000;

function button(text: string, act: (it: HTMLButtonElement) => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn s';
  made.textContent = text;
  made.addEventListener('click', () => act(made));
  return made;
}

/**
 * Adds a button after each element with `data-copy`, which copies the value of the attribute, or the text of the element
 * if the attribute is empty. Elements with `data-print` get a button that prints the page.
 */
export function addButtons(part: ParentNode, { copy, copied, print }: Words): void {
  // The clipboard exists only on pages that arrived over HTTPS, or from the same machine.
  if (isSecureContext)
    for (const element of part.querySelectorAll<HTMLElement>('[data-copy]')) {
      const text = element.dataset['copy'] || (element.textContent ?? '').trim();
      element.after(
        ' ',
        button(copy, (it) => {
          void navigator.clipboard.writeText(text).then(() => {
            it.textContent = copied;
            setTimeout(() => (it.textContent = copy), TOLD_MS);
          });
        }),
      );
    }
  for (const element of part.querySelectorAll('[data-print]'))
    element.append(button(print, () => window.print()));
}
