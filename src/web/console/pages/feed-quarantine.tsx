import type { JSX } from 'preact';
import type { Quarantine } from '../../../api/schema-types.ts';
import { Block, Btn, State, Table } from '../../shared/components.tsx';
import { Empty } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { feedPath } from './feed-state.tsx';
import { Question } from './question.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

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
  title: (m) => m.quarantine.rowsInQuarantine,
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
  const t = useMessages().quarantine;
  return (
    <Screen
      title={t.rowsInQuarantine}
      crumb={[path, title]}
      actions={
        canRetry && rows.length > 0 ? <Btn href={`${path}/quarantine/retry`}>{t.tryThemAgain}</Btn> : undefined
      }
    >
      {rows.length === 0 ? undefined : (
        <State kind="warn"><strong>{t.rowCouldNotBe(rows.length)}</strong>{' '}{t.everythingElseInThe(<code>talanoa feed update</code>)}</State>
      )}
      <Block title={t.rows} raw aside={<p>{rows.length > MOST ? t.theFirst(MOST) : t.rowCount(rows.length)}</p>}>
        {rows.length === 0 ? (
          <Empty title={t.nothingIsInQuarantine}>{t.theLastRunsCould}</Empty>
        ) : (
          <Table
            caption={t.rowsWithTheirReasons}
            columns={[{ title: t.row }, { title: t.line, class: 'num' }, { title: t.reason }]}
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
  title: (m) => m.quarantine.tryRowsAgain,
  needs: 'retryQuarantine',
  show: async (context, form) => {
    const t = context.messages.quarantine;
    const { name, rows } = await rowsOf(context);
    return (
      <Question
        title={t.tryRowAgain(rows.length)}
        above={[`${feedPath(name)}/quarantine`, t.rowsInQuarantine]}
        form={form}
        action={t.tryRows(rows.length)}
        keep={t.leaveThemInQuarantine}
      >
        <div class="in">
          <p>{t.theHubReadsThese}</p>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path, messages }) => {
    const t = messages.quarantine;
    const feed = path['feed'] ?? '';
    const done = await ask('retryQuarantine', { parameters: { feed } });
    const stored = done.created + done.updated + done.unchanged;
    return (
      <Screen title={t.theRowsWereTried} crumb={[`${feedPath(feed)}/quarantine`, t.rowsInQuarantine]}>
        <State kind={done.still_bad === 0 ? 'ok' : 'warn'} live="status">
          <strong>{t.objectStoredRowStill(stored, done.still_bad)}</strong>{' '}
          {done.held > 0 ? t.objectOnHoldFor(done.held) : ''}
          {done.refused > 0 ? t.objectRefused(done.refused) : ''}
        </State>
        <Btn href={feedPath(feed)}>{t.backToTheFeed}</Btn>
      </Screen>
    );
  },
}; // prettier-ignore
