import { expect, test } from '@jest/globals';
import { atOnce } from '../../src/kernel/slices.ts';
import { narrowed, type Faceted } from '../../src/sharing/reading/search-filters.ts';

const item = (over: Partial<Faceted['facets']>): Faceted => ({
  facets: {
    ...{ type: ['indicator'], tlp: ['green'], state: ['valid'], collection: ['main'] },
    ...{ source: [], label: [], age: ['day'] },
    ...over,
  },
});
const valuesOf = (
  items: readonly Faceted[],
  chosen: Parameters<typeof narrowed>[1],
  facet: string,
): unknown => atOnce(narrowed(items, chosen)).facets.find((one) => one.facet === facet)?.values;

test('each facet is counted among the items that the other facets leave', () => {
  const items = [
    item({ label: ['phishing'] }),
    item({ label: ['bank'], state: ['expired'] }),
    item({ label: ['bank'], state: ['expired'], tlp: ['amber'] }),
  ];
  const chosen = { label: ['bank'], tlp: ['green'] };
  expect(atOnce(narrowed(items, chosen)).matching).toEqual([items[1]]);
  expect(valuesOf(items, chosen, 'label')).toEqual([
    { value: 'bank', count: 1, chosen: true },
    { value: 'phishing', count: 1, chosen: false },
  ]);
  expect(valuesOf(items, chosen, 'tlp')).toEqual([
    { value: 'green', count: 1, chosen: true },
    { value: 'amber', count: 1, chosen: false },
  ]);
  expect(valuesOf(items, chosen, 'state')).toEqual([{ value: 'expired', count: 1, chosen: false }]);
  expect(valuesOf(items, { state: ['revoked'] }, 'state')).toEqual([
    { value: 'revoked', count: 0, chosen: true },
    { value: 'expired', count: 2, chosen: false },
    { value: 'valid', count: 1, chosen: false },
  ]);
});

test('the work on many labels can pause after each item', () => {
  const labels = Array.from({ length: 100 }, (_, i) => `label-${i}`);
  const steps = narrowed([item({ label: labels }), item({ label: labels })], { label: ['label-99'] });
  expect([steps.next().done, steps.next().done]).toEqual([false, false]);
  expect(steps.next()).toMatchObject({ done: true, value: { matching: [{}, {}] } });
});
