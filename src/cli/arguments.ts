import { InvalidArgumentError } from 'commander';
import { nearest } from '../kernel/nearest.ts';
import { LIST_TOOLS } from '../sharing/lists/tools.ts';

/** Parsers for the values of flags. Each throws an error that the command line reports as a usage error. */

export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return Number(text);
}

export function days(text: string): number {
  const m = /^(\d{1,4})d?$/.exec(text);
  if (m === null) throw new InvalidArgumentError('Write it in days, such as 180d.');
  return Number(m[1]);
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

export function confidence(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
    throw new InvalidArgumentError('Write a whole number from 0 to 100.');
  return Number(text);
}

export function seconds(text: string): number {
  const m = /^(\d{1,5})s?$/.exec(text);
  if (m === null || Number(m[1]) < 1) throw new InvalidArgumentError('Write it in seconds, such as 60.');
  return Number(m[1]);
}

export function time(text: string): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Write a time in UTC, such as 2026-11-29T00:00:00Z.');
  return text;
}

export function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The name of a tool that fetches lists. */
export function listTool(text: string): string {
  const tools = LIST_TOOLS.map(({ name }) => name);
  if (tools.includes(text)) return text;
  const near = nearest(text, tools);
  throw new InvalidArgumentError(
    `Unknown tool: "${text.slice(0, 64)}". ${near === undefined ? '' : `Did you mean "${near}"? `}The tools are: ${tools.join(', ')}.`,
  );
}
