import { Problem } from '../../kernel/problem.ts';

/** Returns undefined where the person may not have the answer. A page leaves out what needs it. */
export async function allowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem && (error.kind === 'forbidden' || error.kind === 'not-found'))
      return undefined;
    throw error;
  }
}
