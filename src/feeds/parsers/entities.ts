import { Tokenizer } from 'htmlparser2';

/** The entities of XML itself (XML 1.0 §4.6). */
const OF_XML: Readonly<Record<string, string>> = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" };
const NAME = /^[A-Za-z][A-Za-z0-9]{1,31}$/;

/**
 * The entities of XML and of HTML by name, such as `eacute`, for a parser that looks them up. A name that HTML does not
 * define stands for its own text, so that one of them does not make a whole feed unreadable.
 */
export const HTML_ENTITIES: Record<string, string> = new Proxy(
  {},
  {
    get: (_target, name) => (typeof name === 'string' ? textOf(name) : undefined),
  },
);

function textOf(name: string): string {
  if (Object.hasOwn(OF_XML, name)) return OF_XML[name] ?? '';
  const written = `&${name};`;
  if (!NAME.test(name)) return written;
  let text = '';
  const nothing = (): void => undefined;
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      ontext: (start, end) => {
        text += written.slice(start, end);
      },
      ontextentity: (codePoint) => {
        text += String.fromCodePoint(codePoint);
      },
      onattribdata: nothing,
      onattribend: nothing,
      onattribentity: nothing,
      onattribname: nothing,
      oncdata: nothing,
      onclosetag: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onopentagend: nothing,
      onopentagname: nothing,
      onprocessinginstruction: nothing,
      onselfclosingtag: nothing,
    },
  );
  tokenizer.write(written);
  tokenizer.end();
  return text;
}
