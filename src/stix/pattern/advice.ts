import { nearest } from '../../kernel/nearest.ts';
import { algorithmLike, vocabulary } from '../formats.ts';
import { kindOf } from '../types.ts';
import { propertiesOf } from '../validation/schema-stage.ts';
import { urlFault } from '../urls.ts';
import { eachTest, type Pattern, type Test } from './ast.ts';
import { printPath } from './print.ts';

export interface Advice {
  readonly rule: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

const NOTHING: readonly Advice[] = [];

/**
 * Returns advice for a valid pattern that is probably a mistake: unknown properties, unknown names of hashes (STIX 2.1
 * §10.7), and texts that no URL can equal, such as defanged ones.
 */
export function patternAdvice(pattern: Pattern): readonly Advice[] {
  const found = new Map<string, Advice>();
  for (const warning of pattern.warnings)
    found.set(warning, { rule: 'W-pattern', message: warning, suggestion: undefined });
  eachTest(pattern.root, (test) => {
    const { path } = test;
    for (const advice of urlAdvice(test)) found.set(advice.message, advice);
    const [first, second] = path.steps;
    if (first === undefined || !('name' in first) || kindOf(path.type) !== 'sco') return;
    const known = propertiesOf(path.type);
    if (!known.has(first.name)) {
      const suggestion = nearest(first.name, known.keys());
      const message = `${path.type} has no property "${first.name}"`;
      found.set(message, { rule: 'P-020', message, suggestion });
    } else if (first.name === 'hashes' && second !== undefined && 'name' in second) {
      const meant = vocabulary('hash-algorithm-ov').has(second.name) ? undefined : algorithmLike(second.name);
      if (meant !== undefined) {
        const message = `${printPath(path)} names no algorithm of the standard`;
        found.set(message, { rule: 'W-hash', message, suggestion: `'${meant}'` });
      }
    }
  });
  return found.size === 0 ? NOTHING : [...found.values()].slice(0, 20);
}

/** A defanged or impossible URL in a pattern is well-formed, but nothing ever matches it. */
function urlAdvice(test: Test): readonly Advice[] {
  const [step] = test.path.steps;
  const isUrl =
    test.path.type === 'url' && test.path.steps.length === 1 && step !== undefined && 'name' in step && step.name === 'value'; // prettier-ignore
  if (!isUrl || test.kind !== 'test' || (test.operator !== '=' && test.operator !== 'IN')) return NOTHING;
  const advice: Advice[] = [];
  for (const { value } of test.constants) {
    const fault = typeof value === 'string' ? urlFault(value) : undefined;
    if (fault === undefined || fault.isReadable) continue;
    const [message = ''] = fault.message.split('; did you mean');
    advice.push({ rule: 'W-pattern', message: `no URL matches: ${message}`, suggestion: fault.suggestion });
  }
  return advice;
}
