import { VALUES, linesFormat } from './format.ts';

/** One value per line, and nothing else. */
export const plain = linesFormat({
  name: 'plain',
  tools: 'any tool that reads one value per line',
  media: 'text/plain',
  acts: 'block',
  carries: VALUES,
  usual: VALUES,
  line: ({ text }) => text,
});
