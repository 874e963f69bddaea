import { publish, receipt } from './en/publish.ts';

/** The texts of the console in English. They are the source: their type is what every other language must have. */
export const en = { publish, receipt };

/** The texts of a language. A language that lacks one does not compile. */
export type Messages = typeof en;
