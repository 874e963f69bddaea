import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openAt, OpenHours, readHours } from '../../../src/members/contacts/hours.ts';

const text = (written: string): string => {
  const read = readHours(written);
  return 'reason' in read ? `${read.reason}: ${read.part}` : read.text;
};

describe('weekly hours', () => {
  test.each([
    ['mon-fri 8:30 - 16:30', 'Mon-Fri 08:30-16:30'],
    ['Monday 09:00-12:00 13:00-17:00; Tue 09:00-12:00, 13:00', 'unreadable: 13:00'],
    ['Mon 9:00-12:00 13:00-17:00, Tue 09:00-12:00 13:00-17:00', 'Mon-Tue 09:00-12:00 13:00-17:00'],
    ['lun\u2013ven 8h30-16h30\nsam. 09:00-12:00', 'Mon-Fri 08:30-16:30; Sat 09:00-12:00'],
    ['Sat-Mon 22:00-06:00', 'Mon 22:00-06:00; Sat-Sun 22:00-06:00'],
    ['24x7', '24/7'],
    ['Mon 00:00-24:00', 'Mon 00:00-24:00'],
    ['Mon 20:00-25:00', 'time: Mon 20:00-25:00'],
    ['Mon 08:00-08:00', 'time: Mon 08:00-08:00'],
    ['Mon-Fri 08:00-12:00; Wed 11:00-13:00', 'overlap: Wed 08:00-12:00'],
    ['Sun 20:00-08:00; Mon 07:00-09:00', 'overlap: Sun 20:00-08:00'],
    ['whenever', 'unreadable: whenever'],
    ['', 'empty: '],
  ])('%j is %s', (written, expected) => {
    expect(text(written)).toBe(expected);
  });

  test('hours in their usual form are read as they are written', () => {
    const minute = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
    const clock = (m: number): string =>
      `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(
        fc.constantFrom('Mon', 'Tue-Thu', 'Fri-Mon', 'Sun'),
        minute,
        minute,
        (days, from, until) => {
          const read = readHours(`${days} ${clock(from)}-${clock(until)}`);
          if ('reason' in read) expect(['time', 'overlap']).toContain(read.reason);
          else expect(text(read.text)).toBe(read.text);
        },
      ),
    );
  });
});

describe('whether a contact can be reached', () => {
  const at = (iso: string): number => Date.parse(iso);
  const tonga = { time_zone: 'Pacific/Tongatapu', hours: 'Mon-Fri 08:30-16:30' };
  const shown = (contact: Parameters<typeof openAt>[0], now: string): unknown => {
    const { changes, ...rest } = openAt(contact, at(now));
    return { ...rest, ...(changes === undefined ? {} : { changes: new Date(changes).toISOString() }) };
  };

  test('the date is that of the contact, across the date line', () => {
    // At the same moment it is Tuesday in Tonga and Monday in the Cook Islands.
    expect(shown(tonga, '2026-12-01T00:10:00Z')).toEqual({ state: 'open', local: '2026-12-01T13:10+13:00', weekday: 2, changes: '2026-12-01T03:30:00.000Z' }); // prettier-ignore
    expect(shown({ ...tonga, time_zone: 'Pacific/Rarotonga' }, '2026-12-01T00:10:00Z')).toEqual({ state: 'open', local: '2026-11-30T14:10-10:00', weekday: 1, changes: '2026-12-01T02:30:00.000Z' }); // prettier-ignore
  });

  test('a closed contact has the time of the next hours, after the weekend and holidays', () => {
    expect(shown(tonga, '2026-12-04T04:00:00Z')).toMatchObject({ state: 'closed', changes: '2026-12-06T19:30:00.000Z' }); // prettier-ignore
    expect(shown({ ...tonga, holidays: ['2026-12-07'] }, '2026-12-04T04:00:00Z')).toMatchObject({ changes: '2026-12-07T19:30:00.000Z' }); // prettier-ignore
    expect(shown({ ...tonga, holidays: ['2026-12-01'] }, '2026-12-01T00:10:00Z')).toMatchObject({ state: 'closed', changes: '2026-12-01T19:30:00.000Z' }); // prettier-ignore
  });

  test('hours that continue past midnight are open until their end', () => {
    const night = { time_zone: 'Pacific/Fiji', hours: 'Mon 20:00-24:00; Tue 00:00-06:00; Tue 20:00-04:00' };
    expect(shown(night, '2026-11-30T09:00:00Z')).toMatchObject({ state: 'open', changes: '2026-11-30T18:00:00.000Z' }); // prettier-ignore
    expect(shown(night, '2026-12-01T15:00:00Z')).toMatchObject({ state: 'open', changes: '2026-12-01T16:00:00.000Z' }); // prettier-ignore
  });

  test('hours are local where clocks change', () => {
    const nz = { time_zone: 'Pacific/Auckland', hours: 'Mon-Sun 09:00-17:00' };
    expect(shown(nz, '2026-09-26T03:00:00Z')).toMatchObject({ changes: '2026-09-26T05:00:00.000Z' });
    expect(shown(nz, '2026-09-27T03:00:00Z')).toMatchObject({ changes: '2026-09-27T04:00:00.000Z' });
  });

  test('a contact who is always there is open on holidays, and one without hours is unknown', () => {
    expect(shown({ ...tonga, hours: '24/7', holidays: ['2026-12-01'] }, '2026-12-01T00:10:00Z')).toMatchObject({ state: 'open' }); // prettier-ignore
    expect(shown({ time_zone: 'Pacific/Fiji' }, '2026-12-01T00:10:00Z')).toEqual({ state: 'unknown', local: '2026-12-01T12:10+12:00', weekday: 2 }); // prettier-ignore
  });
});

test('a remembered state equals the one that is found, at any moment', () => {
  const many = new OpenHours();
  const contacts = ['Mon-Fri 08:30-16:30', 'Mon 20:00-24:00; Tue 00:00-06:00', '24/7', undefined].flatMap(
    (hours) =>
      ['Pacific/Fiji', 'Pacific/Auckland', 'Pacific/Rarotonga'].map((zone) => ({
        time_zone: zone,
        holidays: ['2026-09-28'],
        ...(hours === undefined ? {} : { hours }),
      })),
  );
  const begin = Date.parse('2026-09-24T00:00:00Z');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 * 24 * 60 }), (minute) => {
      const now = begin + minute * 60_000;
      const at = many.at(now);
      for (const contact of contacts) expect(at(contact)).toEqual(openAt(contact, now));
    }),
  );
});
