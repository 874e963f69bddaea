import { Option } from 'commander';
import { whole } from '../arguments.ts';
import type { AuditExportFlags, AuditFlags } from '../audit.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const auditCli = () => import('../audit.ts');

/** Declares the commands for the audit log. */
export function declareAudit({ program, command, io, ended }: CommandKit): void {
  const audit = program.command('audit').description('Read and verify the audit log').exitOverride();
  command(audit, 'list', 'List the last audit log entries, the newest first')
    .option('--who <account>', 'only entries about actions of this account')
    .option(
      '--what <text>',
      'only this action or resource, or its beginning, such as key.create or member/tonga',
    )
    .option(
      '--since <time>',
      'only entries from this time on: a time, a day, or a duration such as 24h or 7d',
    )
    .option('--until <time>', 'only entries before this time')
    .option('--last <number>', 'maximum number of entries (default: 100)', whole)
    .addOption(
      new Option('--order <order>', 'which entry comes first (default: newest)').choices([
        'newest',
        'oldest',
      ]),
    )
    .option(
      '--after <place>',
      'continue after this "next" value, or after this entry number with the oldest entry first; 0 is the start of the log',
    )
    .option('--limit <number>', 'the same as --last; with --after: entries per page', whole, 100)
    .action(async (flags: AuditFlags) => {
      ended(await (await auditCli()).auditList(flags, io));
    });
  command(audit, 'export', 'Export audit log entries as lines for a log system')
    .option('--after <place>', 'start after this entry number or "next" value', '0')
    .addOption(new Option('--format <format>', 'format of a line').choices(['jsonl', 'cef']).default('jsonl'))
    .action(async (flags: AuditExportFlags) => {
      ended(await (await auditCli()).auditExport(flags, io));
    });
  command(audit, 'verify', 'Verify that no audit log entry was changed').action(
    async (flags: CommonFlags) => {
      ended(await (await auditCli()).auditVerify(flags, io));
    },
  );
}
