import { LANGUAGES, type Language } from '../../../kernel/languages.ts';
import { en, type Messages } from './en.ts';
import { fr } from './fr.ts';

const TEXTS: Readonly<Record<Language, Messages>> = { en, fr };

/** Returns the texts of a language. */
export function messagesIn(language: Language): Messages {
  return TEXTS[language];
}

/**
 * Returns the language that a browser prefers (RFC 9110 §12.5.4), among those that the hub has. `fallback` is for
 * readers who name none of them.
 */
export function preferredLanguage(header: string | undefined, fallback: Language): Language {
  let best: Language | undefined;
  let most = 0;
  for (const range of (header ?? '').slice(0, 1_000).split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const language = LANGUAGES.find((one) => name === one || name.startsWith(`${one}-`));
    const weight = parameters.find((part) => part.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    if (language !== undefined && quality > most && quality <= 1) [best, most] = [language, quality];
  }
  return best ?? fallback;
}
