import { FormBrowser, type BrowserAnswer } from './browser.ts';
import { SETTINGS, type TestHub } from './hub.ts';

/** Settings with a person of each role: an administrator, an analyst, and officers of two members. */
export const CONSOLE_SETTINGS = `${SETTINGS}  - { name: sina, role: administrator, person: true, password_env: PASSWORD_SINA }
  - { name: watch, role: analyst, person: true, password_env: PASSWORD_WATCH }
  - { name: lani, role: officer, member: tonga, person: true, password_env: PASSWORD_LANI }
  - { name: seru, role: officer, member: fiji, person: true, password_env: PASSWORD_SERU }
sign_in: { second_factor: optional }
feeds:
  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: indicators, enabled: true }
`;

/** The people of these settings, by their roles. */
export const PEOPLE = ['sina', 'watch', 'lani', 'seru'] as const;
export type PersonName = (typeof PEOPLE)[number];

/** Signs a person in. */
export async function signedInAs(t: TestHub, name: PersonName): Promise<FormBrowser> {
  const browser = new FormBrowser(() => t.hub.app);
  const { status, headers } = await browser.post('/console/sign-in', {
    account: name,
    password: `password of ${name}`,
  });
  if (status !== 303 || headers['location'] !== '/console')
    throw new Error(`${name} cannot sign in: ${status} ${headers['location'] ?? ''}`);
  return browser;
}

/** Signs in all the people. Returns a function for their browsers. */
export async function everybodySignedIn(t: TestHub): Promise<(name: PersonName) => FormBrowser> {
  const browsers = new Map<PersonName, FormBrowser>();
  for (const name of PEOPLE) browsers.set(name, await signedInAs(t, name));
  return (name) => {
    const found = browsers.get(name);
    if (found === undefined) throw new Error(`${name} has not signed in`);
    return found;
  };
}

/** Returns the text of a page without its markup. */
export function textOf({ text }: BrowserAnswer): string {
  return text
    .replaceAll(/<svg class="sym".*?<\/svg>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

/** Returns the links of the navigation. */
export function navOf({ text }: BrowserAnswer): readonly string[] {
  const [, nav = ''] = /<nav class="side"[^>]*>(.*?)<\/nav>/s.exec(text) ?? [];
  return [...nav.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
}
