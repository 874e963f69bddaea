import { nearest } from '../../kernel/nearest.ts';
import { algorithmLike, vocabulary } from '../formats.ts';
import { kindOf } from '../types.ts';
import { propertiesOf } from '../validation/schema-stage.ts';
import { eachTest, type Pattern } from './ast.ts';
import { printPath } from './print.ts';

export interface Advice {
  readonly rule: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/**
 * Returns advice for a valid pattern that is probably a mistake: unknown properties, and unknown names of hashes (STIX
 * 2.1 §10.7).
 */
export function patternAdvice(pattern: Pattern): readonly Advice[] {
  const found = new Map<string, Advice>();
  for (const warning of pattern.warnings)
    found.set(warning, { rule: 'W-pattern', message: warning, suggestion: undefined });
  eachTest(pattern.root, ({ path }) => {
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
  return [...found.values()].slice(0, 20);
}
