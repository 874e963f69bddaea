import { useContext } from 'preact/hooks';
import { ShellContext } from '../shell.ts';
import { en, type Messages } from './en.ts';

/** Returns the texts in the language of the reader. */
export function useMessages(): Messages {
  return useContext(ShellContext)?.messages ?? en;
}
