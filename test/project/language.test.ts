import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Phrases that people wrote often and that read like a translation, each with a bad and a good example. */
const FORBIDDEN: readonly {
  readonly say: string;
  readonly pattern: RegExp;
  readonly bad: string;
  readonly good: string;
}[] = [
  {
    say: 'they, the account, the member: not he or his',
    pattern: /\b(?:he|him|his|himself)\b/i,
    bad: 'An account ends his sessions.',
    good: 'An account ends its sessions.',
  },
  {
    say: 'is not a …',
    pattern: /(?<!\b[Tt]here )\b(?:is|are) no (?!longer\b|more\b)/,
    bad: '"x" is no address',
    good: '"x" is not an address',
  },
  {
    say: 'name the subject instead of a clause with who',
    pattern: /(?:^|[.;:] )(?:Who|Whoever) (?!can (?:read|give|see)|may|needs|must)[^?|]*$/m,
    bad: 'Whoever waits leaves a note.',
    good: 'A waiting writer leaves a note.',
  },
  {
    say: 'name the subject instead of a clause with what',
    pattern: /(?:^|[.:;] )What [a-z][^.?|]*[^.?|]\.(?=\s|$)/m,
    bad: 'The channel is resumed. What has waited is sent now.',
    good: 'The channel is resumed. The waiting objects are sent now.',
  },
  {
    say: 'anything other than',
    pattern: /\b(?:any|every|no|some)(?:thing|body) else than\b/i,
    bad: 'Anything else than an object is refused.',
    good: 'Anything other than an object is refused.',
  },
  {
    say: 'inside, outside',
    pattern: /(?<!\bthe )\b(?:in|out)side of\b/i,
    bad: 'It is outside of the records.',
    good: 'It is outside the records.',
  },
  {
    say: 'instead of, replacing',
    pattern: /\bin (?:the )?place of\b/i,
    bad: 'A certificate in place of a key.',
    good: 'A certificate instead of a key.',
  },
  {
    say: 'no longer',
    pattern: /\bany ?more(?=[.,:;]|$)/,
    bad: 'The file does not exist any more.',
    good: 'The file no longer exists.',
  },
  {
    say: 'next to, in addition to, other than',
    pattern: /(?<![\w`.'#-])[Bb]eside (?=[a-z])/,
    bad: 'Members of an envelope beside its objects.',
    good: 'Members of an envelope other than its objects.',
  },
  {
    say: 'reveals, explains, shows',
    pattern: /\btells? (?:about|more about|nothing|how|who|what|which|whether|why)\b/,
    bad: 'The answer tells nothing about it.',
    good: 'The answer reveals nothing about it.',
  },
  {
    say: 'decide on',
    pattern: /\bdecid(?:e|es|ed|ing) about\b/i,
    bad: 'Administrators decide about claims.',
    good: 'Administrators decide on claims.',
  },
  {
    say: 'is in, is stored in',
    pattern: /\bstands? (?:in|there|here|twice|alone|beside)\b/,
    bad: 'the object stands in the collection',
    good: 'the object is in the collection',
  },
  {
    say: 'is reported, is notified',
    pattern: /\b(?:is|are|was|were) told\b/,
    bad: 'the account is told',
    good: 'the account is notified',
  },
  {
    say: 'continues',
    pattern: /\bgoes on\b/,
    bad: 'the hub goes on',
    good: 'the hub continues',
  },
  {
    say: 'as received, unchanged',
    pattern: /\bas (?:it|they) (?:came|stands?)\b/,
    bad: 'stored as they came',
    good: 'stored as received',
  },
  {
    say: 'email',
    pattern: /\bmails\b|\bby mail\b|\ba mail\b(?! server| program)/,
    bad: 'send a mail',
    good: 'send an email',
  },
  {
    say: 'affects',
    pattern: /\bwhom it concerns\b|\bwhat concerns\b/,
    bad: 'the members whom it concerns',
    good: 'the members that it affects',
  },
  {
    say: 'format, notation (CIDR) or canonical form; a form has fields',
    pattern:
      /\b(?:[Uu]se|has|have|of) the form (?!of a page)|\b(?:CIDR|normal) form\b|\bby (?:its|their) form\b/,
    bad: 'Use the form name@example.org.',
    good: 'Use the format name@example.org.',
  },
  {
    say: 'a response over HTTP; people answer',
    pattern: /\banswer(?:s|ed)? [1-5]\d\d\b|\b[45]xx answer|\b(?:[Tt]he|a) answer (?:has|sets|reports)\b/,
    bad: 'The hub answers 404.',
    good: 'The hub returns 404.',
  },
  {
    say: 'a server returns a status, and its response has a size',
    pattern:
      /\banswer(?:s|ed) with (?:the status|an error|a web page)\b|\b[Tt]he answer (?:is (?:empty|too)|of the (?:server|source|hub|store)|takes)\b/,
    bad: 'The source answered with the status 503.',
    good: 'The source returned the status 503. To see the answer of the owner, list the shares.',
  },
  {
    say: 'name the version instead of "Before,"',
    pattern: /(?:^|[.:;] )[Bb]efore, [a-z]/m,
    bad: 'The error has a code. Before, it was a plain text.',
    good: 'The error has a code. In version 0.1, it was a plain text.',
  },
  {
    say: 'cannot or must not (a rule), might not (a possibility)',
    pattern: /(?<!\bmay or )\bmay not\b/,
    bad: 'The caller may not read it.',
    good: 'The caller cannot read it.',
  },
  {
    say: 'uppercase',
    pattern: /\bin capitals\b/,
    bad: 'hexadecimal digits in capitals',
    good: 'uppercase hexadecimal digits',
  },
  {
    say: 'a request gets, or is refused with, a status',
    pattern: /\b(?:is|are) [45](?:\d\d|xx)\b/,
    bad: 'Malformed times are 400.',
    good: 'Malformed times are refused with 400.',
  },
  {
    say: 'indefinitely, endlessly',
    pattern: /\bwithout end\b/,
    bad: 'every 6 h without end',
    good: 'every 6 h indefinitely',
  },
  {
    say: 'a machine reports, states, lists, shows or explains; people say',
    pattern:
      /(?:\b(?:console|hub|page|command|log|start|receipt|feed|run|preview|output|outcome|response|removals|settings|status|README|thread|provider|source|preset|document|comments?|columns?|row|note|record|tombstone|problem|format|emails?|errors?) |`\w+` |^[-|] +|[^ .|] {2}|^|, (?:and|which) | and )(?:[Ss]ays|say|said) (?:which|what|how|when|why|that|whether|where|who|so|by|nothing)\b/,
    bad: 'The page says how it understood the input.',
    good: 'The page shows how it understood the input. A member says that it did not arrive.',
  },
  {
    say: 'forever',
    pattern: /\bfor ever\b/,
    bad: 'kept for ever',
    good: 'kept forever, for every reader',
  },
  {
    say: 'the requested …',
    pattern: /\b(?:that|than) (?:was|were) asked for\b/,
    bad: 'the version that was asked for',
    good: 'the requested version',
  },
  {
    say: 'people',
    pattern: /(?<![\w.'])[Pp]ersons(?![\w'])/,
    bad: 'TLP:RED goes to named persons.',
    good: 'TLP:RED goes to named people.',
  },
  {
    say: 'belongs in',
    pattern: /\bbelongs? into\b/,
    bad: 'A rule belongs into the file.',
    good: 'A rule belongs in the file.',
  },
  {
    say: 'that … reports, with the facts from',
    pattern: /\b[Ww]hoever says\b|\bbecause of (?:which|whom)\b|\bsays? the (?:most|same)\b/,
    bad: 'No list contains the value, whoever says that it is malicious.',
    good: 'No list contains the value, whoever reports it as malicious.',
  },
  {
    say: 'is accepted (a file), is interrupted (a walk), is created (a version)',
    pattern:
      /\bfiles? (?:is|are|that %s is) (?:not )?believed\b|\b(?:walk|collection|list)[^.]{0,20} that breaks off\b|\bmakes? no new versions?\b/,
    bad: 'a walk that breaks off makes no new version',
    good: 'an interrupted walk creates no new version',
  },
  {
    say: 'British spelling',
    pattern:
      /\b(?:organizations?|behaviors?|honor(?:s|ed)?|favor(?:s|ite)?|recogniz(?:e|es|ed)|synchroniz(?:e|es|ed)|canceled)\b/i,
    bad: 'the organization',
    good: 'the organisation',
  },
];

/** Texts that contain a phrase for a reason. */
const ALLOWED: readonly RegExp[] = [
  // A value of STIX.
  /^organization$/,
  // Migrations never change after a release, not even in their comments.
  /^\s*-- (?:Exact texts|Envelopes that were accepted|Objects that wait)/,
];

/** Comments, strings and templates of a source file. */
const TEXTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

/** Comments of tests and scripts. Their strings are data, often bad on purpose. */
const COMMENTS = /(?<=^[ \t]*)\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ [^\n]*(?:\n[ \t]*\/\/ [^\n]*)*/gm;

/** Texts between the tags of a page. */
const MARKUP = />[^<>{}]*[a-z] [a-z][^<>{}]*(?=[<{])/g;

/** Titles of tests, which also must not begin with a clause such as "what …". */
const TITLES = /\b(?:test|it|describe)(?:\.each\([\s\S]{0,400}?\))?\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g;

/** Beginnings of comments with a clause such as "What …". */
const HEADLESS = /(?:\/\*\*?\s*(?:\*\s*)?|\/\/\s*)((?:What|Who|Whose|Whom|Which|Whoever|Whatever) [^\n]*)/g;

interface Text {
  readonly file: string;
  readonly text: string;
}

function files(folder: string, end: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => end.test(name))
    .map((name) => join(folder, name));
}

/** The files of tests, measurements and scripts, without the bad examples of this file. */
function tools(): string[] {
  return ['test', 'bench', 'scripts']
    .flatMap((folder) => files(folder, /\.(?:ts|tsx|mjs)$/))
    .filter((file) => !file.endsWith('language.test.ts'));
}

function ofSource(file: string): Text[] {
  const source = readFileSync(file, 'utf8');
  const markup = file.endsWith('.tsx') ? (source.match(MARKUP) ?? []) : [];
  return [...(source.match(TEXTS) ?? []), ...markup].map((text) => ({
    file,
    text: text.replace(/^(?:\/\*\*?|\/\/|['"`>])\s*|\s*(?:\*\/|['"`])$/g, '').replace(/\n\s*\*/g, ''),
  }));
}

function ofComments(file: string): Text[] {
  return (readFileSync(file, 'utf8').match(COMMENTS) ?? []).map((text) => ({
    file,
    text: text.replace(/^(?:\/\*\*?|\/\/)\s*|\s*\*\/$/g, '').replace(/\n\s*(?:\*|\/\/)/g, ''),
  }));
}

function ofPage(file: string): Text[] {
  const prose = readFileSync(file, 'utf8')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`\n]*`/g, '');
  return prose.split('\n').map((text) => ({ file, text }));
}

function ofSchema(file: string): Text[] {
  return [...readFileSync(file, 'utf8').matchAll(/"(?:description|title)": "((?:[^"\\]|\\.)*)"/g)].map(
    ([, text = '']) => ({ file, text }),
  );
}

function ofTitles(file: string): Text[] {
  return [...readFileSync(file, 'utf8').matchAll(TITLES)].map(([, , text = '']) => ({ file, text }));
}

/** The faults of texts: the file, the text and what to write instead. */
function faults(texts: readonly Text[]): string[] {
  return texts.flatMap(({ file, text }) =>
    FORBIDDEN.filter(
      ({ pattern }) => pattern.test(text) && !ALLOWED.some((allowed) => allowed.test(text)),
    ).map(({ say }) => `${file}: ${say}: ${text.trim().slice(0, 120)}`),
  );
}

describe('the language', () => {
  test.each([
    [
      'pages of the documentation',
      () => [
        ...files('docs', /\.md$/).flatMap(ofPage),
        ...files('src', /\bREADME\.md$/).flatMap(ofPage),
        ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].flatMap(ofPage),
      ],
    ],
    [
      'messages and comments of the code',
      () => [...files('src', /\.tsx?$/).flatMap(ofSource), ...ofSource('scripts/docs/log-event-texts.mjs')],
    ],
    ['descriptions in schemas', () => files('schemas', /\.json$/).flatMap(ofSchema)],
    ['titles of tests', () => files('test', /\.ts$/).flatMap(ofTitles)],
    ['comments of tests and scripts', () => tools().flatMap(ofComments)],
  ])('%s contain none of the phrases that read like a translation', (_what, texts) => {
    const found = texts();
    expect(found.length).toBeGreaterThan(100);
    expect(faults(found)).toEqual([]);
  });

  test.each(FORBIDDEN)('a phrase is found: $bad', ({ bad, good }) => {
    expect(faults([{ file: 'x', text: bad }])).toHaveLength(1);
    expect(faults([{ file: 'x', text: good }])).toEqual([]);
  });

  test('comments have a subject', () => {
    const headless = [...files('src', /\.tsx?$/), ...tools()].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(HEADLESS)].map(([, text = '']) => `${file}: ${text}`),
    );
    expect(headless).toEqual([]);
    expect([
      ...'/** What a line consists of. */\n/**\n * Who may read.\n */\n// The line.'.matchAll(HEADLESS),
    ]).toHaveLength(2);
  });

  test('titles of tests have a subject', () => {
    const headless = files('test', /\.test\.ts$/)
      .flatMap(ofTitles)
      .filter(({ text }) => /^(?:what|who|whoever|whose|whom|of) /.test(text));
    expect(headless.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  test('titles outside a group do not rely on the subject of a group', () => {
    const verb = /^(?:is|are|was|were|has|have|does|do|can|cannot|must|with|without|on|in|by|from|for) /;
    const headless = files('test', /\.test\.ts$/)
      .filter((file) => !/\bdescribe\b/.test(readFileSync(file, 'utf8')))
      .flatMap(ofTitles)
      .filter(({ text }) => verb.test(text));
    expect(headless.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
    expect(verb.test('is lost when the store reports it')).toBe(true);
  });
});
