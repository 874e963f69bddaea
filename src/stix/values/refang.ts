/** Undoes common ways of defanging a value, only in the scheme and the host. */
export function refang(value: string): string {
  const [, scheme = '', rest = value] =
    /^(h(?:xx|\*\*|tt)ps?|fxp|ftp)(?:\[?:\]?\/\/|\[:\/\/\]|:\\\\)(.*)$/i.exec(value) ?? [];
  const cut = rest.search(/[/?#]/);
  const host = cut < 0 ? rest : rest.slice(0, cut);
  const path = cut < 0 ? '' : rest.slice(cut);
  const plainHost = host
    .replaceAll(/\[\.\]?|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\.|[。．｡]/gi, '.')
    .replaceAll(/\[@\]|\(at\)|\[at\]/gi, '@')
    .replaceAll('[:]', ':');
  if (scheme === '') return plainHost + path;
  const clear = scheme.toLowerCase().replace('xx', 'tt').replace('**', 'tt').replace('fxp', 'ftp');
  return `${clear}://${plainHost}${path}`;
}
