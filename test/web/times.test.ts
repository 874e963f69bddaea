import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator } from '../support/builders.ts';
import { CONSOLE_SETTINGS, signedInAs, textOf } from '../support/console.ts';
import { MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    CONSOLE_SETTINGS.replace('hub: { title: Test hub', 'hub: { title: Test hub, time_zone: Pacific/Fiji'),
  );
});
afterAll(() => t.stop());

describe('times on the pages of the console', () => {
  test('are in the time zone of the hub, also on pages that keep the API’s time for programs', async () => {
    const object = anIndicator({ valid_until: '2999-01-02T03:04:05Z' });
    await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [object] });
    const [sina, lani] = [await signedInAs(t, 'sina'), await signedInAs(t, 'lani')];
    // An administrator sees the first steps of a new hub instead of its latest objects.
    for (const [who, path] of [
      [lani, '/console'],
      [sina, '/console/account'],
      [sina, '/console/health'],
    ] as const) {
      const page = await who.get(path);
      const text = textOf(page);
      expect([path, /\d{4}-\d\d-\d\d \d\d:\d\d \+12:00/.test(text)]).toEqual([path, true]);
      expect(text).toContain('Times are in Pacific/Fiji');
      expect(text).not.toContain('UTC');
      const [, machine = '', shown = ''] =
        /<time datetime="([^"]*)"[^>]*>(\d{4}-\d\d-\d\d \d\d:\d\d) \+12:00/i.exec(page.text) ?? [];
      expect(Date.parse(`${shown.replace(' ', 'T')}+12:00`)).toBe(Date.parse(machine.slice(0, 16) + 'Z'));
    }
  });

  test('stay in one piece with the words before them', async () => {
    const object = anIndicator({ valid_until: '2999-01-02T03:04:05Z' });
    await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [object] });
    const { text } = await (await signedInAs(t, 'lani')).get('/console');
    // The parts of a state are arranged next to each other, so a sentence has to be one part.
    expect(text).toMatch(/<span>Active until <time [^>]*>2999-01-02<\/time><\/span>/i);
    const style = await supertest(t.hub.app).get(
      /href="(\/assets\/talanoa[^"]*\.css)"/.exec(text)?.[1] ?? '',
    );
    expect(style.text).toMatch(/\.st time ?\{ ?white-space: ?nowrap/);
  });
});
