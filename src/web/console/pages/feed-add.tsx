import type { JSX } from 'preact';
import type { ApiRequests, NewFeedPreview } from '../../../api/schema-types.ts';
import { markedTlp, TLP_LEVELS } from '../../../stix/markings.ts';
import type { StixObject } from '../../../stix/types.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, List, State, Sub, Table, TlpLabel } from '../../shared/components.tsx';
import { Code, Details, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage, Form } from '../page-table.ts';
import { feedPath } from './feed-state.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

type FeedRequest = ApiRequests['api/feed-request.json'];

/** The choices of the form. */
interface Offered {
  readonly presets: readonly (readonly [value: string, text: string])[];
  readonly collections: readonly (readonly [value: string, text: string])[];
}

async function offered(context: Parameters<ConsolePage['show']>[0]): Promise<Offered> {
  const [{ items: presets }, { items }] = await Promise.all([
    context.ask('listPresets'),
    context.ask('listCollections', { query: { limit: '1000' } }),
  ]);
  return {
    presets: presets.map(({ preset, title }) => [preset, title]),
    collections: items.map(({ id, alias, title }) => [alias ?? id, title]),
  };
}

/** Adding a feed: by its address, whose format the hub detects, or from a preset. Nothing is stored before the preview. */
export const addFeedPage: ConsolePage = {
  path: '/feeds/add',
  title: (m) => m.newFeed.createAFeed,
  needs: 'createFeed',
  show: async (context, form) => (
    <AddFeed offered={await offered(context)} form={form} preset={context.query('preset')} preview={undefined} />
  ),
  act: async (context, form) => {
    const { messages } = context;
    const request = requestOf(form, messages);
    if (form.field('do') === 'add') {
      const { name } = await context.ask('createFeed', { body: request });
      return `${feedPath(name)}?done=added`;
    }
    const preview = await context.ask('previewNewFeed', { body: request });
    return <AddFeed offered={await offered(context)} form={form} preset={undefined} preview={preview} />;
  },
}; // prettier-ignore

function requestOf(form: Form, messages: Messages): FeedRequest {
  const t = messages.newFeed;
  const [url, preset, name, collection, title] = ['url', 'preset', 'name', 'collection', 'title'].map((one) =>
    form.field(one)?.trim(),
  );
  if (url === undefined && preset === undefined)
    throw webErrors.invalidInput({ description: t.enterAnAddressOr });
  if (url !== undefined && !/^https?:\/\//.test(url))
    throw webErrors.invalidInput({ description: t.anAddressBeginsWith });
  if (name === undefined) throw webErrors.invalidInput({ description: t.enterAName });
  if (collection === undefined) throw webErrors.invalidInput({ description: t.chooseACollection });
  const tlp = TLP_LEVELS.find((level) => level === form.field('tlp'));
  return {
    name,
    collection,
    ...(url === undefined ? {} : { url }),
    ...(preset === undefined ? {} : { preset }),
    ...(title === undefined ? {} : { title }),
    ...(tlp === undefined ? {} : { tlp }),
    enabled: form.field('paused') !== 'yes',
  };
}

function AddFeed({
  offered: { presets, collections },
  form,
  preset,
  preview,
}: {
  readonly offered: Offered;
  readonly form: Form;
  readonly preset: string | undefined;
  readonly preview: NewFeedPreview | undefined;
}): JSX.Element {
  const t = useMessages().newFeed;
  const input = (name: string, label: string, hint: string, most: number) => (
    <Field name={name} label={label} hint={hint}>
      {(described) => <input {...described} maxLength={most} value={form.field(name) ?? ''} />}
    </Field>
  );
  const choice = (name: string, label: string, options: Offered['presets'], before = '') => (
    <Field name={name} label={label}>
      {(described) => <Select described={described} options={options} value={form.field(name) ?? before} />}
    </Field>
  );
  return (
    <Screen title={t.createAFeed} crumb={['/console/feeds', t.feeds]} note={t.nothingIsStoredUntil}>
      {form.fault === undefined ? undefined : (
        <State kind="bad" live="alert">
          {form.fault}
        </State>
      )}
      <form method="post" action="/console/feeds/add" class="narrow">
        <Block title={t.n1WhereIsIt}>
          {input('url', t.address, t.taxiiMispStixCsv, 2_000)}
          {choice('preset', t.orAPreset, [['', t.noPreset], ...presets], preset)}
        </Block>
        <Block title={t.n2HowShouldIt}>
          {input('name', t.name, t.aToZ0, 63)}
          {input('title', t.titleOptional, t.theNameThatPeople, 200)}
          {choice('collection', t.putObjectsIn, collections)}
          {choice('tlp', t.marking, [['', t.theDefaultOfThe], ...TLP_LEVELS.filter((level) => level !== 'red').map((level) => [level, `TLP:${level.toUpperCase()}`] as const)])}
          <label class="opt"><input type="checkbox" name="paused" value="yes" checked={form.field('paused') === 'yes'} />{t.saveItWithoutStarting}</label>
        </Block>
        {preview === undefined ? undefined : <PreviewBlocks preview={preview} />}
        <div class="dock acts">
          <Btn look={preview === undefined ? 'go' : ''} name="do" value="look">
            {preview === undefined ? t.previewTheSource : t.previewAgain}
          </Btn>
          {preview === undefined ? undefined : (
            <Btn look="go" name="do" value="add">
              {form.field('paused') === 'yes' ? t.saveWithoutStarting : t.saveAndStart}
            </Btn>
          )}
        </div>
      </form>
    </Screen>
  ); // prettier-ignore
}

/** The detected format of the source, and the first rows. */
function PreviewBlocks({
  preview: { preview, notes, document },
}: {
  readonly preview: NewFeedPreview;
}): JSX.Element {
  const { newFeed: t, words } = useMessages();
  const described = (object: object): string => {
    const found = object as Readonly<Record<string, unknown>>;
    return [found['type'], found['pattern'] ?? found['name'] ?? found['id']].filter((one) => typeof one === 'string').join(' ');
  }; // prettier-ignore
  return (
    <>
      <State kind={preview.accepted > 0 ? 'ok' : 'warn'} live="status">
        <strong>{t.ofRowCanBe(preview.accepted, preview.records)}</strong>{' '}
        {t.areNewRepeatedFiltered(preview.new, preview.duplicates, preview.filtered, preview.quarantined)}
        {preview.held === 0 ? undefined : <> {t.areHeld(preview.held)}</>}
      </State>
      {notes.length === 0 ? undefined : (
        <Block title={t.notes} raw>
          <List items={notes.map((text) => ({ key: text, kind: 'warn', text }))} />
        </Block>
      )}
      <Block title={t.sampleOfWhatCame} raw>
        <Table
          caption={t.theFirstRowsAnd}
          columns={[{ title: t.row }, { title: t.line, class: 'num' }, { title: t.becomes }]}
          rows={preview.samples.map(({ line, row, objects, reason, held }) => ({
            key: String(line),
            cells: [
              <code>{row.slice(0, 300)}</code>,
              words.count(line),
              objects.length === 0 ? (reason ?? t.nothing) : [
                    ...objects.map((object, i) => {
                      const level = markedTlp(object as StixObject);
                      return <Sub key={i}>{described(object)}{level === undefined ? undefined : <> <TlpLabel level={level} /></>}</Sub>;
                    }),
                    held === true ? <Sub key="held">{t.goesOnHold}</Sub> : undefined,
                  ],
            ],
          }))}
        />
      </Block>
      <Block title={t.asItWillBe}>
        <Details summary={t.showTheFeedDocument}>
          <Code text={JSON.stringify(document, undefined, 2)} label={t.feedDocument} />
        </Details>
      </Block>
    </>
  ); // prettier-ignore
}
