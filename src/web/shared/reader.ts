import { createContext } from 'preact';
import { en, type Messages } from './messages/en.ts';

/** How a page addresses its reader. */
export interface Reader {
  /** The texts in the language of the reader. */
  readonly messages: Messages;
  /** IANA time zone in which the page shows times. */
  readonly zone: string;
  /** The colours that the person chose. Absent: those of the device. */
  readonly theme?: 'day' | 'night' | undefined;
  /** True for a person who asked for more contrast. */
  readonly isHighContrast?: boolean | undefined;
}

/** The reader of a page. */
export const ReaderContext = createContext<Reader>({ messages: en, zone: 'UTC' });
