import type { Principal } from '../access/principal.ts';
import type { Contacts } from '../members/contacts/service.ts';

/** A duty desk: its member, its time zone, its local hours, and a number that no network assigns. */
const DESKS: readonly (readonly [member: string, zone: string, hours: string, number: string])[] = [
  ['australia', 'Australia/Sydney', 'Mon-Fri 09:00-17:00', '+61 2 5550 0142'],
  ['cook-islands', 'Pacific/Rarotonga', 'Mon-Fri 08:00-16:00', '+682 00 120'],
  ['fiji', 'Pacific/Fiji', 'Mon-Fri 08:00-17:00', '+679 000 0142'],
  ['kiribati', 'Pacific/Tarawa', 'Mon-Fri 08:00-16:15', '+686 00 131'],
  ['marshall-islands', 'Pacific/Majuro', 'Mon-Fri 08:00-17:00', '+692 000 0110'],
  ['new-zealand', 'Pacific/Auckland', 'Mon-Fri 09:00-17:00', '+64 9 000 0142'],
  ['niue', 'Pacific/Niue', 'Mon-Fri 08:00-16:00', '+683 00 14'],
  ['palau', 'Pacific/Palau', 'Mon-Fri 08:00-17:00', '+680 000 0115'],
  ['papua-new-guinea', 'Pacific/Port_Moresby', 'Mon-Fri 08:00-16:00', '+675 000 0116'],
  ['samoa', 'Pacific/Apia', 'Mon-Fri 09:00-17:00', '+685 00 109'],
  ['solomon-islands', 'Pacific/Guadalcanal', 'Mon-Fri 08:00-16:30', '+677 00 117'],
  ['tonga', 'Pacific/Tongatapu', 'Mon-Fri 08:30-16:30', '+676 00 142'],
  ['tuvalu', 'Pacific/Funafuti', 'Mon-Fri 08:00-16:00', '+688 00 119'],
  ['vanuatu', 'Pacific/Efate', 'Mon-Fri 07:30-16:30', '+678 00 118'],
  ['nauru', 'Pacific/Nauru', 'Mon-Fri 09:00-17:00', '+674 000 0108'],
];

/** Adds a duty desk for most members of the demo, and the duty officer of the hub, unless there are contacts already. */
export async function addDemoContacts(contacts: Pick<Contacts, 'change' | 'list'>, administrator: Principal): Promise<void> {
  if ((await contacts.list(administrator)).length > 0) return;
  const add = (member: string, label: string, zone: string, hours: string, number: string, night: boolean) =>
    contacts.change(administrator, member, {
      fields: {
        label,
        purposes: night ? ['incident', '24x7'] : ['incident'],
        time_zone: zone,
        hours,
        phones: [{ number, kind: 'duty', visibility: 'members' }],
      },
      method: 'known-person',
    });
  await add('hub', 'Duty officer', 'Pacific/Fiji', '24/7', '+679 000 0100', true);
  await add('tonga', 'Duty mobile', 'Pacific/Tongatapu', '24/7', '+676 00 14 299', true);
  for (const [member, zone, hours, number] of DESKS) await add(member, 'Duty desk', zone, hours, number, false);
} // prettier-ignore
