/** The parts of a JSON schema that an example needs. */
export interface ShownSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, ShownSchema>>;
  readonly items?: ShownSchema;
}

/**
 * Returns an example of a value that a schema describes. Objects have their required properties, or else the first one.
 * Strings are the name of their property in uppercase letters, for the reader to replace.
 */
export function exampleOf(schema: ShownSchema, name = 'value'): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object': {
      const names = schema.required ?? Object.keys(schema.properties ?? {}).slice(0, 1);
      return Object.fromEntries(
        names.map((one) => [one, exampleOf(schema.properties?.[one] ?? {}, one)] as const),
      );
    }
    case 'array':
      return [exampleOf(schema.items ?? {}, name.replace(/s$/, ''))];
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return true;
    default:
      return name.toUpperCase();
  }
}
