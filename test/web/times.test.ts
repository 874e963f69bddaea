import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONSOLE_SETTINGS, signedInAs, textOf } from '../support/console.ts';
import { testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    CONSOLE_SETTINGS.replace('hub: { title: Test hub', 'hub: { title: Test hub, time_zone: Pacific/Fiji'),
  );
});
afterAll(() => t.stop());

describe('times on the pages of the console', () => {
  test('are in the time zone of the hub, also on pages that keep the API’s time for programs', async () => {
    const sina = await signedInAs(t, 'sina');
    for (const path of ['/console', '/console/account', '/console/health']) {
      const page = await sina.get(path);
      const text = textOf(page);
      expect([path, /\d{4}-\d\d-\d\d \d\d:\d\d \+12:00/.test(text)]).toEqual([path, true]);
      expect(text).toContain('Times are in Pacific/Fiji');
      expect(text).not.toContain('UTC');
      const [, machine = '', shown = ''] =
        /<time datetime="([^"]*)"[^>]*>(\d{4}-\d\d-\d\d \d\d:\d\d) \+12:00/i.exec(page.text) ?? [];
      expect(Date.parse(`${shown.replace(' ', 'T')}+12:00`)).toBe(Date.parse(machine.slice(0, 16) + 'Z'));
    }
  });
});
