import { useContext } from 'preact/hooks';
import { ReaderContext } from '../reader.ts';
import type { Messages } from './en.ts';

/** Returns the texts in the language of the reader. */
export function useMessages(): Messages {
  return useContext(ReaderContext).messages;
}
