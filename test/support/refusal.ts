import { expect } from '@jest/globals';

/** Matches the problem with a code. */
export const refusal = (code: string) => expect.objectContaining({ code });
