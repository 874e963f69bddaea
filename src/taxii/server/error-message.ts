import { statusOf, type Problem } from '../../kernel/problem.ts';

/** Returns a problem as an error message of TAXII 2.1 §3.6.1, in which `http_status` is a string. */
export function errorMessage(problem: Problem, errorId: string): Readonly<Record<string, string>> {
  const description = [problem.description, problem.hint]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  return {
    title: problem.title,
    ...(description === '' ? {} : { description }),
    error_id: errorId,
    error_code: problem.code,
    http_status: String(statusOf[problem.kind]),
  };
}
