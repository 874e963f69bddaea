/** The texts of the script, in the language of the page. The tag that loads the script carries them. */
export interface Words {
  readonly account: string;
  readonly copy: string;
  readonly copied: string;
  readonly print: string;
  /** With `{time}` for the time at which the draft was kept. */
  readonly draft: string;
  readonly restore: string;
  readonly discard: string;
}

/** Returns the texts, which are in an attribute of the script element. */
export function pageWords(): Words {
  return JSON.parse((document.currentScript as HTMLElement).dataset['words'] ?? '{}') as Words;
}
