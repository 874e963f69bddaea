/** Returns a function that writes whole numbers as a language does: 48,213 in English, 48 213 in French. */
export function countIn(language: string): (number: number) => string {
  const format = new Intl.NumberFormat(language);
  return (number) => format.format(number);
}

/** Returns a function that joins the items of a list: `Fiji, Samoa and Tonga`. */
export function listIn(language: string): (items: readonly string[]) => string {
  const format = new Intl.ListFormat(language === 'en' ? 'en-GB' : language);
  return (items) => format.format(items);
}
