import type { Readable } from 'node:stream';
import { urlOf } from '../../kernel/url.ts';
import type { Finding } from '../findings.ts';
import type { FindingMaker } from '../maker.ts';
import { Node } from '../node.ts';
import { attempt, wholeJson, type Step } from './format.ts';
import { feedErrors } from '../errors.ts';

/**
 * Reads an advisory of CSAF 2.0 or 2.1 (OASIS): a report, and its vulnerabilities with scores, weaknesses and
 * references.
 */
// oxlint-disable-next-line max-lines-per-function -- The parts of a document, in its order.
export async function* readCsaf(stream: Readable, make: FindingMaker): AsyncGenerator<Step> {
  const advisory = new Node(await wholeJson(stream));
  const document = advisory.at('document');
  const id = document.at('tracking', 'id').text;
  if (id === undefined) throw feedErrors.notCsaf();
  const tlp = document.at('distribution', 'tlp', 'label').text;
  // Read once per entry: a label that is not known makes every entry a bad one, and nothing is published without it.
  const shared = () => ({ tlp: tlp === undefined ? undefined : make.tlp(tlp) });
  const refs: string[] = [];
  let line = 0;
  let worst: number | undefined;
  const products = productsOf(advisory.at('product_tree'), 0).slice(0, 200);
  for (const vulnerability of advisory.all('vulnerabilities')) {
    const step = attempt(++line, vulnerability.at('cve').text ?? '', () => {
      const cve = vulnerability.at('cve').text;
      // Not every vulnerability has a CVE id. The advisory still describes it.
      if (cve === undefined) return { findings: [], filtered: 'no-cve' };
      const scores = scoresOf(vulnerability);
      for (const { score } of scores) worst = Math.max(worst ?? 0, score);
      const finding: Finding = make.vulnerability(cve, {
        ...shared(),
        description: noteOf(vulnerability, ['summary', 'description']) ?? vulnerability.at('title').text,
        labels: scores.slice(0, 1).map(({ severity }) => `severity:${severity}`),
        references: [
          ...scores.map(({ version, vector, score, severity }) => ({
            source_name: `cvss-v${version}`,
            external_id: vector,
            description: `base score ${score} (${severity})`,
          })),
          ...[...vulnerability.all('cwe'), ...vulnerability.all('cwes')].flatMap((cwe) => {
            const number = cwe.at('id').text;
            return number === undefined ? [] : [{ source_name: 'cwe', external_id: number }];
          }),
          ...linksOf(vulnerability),
        ],
      });
      refs.push(finding.id);
      return { findings: [finding] };
    });
    yield step;
  }
  const self = document
    .all('references')
    .find((one) => one.at('category').text === 'self')
    ?.at('url').text;
  const publisher = document.at('publisher', 'name').text;
  const released = make.past(document.at('tracking', 'initial_release_date').text);
  const current = make.past(document.at('tracking', 'current_release_date').text);
  yield attempt(++line, id, () => ({
    findings: [
      make.report({
        ...shared(),
        key: `${publisher ?? ''}|${id}`,
        name: document.at('title').text ?? id,
        description: [
          noteOf(document, ['summary', 'description', 'general']),
          products.length === 0 ? undefined : `Products: ${products.join('; ')}`,
        ]
          .filter((text) => text !== undefined)
          .join('\n\n'),
        published: released,
        created: released,
        modified: current,
        types: ['vulnerability'],
        labels: [
          'advisory',
          ...(document.at('tracking', 'status').text === undefined
            ? []
            : [`status:${document.at('tracking', 'status').text ?? ''}`]),
          ...(worst === undefined ? [] : [`severity:${severityOf(worst)}`]),
        ],
        references: [
          {
            source_name: publisher ?? 'csaf',
            external_id: id,
            ...(self === undefined || urlOf(self) === undefined ? {} : { url: self }),
          },
          ...linksOf(document),
        ],
        refs,
      }),
    ],
  }));
}

function linksOf(node: Node) {
  return node.all('references').flatMap((one) => {
    const url = one.at('url').text;
    const summary = one.at('summary').text;
    return url === undefined || urlOf(url) === undefined || one.at('category').text === 'self'
      ? []
      : [
          {
            source_name: 'reference',
            url,
            ...(summary === undefined ? {} : { description: summary.slice(0, 500) }),
          },
        ];
  });
}

function noteOf(node: Node, categories: readonly string[]): string | undefined {
  const notes = node.all('notes');
  for (const category of categories) {
    const found = notes.find((note) => note.at('category').text === category)?.at('text').text;
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Score {
  readonly version: string;
  readonly vector: string;
  readonly score: number;
  readonly severity: string;
}

/** Returns the CVSS scores, highest first. */
function scoresOf(vulnerability: Node): readonly Score[] {
  const found = new Map<string, Score>();
  const holders = [
    ...vulnerability.all('scores'),
    // CSAF 2.1 stores scores in `metrics`.
    ...vulnerability.all('metrics').map((metric) => metric.at('content')),
  ];
  for (const holder of holders)
    for (const name of ['cvss_v4', 'cvss_v3', 'cvss_v2']) {
      const cvss = holder.at(name);
      const vector = cvss.at('vectorString').text;
      const score = Number(cvss.at('baseScore').text);
      if (vector === undefined || !Number.isFinite(score)) continue;
      const version = cvss.at('version').text ?? name.slice(-1);
      found.set(vector, { version, vector, score, severity: severityOf(score) });
    }
  return [...found.values()].toSorted((a, b) => b.score - a.score);
}

/** Returns the severity rating of a base score (CVSS v3.1 §5). */
function severityOf(score: number): string {
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : 'none';
}

const DEEPEST_PRODUCT = 30;

/** Returns the full names of the products of an advisory. */
function productsOf(tree: Node, depth: number): readonly string[] {
  if (depth > DEEPEST_PRODUCT) return [];
  const named = [...tree.all('full_product_names'), ...tree.all('product')].flatMap(
    (product) => product.at('name').text ?? [],
  );
  return [...new Set([...named, ...tree.all('branches').flatMap((branch) => productsOf(branch, depth + 1))])];
}
