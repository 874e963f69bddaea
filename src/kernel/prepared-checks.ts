import type { ValidateFunction } from 'ajv/dist/2020.js';

/**
 * Checks that are ready when the program starts, by the name of their schema. `scripts/bundle.mjs` generates them and
 * replaces this module, because a short command would need most of its time to compile the schema of the settings file.
 * This module has none, so sources and tests compile each schema.
 */
export const preparedChecks: Readonly<Record<string, ValidateFunction | undefined>> = {};
