import { counted, count } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** The page of the health of the hub. */
export const health = {
  health: 'Health',
  checkedAtTheSame: (time: Node, code: Node) => rich`Checked at ${time}. The same checks run with ${code}.`,
  checkAgain: 'Check again',
  memory: 'Memory',
  mb: (memoryMb: number) => `${count(memoryMb)} MB`,
  ofThisProcess: 'of this process',
  up: 'Up',
  version: (version: string) => `version ${version}`,
  objects: 'Objects',
  inCollection: (number: number) => `in ${counted(number, 'collection')}`,
  onHold: 'On hold',
  objectsThatWaitFor: 'objects that wait for a decision',
  checks: 'Checks',
  theCheckPassesAll: (number: number) =>
    number === 1 ? 'The check passes.' : `All ${count(number)} checks pass.`,
  ofCheck: (passed: number, number: number) =>
    `${count(passed)} of ${counted(number, 'check')} ${number === 1 ? 'passes' : 'pass'}.`,
  alarmsOfFeeds: 'Alarms of feeds',
  noAlarms: 'No alarms',
  aFeedThatIs: 'A feed that is late, failing or suspect appears here.',
  since: (time: Node, code: string) => rich`since ${time}, ${code}`,
  collections: 'Collections',
  noCollections: 'No collections',
  theSettingsFileOr: 'Create one in the settings file, with a command or with the API.',
  sizesOfTheCollections: 'Sizes of the collections',
  collection: 'Collection',
  apiRoot: 'API root',
  dayCount: (days: number) => counted(days, 'day'),
  hourCount: (hours: number) => counted(hours, 'hour'),
  minuteCount: (minutes: number) => counted(minutes, 'minute'),
};

/** The page of settings. */
export const settings = {
  sources: {
    default: 'default',
    file: 'file',
    demo: 'demo',
    'command line': 'command line',
    environment: 'environment',
  },
  unlimited: 'unlimited',
  yes: 'yes',
  no: 'no',
  none: 'none',
  sections: {
    hub: 'Hub',
    listen: 'Connections',
    sign_in: 'Sign-in',
    limits: 'Limits',
    egress: 'Outgoing connections',
  },
  settings: 'Settings',
  theValuesThatThe: 'The values that the hub uses. Secrets are never shown.',
  theDemoHasSettings: 'The demo has settings of its own. To run your own hub, start it without --demo.',
  theHubRunsWithout:
    'The hub runs without a settings file. To change a value, copy talanoa.example.yaml, and start the hub with --config.',
  changeAValueWhere: (file: string, revision: number) =>
    `Change a value where it is set, then restart the hub. The settings file is ${file}, revision ${revision}.`,
  process: 'Process',
  setting: 'Setting',
  value: 'Value',
  setBy: 'Set by',
  notSet: 'not set',
};
