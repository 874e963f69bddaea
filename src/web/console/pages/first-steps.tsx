import type { JSX } from 'preact';
import type { Diagnosis, Feeds } from '../../../api/schema-types.ts';
import { Block, Btn, List, St, type StateKind } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { PageContext } from '../page-table.ts';
import { isOff } from './feed-state.tsx';

/** Number of entries of the audit log that are searched. A longer log belongs to a hub that is in use. */
const MOST_ENTRIES = '1000';
/** Number of checks that are listed, those that need a person first. */
const MOST_CHECKS = 4;

/** How far a step is. */
type Progress = 'done' | 'started' | 'open';

/** The first steps of a new hub, and the checks before it is used. */
export interface FirstSteps {
  readonly feeds: Progress;
  readonly members: Progress;
  readonly publishing: Progress;
  readonly checks: Diagnosis['items'];
}

/**
 * Returns the first steps. Undefined when all are done, when the person has hidden them, and for people who cannot
 * take them.
 */
export async function firstSteps(
  { ask, permits, who }: PageContext,
  feeds: Feeds['items'] | undefined,
): Promise<FirstSteps | undefined> {
  const needed = ['createFeed', 'listMembers', 'listReaders', 'listAudit', 'getDiagnosis'] as const;
  if (feeds === undefined || who.kind !== 'account' || !needed.every(permits)) return undefined;
  const { first_steps: wish } = await ask('getPreferences');
  if (wish === 'hidden') return undefined;
  const [members, readers, audit] = await Promise.all([
    ask('listMembers', { query: { limit: '1' } }),
    ask('listReaders', { query: { limit: '1000' } }),
    ask('listAudit', { query: { limit: MOST_ENTRIES } }),
  ]);
  const reads = readers.items.some(
    ({ member, last_seen: seen }) => member !== undefined && seen !== undefined,
  );
  const steps = {
    feeds: feeds.some((one) => !isOff(one) && one.last_run !== undefined && one.alarms.length === 0)
      ? 'done'
      : feeds.length > 0 ? 'started' : 'open',
    members: reads ? 'done' : members.items.length > 0 ? 'started' : 'open',
    publishing:
      audit.next !== undefined || audit.items.some(({ fact }) => fact.action === 'object.publish') ? 'done' : 'open',
  } as const; // prettier-ignore
  if (Object.values(steps).every((step) => step === 'done')) return undefined;
  return { ...steps, checks: (await ask('getDiagnosis', { query: { mail: 'last' } })).items };
}

/** The three steps that make a new hub useful, each with its state and its action. */
export function Steps({ steps }: { readonly steps: FirstSteps }): JSX.Element {
  const t = useMessages().firstSteps;
  const all = [
    { key: 'feeds', text: t.feeds, progress: steps.feeds, href: '/console/feeds/add' },
    { key: 'members', text: t.members, progress: steps.members, href: '/console/members' },
    { key: 'publishing', text: t.publishing, progress: steps.publishing, href: '/console/publish' },
  ];
  const done = all.filter(({ progress }) => progress === 'done').length;
  const next = all.find(({ progress }) => progress !== 'done');
  return (
    <Block title={t.title} id="first-steps" raw aside={<p class="muted">{t.doneOf(done, all.length)}</p>}>
      <ol class="list pick">
        {all.map(({ key, text, progress, href }, i) => (
          <li key={key}>
            <span class="stepno">{i + 1}</span>
            <div>
              <h3>{text.title}</h3>
              <p class="sub">{text.notes[progress]}</p>
            </div>
            <div class="acts">
              <St kind={KINDS[progress]}>{t.progress[progress]}</St>
              <Btn href={href} look={next?.key === key ? 'go s' : 's'}>
                {text.actions[progress === 'done' ? 'done' : 'open']}
              </Btn>
            </div>
          </li>
        ))}
      </ol>
    </Block>
  );
}

const KINDS = { done: 'ok', started: 'half', open: 'none' } as const satisfies Readonly<
  Record<Progress, StateKind>
>;
const CHECK_KINDS = { ok: 'ok', warning: 'warn', failed: 'bad' } as const;
const ORDER: readonly Diagnosis['items'][number]['status'][] = ['failed', 'warning', 'ok'];

/** The checks of the hub that matter before members use it. */
export function BeforeUse({ checks }: Pick<FirstSteps, 'checks'>): JSX.Element {
  const t = useMessages().firstSteps;
  const sorted = checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Block title={t.beforeUse} id="before-use" raw foot={<a href="/console/health">{t.allChecks}</a>}>
      <List
        items={sorted.slice(0, MOST_CHECKS).map(({ check, status, found, hint }) => ({
          key: `${check} ${found}`,
          kind: CHECK_KINDS[status],
          text: `${check.charAt(0).toUpperCase()}${check.slice(1)}: ${found}`,
          note: hint,
        }))}
      />
    </Block>
  );
}

/** The form that hides the steps for this person. */
export function HideSteps(): JSX.Element {
  const t = useMessages().firstSteps;
  return (
    <form method="post" action="/console">
      <Btn look="link" name="hide" value="steps">
        {t.hide}
      </Btn>
    </form>
  );
}

/** Where to look around without a hub of one's own. */
export function DemoOffer(): JSX.Element {
  const t = useMessages().firstSteps;
  return <p class="small muted">{t.demo(<code>talanoa serve --demo</code>)}</p>;
}
