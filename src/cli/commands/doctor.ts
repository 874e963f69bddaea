import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const doctorCli = () => import('../doctor.ts');

/** Declares the command that checks the machine of the hub. */
export function declareDoctor({ program, command, io, ended }: CommandKit): void {
  command(program, 'doctor', 'Check disk, clock and database').action(async (flags: CommonFlags) => {
    ended(await (await doctorCli()).doctor(flags, io));
  });
}
