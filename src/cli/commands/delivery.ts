import type { LagFlags } from '../delivery.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const deliveryCli = () => import('../delivery.ts');

/** Declares the commands that follow and explain deliveries. */
export function declareDelivery({ program, command, io, ended }: CommandKit): void {
  const delivery = program.command('delivery').description('Follow and explain deliveries').exitOverride();
  command(delivery, 'why', 'Explain why a member has received an object or not')
    .argument('<object>', 'id of the object')
    .argument('[member]', 'name of the member (default: that of your account)')
    .action(async (object: string, member: string | undefined, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryWhy(object, member, flags, io));
    });
  command(delivery, 'lag', 'Show the progress of each reader, and refused requests')
    .option('--account <name>', 'only this account')
    .option('--collection <name>', 'only this collection (id or alias)')
    .action(async (flags: LagFlags) => {
      ended(await (await deliveryCli()).deliveryLag(flags, io));
    });
  command(delivery, 'log', 'Show the deliveries of an object')
    .argument('<object>', 'id of the object')
    .action(async (object: string, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryLog(object, flags, io));
    });
  command(delivery, 'ask', 'Request acknowledgements from all readers of an object')
    .argument('<object>', 'id of the object')
    .requiredOption('--until <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (object: string, flags: CommonFlags & { until: string }) => {
      ended(await (await deliveryCli()).deliveryAsk(object, flags, io));
    });
  command(delivery, 'answer', 'Acknowledge an object as a member')
    .argument('<object>', 'id of the object')
    .argument('<answer>', 'acknowledged, not-ours or false-positive')
    .option('--note <text>', 'reason')
    .action(async (object: string, answer: string, flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).deliveryAnswer(object, answer, flags, io));
    });
}
