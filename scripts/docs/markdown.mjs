/** Returns text that is safe in a table cell. */
export function cell(text) {
  return String(text)
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('<', '&lt;')
    .replaceAll('*', '\\*');
}

export function code(text) {
  return `\`${String(text).replaceAll('|', '\\|')}\``;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Ends a text with a full stop. Begins it with a capital letter unless it begins with a name and a colon, or with `a-z`. */
export function sentence(text) {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const begun = /^(?!an? )[\w, -]+:|^a-z/.test(trimmed)
    ? trimmed
    : `${trimmed[0].toUpperCase()}${trimmed.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
