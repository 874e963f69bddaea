/**
 * Returns what is wrong with the syntax of a PCRE, without compiling or executing it: unbalanced groups or classes, an
 * unknown group opener, a quantifier with nothing to repeat or with reversed bounds. Executing an expression from
 * another person could take unlimited time. The check takes linear time.
 */
export function regexFault(source: string): string | undefined {
  let groups = 0;
  let repeatable = false;
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    switch (c) {
      case '\\':
        if (i + 1 >= source.length) return 'it ends with a backslash';
        i = escapeEnd(source, i);
        repeatable = true;
        break;
      case '[': {
        const end = classEnd(source, i);
        if (end < 0) return 'a character class has no closing ]';
        i = end;
        repeatable = true;
        break;
      }
      case '(': {
        const skip = groupOpener(source, i);
        if (typeof skip === 'string') return skip;
        i = skip.end;
        if (!skip.closed) groups++;
        repeatable = false;
        break;
      }
      case ')':
        if (--groups < 0) return 'a closing parenthesis has no opening one';
        repeatable = true;
        break;
      case '*':
      case '+':
      case '?':
        if (!repeatable) return `there is nothing to repeat before ${c}`;
        repeatable = false;
        if (source.charAt(i + 1) === '?' || source.charAt(i + 1) === '+') i++;
        break;
      case '{': {
        const repetition = repetitionAt(source, i);
        if (repetition === undefined) {
          repeatable = true; // a plain brace
          break;
        }
        if (!repeatable) return 'there is nothing to repeat before {';
        if (repetition.fault !== undefined) return repetition.fault;
        i = repetition.end;
        repeatable = false;
        if (source.charAt(i + 1) === '?' || source.charAt(i + 1) === '+') i++;
        break;
      }
      case '|':
      case '^':
        repeatable = false;
        break;
      default:
        repeatable = true;
    }
  }
  return groups > 0 ? 'a parenthesis is not closed' : undefined;
}

/** Returns the position of the last character of the escape at `start`. `\Q…\E` is one escape. */
function escapeEnd(source: string, start: number): number {
  if (source.charAt(start + 1) !== 'Q') return start + 1;
  const end = source.indexOf('\\E', start + 2);
  return end < 0 ? source.length : end + 1;
}

/** Returns the repetition that begins with the brace at `start`. Undefined when the brace stands for itself. */
function repetitionAt(
  source: string,
  start: number,
): { readonly end: number; readonly fault: string | undefined } | undefined {
  const bounds = /^\{(\d*)(,?)(\d*)\}/.exec(source.slice(start, start + 24));
  if (bounds === null || (bounds[1] === '' && bounds[3] === '')) return undefined;
  const isReversed = bounds[1] !== '' && bounds[3] !== '' && Number(bounds[1]) > Number(bounds[3]);
  const isLarge = Number(bounds[1]) > 65_535 || Number(bounds[3]) > 65_535;
  const fault = isReversed
    ? 'the bounds of a repetition are out of order'
    : isLarge
      ? 'a repetition is larger than 65,535'
      : undefined;
  return { end: start + bounds[0].length - 1, fault };
}

/**
 * Returns the position of the ] that closes the class opened at `start`, or -1. A ] directly after the opening is a
 * literal.
 */
function classEnd(source: string, start: number): number {
  let i = start + 1;
  if (source.charAt(i) === '^') i++;
  if (source.charAt(i) === ']') i++;
  for (; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i++;
    else if (c === '[' && source.charAt(i + 1) === ':') {
      const end = source.indexOf(':]', i + 2);
      if (end > 0) i = end + 1;
    } else if (c === ']') return i;
  }
  return -1;
}

const OPENERS =
  /^\((?:\?(?:[:|>=!]|<[=!]|P?<[A-Za-z_]\w{0,31}>|'[A-Za-z_]\w{0,31}'|\(|[imsxnUJ^-]{1,12}[:)]|R\)|[+-]?\d{1,5}\)|&\w{1,32}\)|P[=>]\w{1,32}\)|C\d{0,3}\)|#)|\*[A-Z_:a-z0-9]{1,40}\))?/;

function groupOpener(source: string, start: number): { end: number; closed: boolean } | string {
  const opener = OPENERS.exec(source.slice(start, start + 64))?.[0] ?? '(';
  if (opener === '(' && source.charAt(start + 1) === '?') return 'a group begins with (? and an unknown sign';
  if (opener === '(?#') {
    const end = source.indexOf(')', start);
    return end < 0 ? 'a comment is not closed' : { end, closed: true };
  }
  // A conditional (?( … ) opens two parentheses. The first one to close ends its condition.
  if (opener === '(?(') {
    const end = source.indexOf(')', start);
    return end < 0 ? 'a condition is not closed' : { end, closed: false };
  }
  return { end: start + opener.length - 1, closed: opener.length > 1 && opener.endsWith(')') };
}
