import type { JSX } from 'preact';
import type { Quarantine } from '../../../api/schema-types.ts';
import { Block, Btn, State, Table } from '../../shared/components.tsx';
import { Empty } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { counted } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { feedPath } from './feed-state.tsx';
import { Question } from './question.tsx';

/** Number of rows that the page shows. */
const MOST = 100;

type Row = Quarantine['items'][number] & Readonly<Record<string, unknown>>;

function wordsIn(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

async function rowsOf({ ask, path }: PageContext): Promise<{ title: string; name: string; rows: Row[] }> {
  const parameters = { feed: path['feed'] ?? '' };
  const [{ title, name }, { items }] = await Promise.all([
    ask('getFeed', { parameters }),
    ask('listQuarantine', { parameters }),
  ]);
  return { title, name, rows: [...items] };
}

/** The rows that the last run could not use, with their reasons. */
export const quarantinePage: ConsolePage = {
  path: '/feeds/:feed/quarantine',
  title: 'Rows in quarantine',
  needs: 'listQuarantine',
  show: async (context) => {
    const { title, name, rows } = await rowsOf(context);
    return (
      <QuarantineView
        title={title}
        path={feedPath(name)}
        rows={rows}
        canRetry={context.permits('retryQuarantine')}
      />
    );
  },
};

function QuarantineView({
  title,
  path,
  rows,
  canRetry,
}: {
  readonly title: string;
  readonly path: string;
  readonly rows: readonly Row[];
  readonly canRetry: boolean;
}): JSX.Element {
  return (
    <Screen
      title="Rows in quarantine"
      crumb={[path, title]}
      actions={
        canRetry && rows.length > 0 ? <Btn href={`${path}/quarantine/retry`}>Try them again</Btn> : undefined
      }
    >
      {rows.length === 0 ? undefined : (
        <State kind="warn">
          <strong>{`${counted(rows.length, 'row')} could not be used.`}</strong> Everything else in the run is
          stored. Correct the feed document with <code>talanoa feed update</code>, and try the rows again.
        </State>
      )}
      <Block title="Rows" raw aside={<p>{rows.length > MOST ? `the first ${MOST}` : counted(rows.length, 'row')}</p>}>
        {rows.length === 0 ? (
          <Empty title="Nothing is in quarantine">The last runs could use every row.</Empty>
        ) : (
          <Table
            caption="Rows with their reasons"
            columns={[{ title: 'Row' }, { title: 'Line', class: 'num' }, { title: 'Reason' }]}
            rows={rows.slice(0, MOST).map((row, i) => ({
              key: String(i),
              cells: [
                <code>{(wordsIn(row, 'raw') || wordsIn(row, 'row') || JSON.stringify(row)).slice(0, 300)}</code>,
                wordsIn(row, 'line'),
                wordsIn(row, 'reason') || wordsIn(row, 'message'),
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
} // prettier-ignore

/** Processing the rows in quarantine again, after the document was corrected. */
export const retryQuarantinePage: ConsolePage = {
  path: '/feeds/:feed/quarantine/retry',
  title: 'Try rows again',
  needs: 'retryQuarantine',
  show: async (context, form) => {
    const { name, rows } = await rowsOf(context);
    return (
      <Question
        title={`Try ${counted(rows.length, 'row')} again?`}
        above={[`${feedPath(name)}/quarantine`, 'Rows in quarantine']}
        form={form}
        action={`Try ${counted(rows.length, 'row')} again`}
        keep="Leave them in quarantine"
      >
        <div class="in">
          <p>
            The hub reads these rows with the current document of the feed. Rows that can be used now are stored and
            leave quarantine. Nothing is fetched from the source.
          </p>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }) => {
    const feed = path['feed'] ?? '';
    const done = await ask('retryQuarantine', { parameters: { feed } });
    const stored = done.created + done.updated + done.unchanged;
    return (
      <Screen title="The rows were tried again" crumb={[`${feedPath(feed)}/quarantine`, 'Rows in quarantine']}>
        <State kind={done.still_bad === 0 ? 'ok' : 'warn'} live="status">
          <strong>{`${counted(stored, 'object')} stored, ${counted(done.still_bad, 'row')} still in quarantine.`}</strong>{' '}
          {done.held > 0 ? `${counted(done.held, 'object')} on hold for review. ` : ''}
          {done.refused > 0 ? `${counted(done.refused, 'object')} refused.` : ''}
        </State>
        <Btn href={feedPath(feed)}>Back to the feed</Btn>
      </Screen>
    );
  },
}; // prettier-ignore
