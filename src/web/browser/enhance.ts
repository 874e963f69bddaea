// The one script of the console. Every page works without it. It adds buttons that need a browser, keeps what was typed,
// moves by keys, and refreshes the parts of a page that change while it is open.
import { addButtons } from './buttons.ts';
import { keepDrafts } from './drafts.ts';
import { listenForKeys } from './keys.ts';
import { keepLive } from './live.ts';
import { pageWords } from './page-words.ts';

const words = pageWords();
addButtons(document, words);
keepDrafts(words);
listenForKeys();
keepLive((part) => addButtons(part, words));
