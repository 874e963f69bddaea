import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');

interface Service {
  readonly profiles?: string[];
  readonly depends_on?: Record<string, unknown>;
  readonly networks?: string[];
  readonly volumes?: string[];
  readonly ports?: string[];
  readonly environment?: Record<string, string>;
}

describe('compose.yml', () => {
  const file = parse(readFileSync(join(root, 'compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, { internal?: boolean }>;
    volumes: Record<string, unknown>;
  };

  test('names nothing that it does not declare', () => {
    for (const [name, service] of Object.entries(file.services)) {
      for (const other of Object.keys(service.depends_on ?? {})) expect(file.services).toHaveProperty(other);
      for (const network of service.networks ?? []) expect(file.networks).toHaveProperty(network);
      for (const volume of service.volumes ?? [])
        if (!volume.startsWith('.')) expect(file.volumes).toHaveProperty(String(volume.split(':')[0]));
      expect({ name, ports: (service.ports ?? []).every((port) => port.startsWith('127.0.0.1:')) }).toEqual({
        name,
        ports: true,
      });
    }
  });

  test('without a profile only the hub with the embedded store starts; MongoDB is reachable by the hubs alone', () => {
    const plain = Object.entries(file.services).filter(([, service]) => service.profiles === undefined);
    expect(plain.map(([name]) => name)).toEqual(['hub']);
    expect(file.networks['store']?.internal).toBe(true);
    const members = Object.entries(file.services).filter(([name]) => /^mongo-\d$/.test(name));
    expect(members).toHaveLength(3);
    for (const [, member] of members) {
      expect(member.networks).toEqual(['store']);
      expect(member.ports).toBeUndefined();
    }
    for (const [name] of members)
      expect(file.services['hub-1']?.environment?.['MONGODB_URI']).toContain(name);
  });
});

describe('the set-up of the replica set', () => {
  const script = readFileSync(join(root, 'deploy', 'mongodb', 'setup.js'), 'utf8');

  /** What mongosh offers to the script, over a server in this state. */
  const run = (server: { set: boolean; user: boolean; primary: boolean }, password = 'x'.repeat(20)) => {
    const done: string[] = [];
    let code = 0;
    const admin = {
      auth: () => {
        if (!server.user) throw new Error('Authentication failed');
        return { ok: 1 };
      },
      createUser: ({ user, roles }: { user: string; roles: { role: string; db: string }[] }) => {
        if (!server.primary) throw new Error('not primary');
        done.push(`user ${user} ${roles.map(({ role, db }) => `${role}@${db}`).join(' ')}`);
        server.user = true;
      },
    };
    try {
      runInNewContext(script, {
        process: { env: { MONGODB_PASSWORD: password } },
        print: () => undefined,
        sleep: () => (server.primary ||= server.set),
        quit: (status: number) => {
          code = status;
          throw new Error('quit');
        },
        db: {
          getSiblingDB: () => admin,
          hello: () => ({
            ...(server.set ? { setName: 'rs0' } : {}),
            isWritablePrimary: server.primary,
          }),
        },
        rs: {
          initiate: ({ members }: { members: unknown[] }) => {
            if (server.set) throw new Error('already initialized');
            done.push(`set of ${members.length}`);
            server.set = true;
          },
        },
      });
    } catch (error) {
      if (!(error instanceof Error && error.message === 'quit')) throw error;
    }
    return { done, code };
  };
  const USER = 'user hub readWrite@talanoa clusterMonitor@admin';

  test('takes only the steps that are missing, however often it runs and wherever it broke off', () => {
    const server = { set: false, user: false, primary: false };
    expect(run(server)).toEqual({ done: ['set of 3', USER], code: 0 });
    expect(run(server)).toEqual({ done: [], code: 0 });
    expect(run({ set: true, user: false, primary: false })).toEqual({ done: [USER], code: 0 });
  });

  test('does nothing with a weak password', () => {
    expect(run({ set: false, user: false, primary: false }, 'short')).toEqual({ done: [], code: 1 });
  });
});
