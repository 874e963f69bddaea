// `npm start`: builds where the compiler is installed, otherwise runs the build that was prepared.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const main = join(root, 'dist', 'main.js');
const canBuild = existsSync(join(root, 'node_modules', 'typescript')) && existsSync(join(root, 'src'));

if (canBuild) {
  process.stderr.write('Building Talanoa. This takes about a minute on a small machine.\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
if (existsSync(main)) {
  process.argv = [process.execPath, main, 'serve', ...process.argv.slice(2)];
  await import(main);
} else {
  process.stderr.write(
    'error: Talanoa is not built, and the packages that build it are not installed.\n' +
      '  Try: npm ci && npm run build. After that, npm ci --omit=dev removes the packages that only the build needs.\n',
  );
  process.exitCode = 1;
}
