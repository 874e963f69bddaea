/** The languages of texts for people. English comes first: it is the language of a hub without a setting. */
export const LANGUAGES = ['en', 'fr'] as const;

export type Language = (typeof LANGUAGES)[number];
