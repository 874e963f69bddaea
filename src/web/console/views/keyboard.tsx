import type { JSX } from 'preact';
import { Block } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Screen } from '../../shared/screen.tsx';
import type { Messages } from '../../shared/messages/en.ts';

/** The keys of `src/web/browser/keys.ts`, by what they do. */
const KEYS: readonly (readonly [keyof Messages['keyboard']['keys'], readonly string[]])[] = [
  ['search', ['/']],
  ['publish', ['n']],
  ['overview', ['g', 'o']],
  ['find', ['g', 's']],
  ['review', ['g', 'r']],
  ['feeds', ['g', 'f']],
  ['members', ['g', 'm']],
  ['deliveries', ['g', 'd']],
  ['next', ['j']],
  ['previous', ['k']],
  ['select', ['x']],
  ['open', ['Enter']],
  ['leave', ['Esc']],
  ['help', ['?']],
];

/** The page that lists the keys of the console. */
export function Keyboard(): JSX.Element {
  const t = useMessages().keyboard;
  return (
    <Screen title={t.title} note={t.note}>
      <Block title={t.table} raw>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.key}</th>
              <th scope="col">{t.does}</th>
            </tr>
          </thead>
          <tbody>
            {KEYS.map(([name, keys]) => (
              <tr key={name}>
                <th scope="row">
                  {keys.map((key, i) => (
                    <>
                      {i === 0 ? '' : ` ${t.then} `}
                      <kbd>{key}</kbd>
                    </>
                  ))}
                </th>
                <td>{t.keys[name]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Block>
      <noscript>
        <p>{t.needsScript}</p>
      </noscript>
    </Screen>
  );
}
