import type { Words } from './page-words.ts';

/** The content of a form, by the names of its fields, and the time of the last change (milliseconds since 1970). */
interface Draft {
  readonly at: number;
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

const PREFIX = 'talanoa-draft:';
/** Drafts are forgotten after a week, and only the latest ones are kept. */
const LONGEST_MS = 604_800_000;
const MOST = 10;
/** Longest text of a draft in characters. */
const LONGEST = 200_000;
/** Milliseconds after the last key until a draft is kept. */
const PAUSE_MS = 500;

/** Fields of a form that a draft contains. Passwords, files and the hidden fields of the hub are not kept. */
function fieldsOf(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[] {
  return [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>('input,textarea,select')].filter(
    ({ type, name }) => name !== '' && !/^(?:hidden|password|file|submit|button)$/.test(type),
  );
} // prettier-ignore

function isChoice(field: Element): field is HTMLInputElement {
  return field instanceof HTMLInputElement && /^(?:checkbox|radio)$/.test(field.type);
}

function read(form: HTMLFormElement): Draft['fields'] {
  const fields: Record<string, string[]> = {};
  for (const field of fieldsOf(form)) {
    const values = (fields[field.name] ??= []);
    if (!isChoice(field) || field.checked) values.push(field.value);
  }
  return fields;
}

function fill(form: HTMLFormElement, fields: Draft['fields']): void {
  const used: Record<string, number> = {};
  for (const field of fieldsOf(form)) {
    const values = fields[field.name];
    if (values === undefined) continue;
    if (isChoice(field)) field.checked = values.includes(field.value);
    else {
      const at = used[field.name] ?? 0;
      used[field.name] = at + 1;
      field.value = values[at] ?? '';
    }
  }
}

function stored(key: string): Draft | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined) as Draft | undefined;
  } catch {
    return undefined;
  }
}

/** Removes drafts of other accounts, old drafts, and all but the latest. */
function tidy(own: string): void {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const kept = keys
    .map((key) => ({ key, at: key.startsWith(own) ? (stored(key)?.at ?? 0) : 0 }))
    .sort((a, b) => b.at - a.at);
  kept.forEach(({ key, at }, i) => {
    if (i >= MOST || Date.now() - at > LONGEST_MS) localStorage.removeItem(key);
  });
}

/** Offers a draft above the form, and leaves the form as it is until the person decides. */
function offer(form: HTMLFormElement, key: string, draft: Draft, words: Words): void {
  const box = document.createElement('div');
  box.className = 'state';
  box.setAttribute('role', 'status');
  const text = document.createElement('p');
  const time = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }); // prettier-ignore
  text.textContent = words.draft.replace('{time}', time);
  const act = (label: string, run: () => void): HTMLButtonElement => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn s';
    made.textContent = label;
    made.addEventListener('click', () => {
      run();
      box.remove();
      form.querySelector<HTMLElement>('textarea,input:not([type=hidden])')?.focus();
    });
    return made;
  };
  const acts = document.createElement('div');
  acts.className = 'acts';
  acts.append(
    act(words.restore, () => fill(form, draft.fields)),
    act(words.discard, () => localStorage.removeItem(key)),
  );
  box.append(text, acts);
  form.before(box);
}

/**
 * Keeps what is typed into forms with `data-draft` in this browser, for the account that is signed in. It survives a
 * broken link, a closed tab and an ended session. A page with `data-sent` confirms that the form was accepted, and its
 * draft is removed. Signing out removes all drafts (`Clear-Site-Data`).
 */
export function keepDrafts(words: Words): void {
  try {
    const own = `${PREFIX}${words.account}:`;
    tidy(own);
    for (const done of document.querySelectorAll<HTMLElement>('[data-sent]'))
      localStorage.removeItem(`${own}${done.dataset['sent'] ?? ''}`);
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-draft]'))
      keep(form, `${own}${form.dataset['draft'] ?? ''}`, words);
  } catch {
    // The browser allows no storage. Then nothing is kept.
  }
}

function keep(form: HTMLFormElement, key: string, words: Words): void {
  const draft = stored(key);
  // A form that the hub shows again already contains what was typed.
  if (draft !== undefined && JSON.stringify(draft.fields) !== JSON.stringify(read(form)))
    offer(form, key, draft, words);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = (): void => {
    const text = JSON.stringify({ at: Date.now(), fields: read(form) } satisfies Draft);
    if (text.length > LONGEST) return;
    localStorage.setItem(key, text);
    form.dataset['kept'] = 'yes';
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  });
  form.addEventListener('submit', save);
}
