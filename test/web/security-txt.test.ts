import { afterEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

const PATH = '/.well-known/security.txt';
let t: TestHub;
afterEach(async () => {
  await t.stop();
});
const withHub = (hub: string): string => SETTINGS.replace('hub: { title: Test hub }', `hub: { ${hub} }`);
const fields = (text: string): [string, string][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    });

describe('security.txt', () => {
  test("lists the contacts from the settings in their order and expires after a month by the hub's clock", async () => {
    const clock = new TestClock();
    t = await testHub(
      withHub(
        'title: Test hub, url: "https://hub.example", security: { contacts: ["mailto:psirt@hub.example", "https://hub.example/report"], policy: "https://hub.example/policy", encryption: "openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f", languages: [en, fr] }',
      ),
      { clock },
    );
    const answer = await supertest(t.hub.app).get(PATH);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    const found = fields(answer.text);
    expect(found.filter(([name]) => name !== 'Expires')).toEqual([
      ['Contact', 'mailto:psirt@hub.example'],
      ['Contact', 'https://hub.example/report'],
      ['Encryption', 'openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f'],
      ['Preferred-Languages', 'en, fr'],
      ['Canonical', `https://hub.example${PATH}`],
      ['Policy', 'https://hub.example/policy'],
    ]);
    const expires = found.filter(([name]) => name === 'Expires');
    expect(expires).toHaveLength(1);
    const days = (Date.parse(expires[0]?.[1] ?? '') - clock.now()) / 86_400_000;
    expect(days).toBeGreaterThan(30);
    expect(days).toBeLessThanOrEqual(31);
    expect((await supertest(t.hub.app).head(PATH)).status).toBe(200);
  });

  test('does not exist without a security contact in the settings, even if there is a general contact', async () => {
    t = await testHub(withHub('title: Test hub, contact: duty@hub.example'));
    const answer = await supertest(t.hub.app).get(PATH);
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(answer.text).not.toContain('@');
  });

  test('requires a contact that mail programs and browsers can open, and a contact cannot inject another line', async () => {
    const faults = ['', 'duty@hub.example', 'http://hub.example/report', 'javascript:alert(1)', 'mailto:a@b.example\\nPolicy: x'].map((contact) =>
      testHub(withHub(`title: x, security: { contacts: ["${contact}"] }`)).then(
        async (hub) => {
          await hub.stop();
          return [contact, 'accepted'];
        },
        (error: Error) => [contact, error.message.includes('hub.security.contacts.0') ? 'refused' : error.message],
      ),
    ); // prettier-ignore
    expect((await Promise.all(faults)).map(([, outcome]) => outcome)).toEqual(faults.map(() => 'refused'));
    t = await testHub(SETTINGS);
  });
});
