// Measures the speed of the validator on one core: indicators, objects of a real report, patterns, and the longest
// pattern. Usage: npm run bench:validate. The script asserts nothing. It prints the target next to each result.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parsePattern } from '../dist/stix/pattern/parser.js';
import { validateObject } from '../dist/stix/validation/validate.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'fixtures', 'stix');
const manifest = JSON.parse(readFileSync(join(fixtures, 'manifest.json'), 'utf8'));
const objects = manifest.valid
  .filter(({ raw }) => raw !== true)
  .flatMap(({ file }) => {
    const value = JSON.parse(readFileSync(join(fixtures, file), 'utf8'));
    return value.type === 'bundle' ? (value.objects ?? []) : [value];
  });
const indicators = Array.from({ length: 20_000 }, (_, i) => ({
  type: 'indicator', spec_version: '2.1', id: `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: `Host ${i}`, description: 'beacon traffic toward a staging host',
  indicator_types: ['malicious-activity'], pattern: `[url:value = 'http://${i}.example/index.php' OR domain-name:value = '${i}.example']`,
  pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z', labels: ['bench'], kill_chain_phases: [{ kill_chain_name: 'lockheed-martin-cyber-kill-chain', phase_name: 'delivery' }],
  object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
})); // prettier-ignore
const patterns = JSON.parse(readFileSync(join(fixtures, 'patterns.json'), 'utf8'))
  .filter(({ valid }) => valid)
  .map(({ pattern }) => pattern);

/** Runs for one second, three times, and returns the median. */
function rate(list, work) {
  const rates = [];
  for (let round = 0; round < 4; round++) {
    let done = 0;
    const begun = performance.now();
    while (performance.now() - begun < 1_000) for (let i = 0; i < 500; i++) work(list[done++ % list.length]);
    rates.push((done / (performance.now() - begun)) * 1000);
  }
  return rates.slice(1).toSorted((a, b) => a - b)[1];
}
const line = (name, value, target) => console.log(`${name.padEnd(56)} ${value.padEnd(16)} ${target}`);
const shown = (n) => Math.round(n).toLocaleString('en');
line('what, a second on one core', 'measured', 'target');
line('indicators with patterns', shown(rate(indicators, (object) => validateObject(object))), '≥ 20,000');
line('   without advice, as on the way into the hub', shown(rate(indicators, (object) => validateObject(object, { advice: false }))), ''); // prettier-ignore
line(`objects of every type (${objects.length} of the vectors)`, shown(rate(objects, (object) => validateObject(object))), '≥ 10,000'); // prettier-ignore
line(`patterns (median ${patterns.map((p) => p.length).toSorted((a, b) => a - b)[patterns.length >> 1]} characters)`, shown(rate(patterns, (pattern) => parsePattern(pattern))), '≥ 100,000'); // prettier-ignore
const worst = [
  `[${"file:name = 'a' OR ".repeat(3_400)}file:name = 'a']`,
  `[file:name MATCHES '${'(a|b)*'.repeat(10_000)}']`,
  `[file:name IN (${"'x', ".repeat(12_000)}'x')]`,
  `${"[file:name = 'a'] AND ".repeat(2_900)}[file:name = 'a']`,
  `[file:name = '${"\\\\'".repeat(20_000)}']`,
].map((pattern) => {
  const begun = performance.now();
  try {
    parsePattern(pattern.slice(0, 65_536));
  } catch {
    // A rejection is a response, too.
  }
  return performance.now() - begun;
});
line('slowest of five patterns of 64 KiB, ms', Math.max(...worst).toFixed(1), '≤ 200');
