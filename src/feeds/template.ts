/** Between the values of a column that has several. */
export const SEVERAL = '\u001f';

/** A record of a feed: its columns by name. */
export type Row = Readonly<Record<string, string>>;

const PART = /\{([^{}|]+)((?:\|[^{}|]+)*)\}/g;

function apply(values: readonly string[], filter: string): readonly string[] {
  const colon = filter.indexOf(':');
  const name = colon < 0 ? filter : filter.slice(0, colon);
  const argument = colon < 0 ? '' : filter.slice(colon + 1);
  switch (name) {
    case 'lower':
      return values.map((value) => value.toLowerCase());
    case 'upper':
      return values.map((value) => value.toUpperCase());
    case 'split':
      return values
        .flatMap((value) => value.split(argument === '' ? ',' : argument))
        .map((value) => value.trim());
    case 'before':
      return values.map((value) => value.split(argument)[0] ?? '');
    case 'default':
      return values.length === 0 ? [argument] : values;
    default:
      throw new Error(`the template filter "${name}" is not known`);
  }
}

/**
 * Fills a template. `{column}` stands for a column, `{column|filter:argument|…}` for what filters make of it. Gives no
 * value when a column that it needs is empty, several when a filter splits.
 */
export function fill(template: string, row: Row): readonly string[] {
  const whole = /^\{([^{}|]+)((?:\|[^{}|]+)*)\}$/.exec(template);
  if (whole !== null) return filled(row, whole[1] ?? '', whole[2] ?? '');
  let missing = false;
  const text = template.replaceAll(PART, (_part, column: string, filters: string) => {
    const [value] = filled(row, column, filters);
    if (value === undefined) missing = true;
    return value ?? '';
  });
  return missing ? [] : [text];
}

function filled(row: Row, column: string, filters: string): readonly string[] {
  const value = row[column];
  // A column of a structured record may have several values.
  let values: readonly string[] = value === undefined || value === '' ? [] : value.split(SEVERAL);
  for (const filter of filters.split('|').slice(1)) values = apply(values, filter);
  return values.filter((item) => item !== '');
}

/** The one value of a template, or undefined. */
export function fillOne(template: string | undefined, row: Row): string | undefined {
  return template === undefined ? undefined : fill(template, row)[0];
}
