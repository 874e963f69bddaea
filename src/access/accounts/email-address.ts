/** True for a text that can be an email address: one line with one recipient. */
export function isAddress(text: string): boolean {
  return (
    /^[^\s@<>,;:"()[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+$/.test(text) && text.length <= 254
  );
}
