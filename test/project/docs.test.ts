import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((item) => item.isDirectory())
  .map(({ name }) => name);
const pages = markdownIn('docs');
const written = [
  ...pages,
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...rooms.map((room) => `src/${room}/README.md`),
];

/** Returns a page without its blocks of code. */
function prose(file: string): string {
  return text(file).replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}

/** Returns the anchors of the headings of a page, as code hosts create them. */
function anchors(file: string): ReadonlySet<string> {
  return new Set(
    [...prose(file).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** Returns the links of a page that lead to a file or an anchor. */
function linksOf(file: string): { readonly path: string; readonly anchor: string }[] {
  return [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return {
        path: path === '' ? file : relative(root, resolve(root, dirname(file), path)),
        anchor,
      };
    });
}

describe('the documentation', () => {
  test('every link leads to a file and a heading that exist', () => {
    const broken = written.flatMap((file) =>
      linksOf(file)
        .filter(
          ({ path, anchor }) =>
            !existsSync(join(root, path)) ||
            (anchor !== '' && path.endsWith('.md') && !anchors(path).has(anchor)),
        )
        .map((link) => ({ file, ...link })),
    );
    expect(written.flatMap(linksOf).length).toBeGreaterThan(200);
    expect(broken).toEqual([]);
  });

  test('every page can be reached from the start page', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { path } of linksOf(file)) if (pages.includes(path)) visit(path);
    };
    visit('docs/README.md');
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });

  test('every page has one title, and is in the folder of its kind', () => {
    for (const page of pages) {
      expect([page, prose(page).match(/^# /gm)?.length]).toEqual([page, 1]);
      expect([page, /^docs\/(?:README\.md|(?:tutorials|how-to|reference|explanation|decisions)\/)/.test(page)]).toEqual([page, true]); // prettier-ignore
    }
  });

  test('every decision record has its status, date, context, decision and consequences', () => {
    const records = pages.filter((page) => /decisions\/\d{4}-/.test(page));
    expect(records.length).toBeGreaterThan(15);
    for (const record of records) {
      expect([record, text(record)]).toEqual([
        record,
        expect.stringMatching(
          /^# \d+\. .+\n\n- Status: .+\n- Date: \d{4}-\d\d-\d\d\n\n## Context\n[\s\S]+\n## Decision\n[\s\S]+\n## Consequences\n/,
        ),
      ]);
      expect(linksOf('docs/decisions/README.md').map(({ path }) => path)).toContain(record);
    }
  });

  test('the pages that messages and comments of the code name exist', () => {
    const sources = ['src', 'test', 'scripts', 'bench'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:m?ts|tsx|mjs)$/.test(name))
        .map((name) => `${folder}/${name}`),
    );
    const named = sources.flatMap((file) =>
      [...text(file).matchAll(/\bdocs\/[\w./-]+\.md\b/g)].map(([page]) => ({ file, page })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
  });

  test('the map of the code describes every room, and names only files that exist', () => {
    const map = text('ARCHITECTURE.md');
    for (const room of rooms) expect(map).toContain(`(src/${room}/README.md)`);
    for (const file of ['ARCHITECTURE.md', ...rooms.map((room) => `src/${room}/README.md`)]) {
      const own = file.startsWith('src/') ? dirname(file) : 'src';
      const paths = [...text(file).matchAll(/`([\w./-]+\.(?:tsx?|json|md)|[\w./-]+\/)`/g)].map(([, path = '']) => path); // prettier-ignore
      const missing = paths.filter(
        (path) =>
        [path, join('src', path), join(own, path), ...readdirSync(join(root, own)).map((inner) => join(own, inner, path))].every((place) => !existsSync(join(root, place))), // prettier-ignore
      );
      // A file that is named without its folder, next to one that has just been named with it.
      const bare = (path: string): boolean =>
        !path.includes('/') &&
        readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith(`/${path}`)); // prettier-ignore
      expect([file, missing.filter((path) => !bare(path))]).toEqual([file, []]);
    }
  });

  test('the generated references are up to date', () => {
    const made = spawnSync(process.execPath, [join(root, 'scripts/generate-docs.mjs'), '--check'], { encoding: 'utf8' }); // prettier-ignore
    expect([made.stderr, made.status]).toEqual(['', 0]);
  });

  test('the package and the image contain the documentation', () => {
    const { files } = JSON.parse(text('package.json')) as { files: string[] };
    expect(files).toContain('docs');
    expect(text('Dockerfile')).toMatch(/^COPY docs docs$/m);
    expect(text('.dockerignore')).toMatch(/^!docs$/m);
    expect(statSync(join(root, 'docs')).isDirectory()).toBe(true);
  });
});
