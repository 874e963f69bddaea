/** Pages by the letter after `g`. */
const GO: Readonly<Record<string, string>> = {
  o: '/console', s: '/console/search', r: '/console/review',
  f: '/console/feeds', m: '/console/members', d: '/console/deliveries',
}; // prettier-ignore
/** Milliseconds within which the second letter follows. */
const SECOND_MS = 1_500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(?:TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(?:checkbox|radio|button|submit)$/.test(target.type)));

/** Opens a page if this page links to it, so that keys open only pages that the person can use. */
function open(path: string): void {
  document.querySelector<HTMLAnchorElement>(`a[href="${path}"]`)?.click();
}

function rows(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('main tbody tr')].filter((row) => row.querySelector('a'));
}

/** Moves the focus to the link of the next or the previous row. */
function move(by: 1 | -1): void {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by === 1 ? all[0] : all.at(-1)) : all[at + by];
  const link = next?.querySelector('a');
  link?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

function select(): void {
  const row = rows().find((one) => one.contains(document.activeElement));
  row?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
}

/** Handles the keys of the console. They do nothing while a person types. */
export function listenForKeys(): void {
  let since = 0;
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(target)) {
      if (key === 'Escape') (target as HTMLElement).blur();
      return;
    }
    const isSecond = event.timeStamp - since < SECOND_MS;
    since = 0;
    const page = isSecond ? GO[key] : undefined;
    if (page !== undefined) open(page);
    else if (key === 'g') since = event.timeStamp;
    else if (key === '/') document.getElementById('find')?.focus();
    else if (key === 'n') open('/console/publish');
    else if (key === 'j') move(1);
    else if (key === 'k') move(-1);
    else if (key === 'x') select();
    else if (key === '?') open('/console/keyboard');
    else return;
    event.preventDefault();
  });
}
