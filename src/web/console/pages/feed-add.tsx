import type { JSX } from 'preact';
import type { ApiRequests, NewFeedPreview } from '../../../api/schema-types.ts';
import { TLP_LEVELS } from '../../../stix/markings.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, List, State, Sub, Table } from '../../shared/components.tsx';
import { Code, Details, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { count, counted } from '../../shared/words.ts';
import type { ConsolePage, Form } from '../page-table.ts';
import { feedPath } from './feed-state.tsx';

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
  title: 'Create a feed',
  needs: 'createFeed',
  show: async (context, form) => (
    <AddFeed offered={await offered(context)} form={form} preset={context.query('preset')} preview={undefined} />
  ),
  act: async (context, form) => {
    const request = requestOf(form);
    if (form.field('do') === 'add') {
      const { name } = await context.ask('createFeed', { body: request });
      return `${feedPath(name)}?done=added`;
    }
    const preview = await context.ask('previewNewFeed', { body: request });
    return <AddFeed offered={await offered(context)} form={form} preset={undefined} preview={preview} />;
  },
}; // prettier-ignore

function requestOf(form: Form): FeedRequest {
  const [url, preset, name, collection, title] = ['url', 'preset', 'name', 'collection', 'title'].map((one) =>
    form.field(one)?.trim(),
  );
  if (url === undefined && preset === undefined)
    throw webErrors.invalidInput({ description: 'Enter an address, or choose a preset' });
  if (url !== undefined && !/^https?:\/\//.test(url))
    throw webErrors.invalidInput({ description: 'An address begins with https:// or http://' });
  if (name === undefined) throw webErrors.invalidInput({ description: 'Enter a name' });
  if (collection === undefined) throw webErrors.invalidInput({ description: 'Choose a collection' });
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
    <Screen title="Create a feed" crumb={['/console/feeds', 'Feeds']} note="Nothing is stored until you save.">
      {form.fault === undefined ? undefined : (
        <State kind="bad" live="alert">
          {form.fault}
        </State>
      )}
      <form method="post" action="/console/feeds/add" class="narrow">
        <Block title="1. Where is it?">
          {input('url', 'Address', 'TAXII, MISP, STIX, CSV, JSON, RSS or a plain list. The hub detects which.', 2_000)}
          {choice('preset', 'Or a preset', [['', 'No preset'], ...presets], preset)}
        </Block>
        <Block title="2. How should it run?">
          {input('name', 'Name', 'a to z, 0 to 9 and hyphens, such as cert-nz.', 63)}
          {input('title', 'Title (optional)', 'The name that people see.', 200)}
          {choice('collection', 'Put objects in', collections)}
          {choice('tlp', 'Marking', [['', 'The default of the source'], ...TLP_LEVELS.filter((level) => level !== 'red').map((level) => [level, `TLP:${level.toUpperCase()}`] as const)])}
          <label class="opt">
            <input type="checkbox" name="paused" value="yes" checked={form.field('paused') === 'yes'} />
            Save it without starting it
          </label>
        </Block>
        {preview === undefined ? undefined : <PreviewBlocks preview={preview} />}
        <div class="dock acts">
          <Btn look={preview === undefined ? 'go' : ''} name="do" value="look">
            {preview === undefined ? 'Preview the source' : 'Preview again'}
          </Btn>
          {preview === undefined ? undefined : (
            <Btn look="go" name="do" value="add">
              {form.field('paused') === 'yes' ? 'Save without starting' : 'Save and start'}
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
  const words = (object: object): string => {
    const found = object as Readonly<Record<string, unknown>>;
    return [found['type'], found['pattern'] ?? found['name'] ?? found['id']].filter((one) => typeof one === 'string').join(' ');
  }; // prettier-ignore
  return (
    <>
      <State kind={preview.accepted > 0 ? 'ok' : 'warn'} live="status">
        <strong>{`${count(preview.accepted)} of ${counted(preview.records, 'row')} can be used.`}</strong>{' '}
        {`${count(preview.new)} are new, ${count(preview.duplicates)} repeated, ${count(preview.filtered)} filtered, ${count(preview.quarantined)} in quarantine.`}
      </State>
      {notes.length === 0 ? undefined : (
        <Block title="Notes" raw>
          <List items={notes.map((text) => ({ key: text, kind: 'warn', text }))} />
        </Block>
      )}
      <Block title="Sample of what came back" raw>
        <Table
          caption="The first rows, and the objects that they become"
          columns={[{ title: 'Row' }, { title: 'Line', class: 'num' }, { title: 'Becomes' }]}
          rows={preview.samples.map(({ line, row, objects, reason }) => ({
            key: String(line),
            cells: [
              <code>{row.slice(0, 300)}</code>,
              count(line),
              objects.length === 0 ? (reason ?? 'nothing') : objects.map((object, i) => <Sub key={i}>{words(object)}</Sub>),
            ],
          }))}
        />
      </Block>
      <Block title="As it will be stored">
        <Details summary="Show the feed document">
          <Code text={JSON.stringify(document, undefined, 2)} label="Feed document" />
        </Details>
      </Block>
    </>
  ); // prettier-ignore
}
