import { expect, test } from '@jest/globals';
import { mayChooseName, nameAdvice } from '../../src/access/chosen-names.ts';
import type { Principal } from '../../src/access/principal.ts';

test('a member can choose names that begin with its own name, unless they also begin with the longer name of another member', () => {
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

test('the advice for a refused name is a name that the member can choose, how to choose one, or hub staff if none fits', () => {
  const others = new Map([['tonga', {}], ['tonga-gov', {}], ['m'.repeat(61), {}]]); // prettier-ignore
  const may = (member: string, name: string): boolean =>
    mayChooseName({ kind: 'account', role: 'officer', member } as Principal, name, member, others);
  for (const [member, name] of [
    ['tonga', 'wall'],
    ['tonga', 'govt'],
    ['tonga', 'w'.repeat(63)],
    ['tonga-gov', 'wall'],
    ['m'.repeat(61), 'wall'],
  ] as const) {
    const proposal = /such as ([a-z0-9-]+)\.$/.exec(nameAdvice(name, member, others))?.[1] ?? '';
    expect([proposal.length <= 63, proposal.length > member.length + 1, may(member, proposal)]).toEqual([
      true,
      true,
      true,
    ]);
  }
  // The member cannot choose tonga-gov either, nor what begins with it.
  for (const name of ['gov', 'gov-wall'])
    expect(nameAdvice(name, 'tonga', others)).toBe(
      'Choose another name that begins with tonga-, and not with the name of another member.',
    );
  for (const length of [62, 63])
    expect(nameAdvice('wall', 'm'.repeat(length), others)).toMatch(
      /is too long to add a hyphen and more characters\. Ask hub staff/,
    );
});
