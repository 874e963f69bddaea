import { Problem } from '../../kernel/problem.ts';

/** Returns undefined if the person cannot see the response. The page then leaves out the parts that need it. */
export async function allowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem && (error.kind === 'forbidden' || error.kind === 'not-found'))
      return undefined;
    throw error;
  }
}
