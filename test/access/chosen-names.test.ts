import { expect, test } from '@jest/globals';
import { mayChooseName } from '../../src/access/chosen-names.ts';
import type { Principal } from '../../src/access/principal.ts';

test('a member chooses names that begin with its own name, and with no longer name of another member', () => {
  const members = new Map([['tonga', {}], ['tonga-gov', {}], ['ton', {}]]); // prettier-ignore
  const officer = (member: string): Principal => ({ kind: 'account', role: 'officer', member }) as Principal;
  const may = (member: string, name: string): boolean =>
    mayChooseName(officer(member), name, member, members);
  expect([may('tonga', 'tonga-wall'), may('tonga-gov', 'tonga-gov-wall')]).toEqual([true, true]);
  expect([may('tonga', 'tonga-gov-wall'), may('tonga', 'wall'), may('ton', 'tonga-wall'), may('tonga', 'tongawall')]).toEqual([
    false, false, false, false,
  ]); // prettier-ignore
  // Hub staff name accounts after members.
  expect([may('tonga', 'tonga-gov'), may('tonga', 'tonga'), may('tonga', 'tonga-govt')]).toEqual([
    false,
    false,
    true,
  ]);
});
