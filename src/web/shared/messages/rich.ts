import type { ComponentChildren } from 'preact';

/** A part of a sentence: text, or an element such as a link or a time. */
export type Node = ComponentChildren;

/**
 * Returns a sentence with elements in it, so that a language can put them where its grammar wants them. Each value of
 * the template is a part that the page has made.
 */
export function rich(texts: TemplateStringsArray, ...parts: readonly Node[]): Node[] {
  return texts.flatMap((text, i) => (i < parts.length ? [text, parts[i]] : [text]));
}
