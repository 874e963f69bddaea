import { statusOf, type Problem } from '../kernel/problem.ts';

/** Returns a problem as RFC 9457 problem details. */
export function problemDetails(problem: Problem): Readonly<Record<string, unknown>> {
  return {
    type: 'about:blank',
    title: problem.title,
    status: statusOf[problem.kind],
    code: problem.code,
    ...(problem.description === undefined ? {} : { detail: problem.description }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}
