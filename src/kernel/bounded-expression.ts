import { LONGEST_FORMED, LONG_FORMS } from './schema-faults.ts';

/** Ensures that regular expressions of schemas are matched only against texts of limited length. */
export function boundedExpression(
  source: string,
  flags: string,
): { test(text: string): boolean; toString(): string } {
  const expression = new RegExp(source, flags);
  if (LONG_FORMS.has(source)) return expression;
  // Ajv identifies regular expressions by their string form.
  return {
    test: (text) => text.length <= LONGEST_FORMED && expression.test(text),
    toString: () => expression.toString(),
  };
}

// Ajv writes this name where a check that is written to a file calls the function.
boundedExpression.code = 'boundedExpression';
