import { systemIds } from '../kernel/ids.ts';
import { gate, isGated, readObject } from '../kernel/json-gate.ts';
import { text } from '../stix/types.ts';
import { upgradeObject } from '../stix/upgrade.ts';
import { faultLine } from '../stix/validation/fault.ts';
import { EXIT, count, printable, readInput, type Io } from './io.ts';
import { writeJson } from './output.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

/**
 * `talanoa upgrade FILE`: converts a STIX 2.0 bundle to STIX 2.1 on standard output. Objects that cannot be converted
 * are reported on stderr.
 */
export function upgradeFile(file: string, flags: CommonFlags, io: Io): Promise<number> {
  const bytes = readInput(file);
  const document = gate(bytes);
  if (!document.hasObjects) throw commandErrors.notBundle({ file });
  const objects: unknown[] = [];
  let refused = 0;
  const notes: { readonly id: string; readonly message: string }[] = [];
  const faults: { readonly id: string; readonly message: string }[] = [];
  const tell = (line: string): void =>
    void (flags.json === true ? undefined : io.stderr.write(`${printable(line)}\n`));
  for (const [i, span] of document.objects.entries()) {
    const item = readObject(document, span);
    const outcome = isGated(item)
      ? upgradeObject(item.value)
      : {
          kind: 'refused' as const,
          faults: [{ level: 'error' as const, rule: 'S-001', pointer: item.pointer, message: item.message }],
        };
    const name = (isGated(item) ? text(item.value, 'id') : undefined) ?? `object ${i + 1}`;
    if (outcome.kind === 'refused') {
      refused++;
      for (const fault of outcome.faults) {
        faults.push({ id: name, message: faultLine(fault) });
        tell(`${name}: ${faultLine(fault)}`);
      }
      continue;
    }
    objects.push(outcome.object);
    for (const note of outcome.notes) {
      notes.push({ id: name, message: note });
      if (flags.quiet !== true) tell(`${name}: note: ${note}`);
    }
  }
  const id = document.members.get('id');
  const bundle = { type: 'bundle', id: typeof id === 'string' ? id : `bundle--${systemIds.uuid()}`, objects };
  if (flags.json === true) writeJson({ bundle, notes, refused: faults }, io);
  else io.stdout.write(`${JSON.stringify(bundle, null, 1)}\n`);
  if (flags.quiet !== true && flags.json !== true)
    io.stderr.write(
      `${count(objects.length)} ${objects.length === 1 ? 'object' : 'objects'}, ${count(refused)} refused\n`,
    );
  return Promise.resolve(refused > 0 ? EXIT.invalid : EXIT.done);
}
