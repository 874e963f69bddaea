import { rich, type Node } from '../rich.ts';

/** TLP:RED. */
export const red = {
  tlpRedForYou: 'TLP:RED for you',
  nothingWasGivenTo: 'Nothing was given to you.',
  forYourEyesOnly: 'For your eyes only. The sender can see that you have read it.',
  from: (by: string) => `From ${by}`,
  back: 'Back',
  tlpRed: 'TLP:RED',
  tlpRedForYouAlone: (strong: (text: Node) => Node, by: string, time: Node) =>
    rich`${strong('TLP:RED')}. For you alone: do not share it with anybody, and do not print it. From ${by}, ${time}.`,
};
