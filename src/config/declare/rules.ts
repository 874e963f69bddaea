import { USUAL_MAXIMUM } from '../../access/lowered-maximum.ts';
import { nearest } from '../../kernel/nearest.ts';
import { ruleFault, type RuleEnd } from '../../sharing/routing/rule-service.ts';
import type { Config } from '../config.ts';
import type { Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';
import { suggestion } from './suggestion.ts';

/** Declares a rule, with collection ids instead of aliases. */
export function declareRule(
  { name, from, to, ...rule }: Config['rules'][number],
  config: Config,
  wanted: Wanted,
): void {
  const endOf = (alias: string): RuleEnd => {
    const found = config.collections.find((one) => one.id === alias || one.alias === alias);
    if (found !== undefined)
      return { id: found.id, alias: found.alias, ownOf: undefined, max_tlp: found.max_tlp ?? USUAL_MAXIMUM };
    const near = nearest(alias, config.collections.flatMap((one) => one.alias ?? [])); // prettier-ignore
    throw settingsErrors.ruleCollectionUnknown({ rule: name, collection: alias }, suggestion(near));
  };
  const [source, target] = [endOf(from), endOf(to)];
  const others = config.rules
    .filter((other) => other.name !== name)
    .map((other) => ({ name: other.name, from: endOf(other.from).id, to: endOf(other.to).id }));
  const fault = ruleFault(source, target, rule.max_tlp, others);
  if (fault !== undefined) throw settingsErrors.ruleInvalid({ rule: name, reason: fault });
  wanted.rule.set(name, { ...rule, from: source.id, to: target.id });
}
