import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';

/** TLP:RED. */
export const red: Messages['red'] = {
  tlpRedForYou: 'TLP:RED pour vous',
  nothingWasGivenTo: 'Rien ne vous a été transmis.',
  forYourEyesOnly: 'Pour vous seul. L’expéditeur voit que vous l’avez lu.',
  from: (by) => `De ${by}`,
  back: 'Retour',
  tlpRed: 'TLP:RED',
  tlpRedForYouAlone: (strong, by, time) =>
    rich`${strong('TLP:RED')}. Pour vous seul : ne le transmettez à personne et ne l’imprimez pas. De ${by}, le ${time}.`,
};
