import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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
  readonly secrets?: string[];
}

describe('compose.yml', () => {
  const file = parse(readFileSync(join(root, 'compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, { internal?: boolean }>;
    volumes: Record<string, unknown>;
    secrets: Record<string, unknown>;
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
    const script = readFileSync(join(root, 'deploy', 'mongodb', 'secrets.sh'), 'utf8');
    for (const [name] of members) expect(script).toContain(name);
  });

  test('both hubs share one master key, and every secret is a file', () => {
    for (const name of ['hub-1', 'hub-2']) {
      const hub = file.services[name];
      expect(hub?.secrets).toEqual(['mongodb_uri', 'master_key']);
      expect(hub?.environment).toMatchObject({
        MONGODB_URI_FILE: '/run/secrets/mongodb_uri',
        TALANOA_MASTER_KEY_FILE: '/run/secrets/master_key',
      });
    }
    for (const service of Object.values(file.services)) {
      for (const secret of service.secrets ?? []) expect(file.secrets).toHaveProperty(secret);
      for (const variable of Object.keys(service.environment ?? {}))
        expect(variable).not.toMatch(/(?:PASSWORD|SECRET|KEY|MONGODB_URI)$/);
    }
  });

  test('the script creates the secrets once, accessible only to their owner', () => {
    const folder = mkdtempSync(join(tmpdir(), 'talanoa-secrets-'));
    try {
      const make = () => spawnSync('sh', [join(root, 'deploy', 'mongodb', 'secrets.sh')], { cwd: folder });
      expect(make().status).toBe(0);
      const read = (name: string) => readFileSync(join(folder, 'secrets', name), 'utf8');
      const before = [read('master_key'), read('mongodb_password'), read('mongodb_uri')];
      expect(Buffer.from(read('master_key'), 'base64url')).toHaveLength(32);
      expect(read('mongodb_uri')).toContain(`hub:${read('mongodb_password')}@mongo-1`);
      expect(statSync(join(folder, 'secrets')).mode & 0o077).toBe(0);
      expect(make().status).toBe(0);
      expect([read('master_key'), read('mongodb_password'), read('mongodb_uri')]).toEqual(before);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('every base image is pinned by its digest', () => {
    const images = [
      ...readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^FROM (\S+)/gm),
      ...readFileSync(join(root, 'compose.yml'), 'utf8').matchAll(/^ +image: (?!talanoa)(\S+)/gm),
    ].map(([, image]) => image);
    expect(images).toHaveLength(4);
    for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });
});

describe('the image', () => {
  const file = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [, final = ''] = /^FROM [^\n]*\n(?![\s\S]*^FROM )([\s\S]*)/m.exec(file) ?? [];
  const compose = parse(readFileSync(join(root, 'compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };

  test('is built from files that the build may see', () => {
    const seen = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const copied = [...file.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    expect(copied).toContain('scripts/bundle.mjs');
    for (const source of copied) expect(seen).toContain(`!${source}`);
  });

  test('is built from everything that the build reads', () => {
    const [, first = ''] = /^FROM [^\n]* AS build\n([\s\S]*?)^FROM /m.exec(file) ?? [];
    const at = mkdtempSync(join(tmpdir(), 'talanoa-image-'));
    try {
      for (const [, sources = ''] of first.matchAll(/^COPY (.+) \S+$/gm))
        for (const source of sources.split(' '))
          cpSync(join(root, source), join(at, source), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'));
      // The compiler has run before this test. Here runs the step that reads other files.
      cpSync(join(root, 'dist'), join(at, 'dist'), { recursive: true });
      for (const made of ['program', 'checks']) rmSync(join(at, 'dist', made), { recursive: true });
      const main = readFileSync(join(root, 'src', 'main.ts'), 'utf8').replaceAll(".ts'", ".js'");
      // The bundle has replaced this output of the compiler.
      const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'esbuild'), ['--loader=ts'], {
        input: main,
      });
      writeFileSync(join(at, 'dist', 'main.js'), stdout);
      const node = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', cwd: at });
      expect(node(join('scripts', 'bundle.mjs'))).toMatchObject({ status: 0, stderr: '' });
      expect(node(join('dist', 'main.js'), '--version')).toMatchObject({ status: 0 });
    } finally {
      rmSync(at, { recursive: true, force: true });
    }
  }, 60_000);

  test('reads a settings file from the folder that every hub of compose.yml mounts, and has the documentation', () => {
    const folder = [...final.matchAll(/^WORKDIR (\S+)$/gm)].at(-1)?.[1];
    expect(folder).toBe('/etc/talanoa');
    for (const name of ['hub', 'hub-1', 'hub-2'])
      expect(compose.services[name]?.volumes).toContain(`./config:${String(folder)}:ro`);
    expect(final).toMatch(/^COPY docs docs$/m);
    expect(readFileSync(join(root, 'docs', 'how-to', 'install.md'), 'utf8')).toContain('config/talanoa.yaml');
  });

  test('has the command on its path, and a health check that follows the settings', () => {
    expect(final).toContain('exec node /app/dist/main.js "$@"');
    expect(final).toContain('/usr/local/bin/talanoa && chmod 755');
    expect(final).toMatch(/^HEALTHCHECK .*CMD \["talanoa", "health", "--quiet"\]$/m);
    expect(final).not.toMatch(/HEALTHCHECK[\s\S]*6420/);
  });
});

describe('npm start', () => {
  let folder = '';
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'scripts', 'start.mjs'), ...args], { encoding: 'utf8' });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-start-'));
    mkdirSync(join(folder, 'scripts'));
    copyFileSync(join(root, 'scripts', 'start.mjs'), join(folder, 'scripts', 'start.mjs'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('runs a prepared build without the packages that built it', () => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'dist', 'main.js'), 'console.log(process.argv.slice(2).join(" "));');
    expect(start('--demo')).toMatchObject({ status: 0, stdout: 'serve --demo\n', stderr: '' });
  });

  test('prints a line before it builds, because that takes a while', () => {
    for (const name of ['dist', 'src', join('node_modules', 'typescript')])
      mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module","scripts":{"build":"node -e 1"}}');
    writeFileSync(join(folder, 'dist', 'main.js'), 'console.log("started");');
    expect(start()).toMatchObject({
      status: 0,
      stdout: 'started\n',
      stderr: expect.stringContaining('Building Talanoa'),
    });
  });

  test('explains what to do when there is neither a build nor a compiler', () => {
    const { status, stderr } = start();
    expect([status, stderr]).toEqual([1, expect.stringContaining('npm ci && npm run build')]);
  });
});

describe('the set-up of the replica set', () => {
  const script = readFileSync(join(root, 'deploy', 'mongodb', 'setup.js'), 'utf8');

  /** Runs the script with what mongosh offers it, for a server in this state. */
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
        require: () => ({ readFileSync: () => `${password}\n` }),
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

  test('takes only the missing steps, however often it runs and wherever it stopped', () => {
    const server = { set: false, user: false, primary: false };
    expect(run(server)).toEqual({ done: ['set of 3', USER], code: 0 });
    expect(run(server)).toEqual({ done: [], code: 0 });
    expect(run({ set: true, user: false, primary: false })).toEqual({ done: [USER], code: 0 });
  });

  test('does nothing with a weak password', () => {
    expect(run({ set: false, user: false, primary: false }, 'short')).toEqual({ done: [], code: 1 });
  });
});
