import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { Icon } from './components.tsx';
import type { NavGroup, NavItem, Shell } from './shell.ts';
import { WORD_MARK } from './symbols.ts';
import { ReaderContext } from './reader.ts';
import { useMessages } from './messages/messages.ts';

/** The frame of the console: brand, search, account, navigation by role, and the foot. */
export function ConsoleFrame({
  shell,
  children,
}: {
  readonly shell: Shell;
  readonly children: ComponentChildren;
}): JSX.Element {
  const t = useMessages().frame;
  return (
    <>
      <a class="skip" href="#main">
        {t.skipToContent}
      </a>
      <div class="neat" aria-hidden="true"></div>
      <Top shell={shell} />
      <nav class="menu" aria-label={t.menu}>
        <details>
          <summary>
            <Icon name="menu" />
            {t.menu}
          </summary>
          <ul>
            {shell.nav
              .flatMap(({ items }) => items)
              .map((item) => (
                <NavLink key={item.href} item={item} />
              ))}
          </ul>
        </details>
      </nav>
      <div class="frame">
        <nav class="side" aria-label={t.console}>
          {shell.nav.map((group) => (
            <Side key={group.title} group={group} />
          ))}
        </nav>
        {children}
      </div>
      <footer class="foot">
        <span>Talanoa</span>
        <span>{t.timesAreIn(useContext(ReaderContext).zone)}</span>
        <a href="/docs">{t.help}</a>
        <a href="/api/docs">{t.api}</a>
        <a href="/console/keyboard">{t.keyboard}</a>
      </footer>
    </>
  );
}

/** Brand, search, and the links of the person. */
function Top({ shell }: { readonly shell: Shell }): JSX.Element {
  const t = useMessages().frame;
  return (
    <header class="top">
      <a class="brand" href="/console">
        <Logo />
        <span>{shell.hub}</span>
      </a>
      <form class="find" role="search" action="/console/search">
        <label class="vh" for="find">
          {t.searchTheHub}
        </label>
        <input id="find" type="search" name="q" maxLength={2000} placeholder={t.pasteAValueHash} />
        <button class="btn">{t.search}</button>
      </form>
      <nav class="who" aria-label={t.account}>
        {shell.canPublish ? (
          <a class="btn go s" href="/console/publish">
            {t.publish}
          </a>
        ) : undefined}
        <a href="/console/account">
          <Icon name="person" /> <span class="wide-only">{t.account}</span>
          <span class="vh only-phone">{t.account}</span>
        </a>
      </nav>
    </header>
  );
}

function Side({ group }: { readonly group: NavGroup }): JSX.Element {
  return (
    <section>
      <h2>{group.title}</h2>
      <ul>
        {group.items.map((item) => (
          <NavLink key={item.href} item={item} />
        ))}
      </ul>
    </section>
  );
}

function NavLink({ item }: { readonly item: NavItem }): JSX.Element {
  return (
    <li>
      <a href={item.href} aria-current={item.isCurrent ? 'page' : undefined}>
        {item.text}
      </a>
    </li>
  );
}

function Logo(): JSX.Element {
  return (
    <svg
      width="132"
      height="27"
      viewBox="0 3 195 40"
      fill="none"
      stroke="currentColor"
      stroke-width="3.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      role="img"
      aria-label="Talanoa"
      dangerouslySetInnerHTML={{ __html: WORD_MARK }}
    />
  );
}
