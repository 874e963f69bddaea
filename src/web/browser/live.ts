/** Milliseconds between two refreshes of a part. */
const EVERY_MS = 30_000;

/** Fetches one part of a page. Undefined when it has not changed, or when the page has no such part. */
async function partOf(id: string, seen: string | undefined): Promise<HTMLElement | undefined> {
  const response = await fetch(location.href, {
    // The hub renders the same view and sends only this part of it.
    headers: { 'X-Fragment': id, ...(seen === undefined ? {} : { 'X-Fragment-Seen': seen }) },
    redirect: 'error',
  });
  if (response.status !== 200) return undefined;
  const html = new DOMParser().parseFromString(await response.text(), 'text/html');
  const part = html.getElementById(id);
  if (part === null) return undefined;
  part.dataset['seen'] = response.headers.get('X-Fragment-Digest') ?? '';
  return part;
}

/** Puts a new part into the page. The focus stays on the element with the same address or id. */
function replace(old: HTMLElement, next: HTMLElement, added: (part: HTMLElement) => void): void {
  // The page has most symbols already.
  for (const symbol of next.querySelectorAll('symbol')) if (document.getElementById(symbol.id) !== null) symbol.remove();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const mark = focused?.id ? `#${CSS.escape(focused.id)}` : focused?.getAttribute('href');
  old.replaceWith(next);
  added(next);
  if (mark === null || mark === undefined) return;
  const same = mark.startsWith('#') ? next.querySelector(mark) : next.querySelector(`[href="${CSS.escape(mark)}"]`);
  (same as HTMLElement | null)?.focus();
} // prettier-ignore

/** Refreshes the parts with `data-live` while the tab is visible. */
export function keepLive(added: (part: HTMLElement) => void): void {
  const ids = [...document.querySelectorAll<HTMLElement>('live-part[data-live]')].map(({ id }) => id);
  const refresh = async (): Promise<void> => {
    if (document.hidden) return;
    for (const id of ids) {
      const old = document.getElementById(id);
      // A box that a person has ticked would be lost.
      if (old === null || old.querySelector(':checked')) continue;
      const next = await partOf(id, old.dataset['seen']).catch(() => undefined);
      if (next !== undefined) replace(old, next, added);
    }
  };
  if (ids.length > 0) {
    setInterval(() => void refresh(), EVERY_MS);
    document.addEventListener('visibilitychange', () => void refresh());
  }
}
