import type { JSX } from 'preact';
import { TLP_LEVELS } from '../../../stix/markings.ts';
import {
  Acts,
  Block,
  Btn,
  Facts,
  List,
  Soundings,
  St,
  State,
  Table,
  Tags,
  TlpLabel,
  type StateKind,
} from '../../shared/components.tsx';
import {
  Code,
  Details,
  Empty,
  Field,
  Pager,
  Select,
  Tabs,
  Ticks,
  Timeline,
  Two,
} from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';

const KINDS: readonly StateKind[] = ['ok', 'warn', 'bad', 'info', 'wait', 'half', 'off', 'none'];
/** A text that is longer than its place. */
const LONG =
  'https://a-very-long-name-of-a-harbour.example/with/a/path/that/does/not/fit/into/a/cell?and=a&query=too';

/** Every component in every state. It is not in the navigation; the tests compare its picture. */
export const componentsPage: ConsolePage = {
  path: '/components',
  title: () => 'Components',
  needs: 'getOverview',
  show: () => Promise.resolve(<Components />),
};

function Components(): JSX.Element {
  return (
    <Screen
      title="Components"
      note="Every component in every state"
      marking="green"
      actions={<Btn>Button</Btn>}
    >
      <Tabs
        label="Parts"
        items={[
          { text: 'Here', href: '/console/components', isCurrent: true },
          { text: 'There', href: '/console', isCurrent: false },
        ]}
      />
      {(['ok', 'warn', 'bad', 'info'] as const).map((kind) => (
        <State key={kind} kind={kind} action={<Btn href="/console">Action</Btn>}>
          <strong>{`A state of the kind ${kind}.`}</strong> {LONG}
        </State>
      ))}
      <Soundings
        items={[
          { title: 'Active indicators', value: '48,213', note: '612 expire this week', href: '/console' },
          { title: 'On hold', value: '7', note: 'oldest: 3 h' },
        ]}
      />
      <Two left={<Lists />} right={<Side />} />
      <Forms />
    </Screen>
  );
}

function Lists(): JSX.Element {
  return (
    <>
      <Block title="States" raw>
        <List items={KINDS.map((kind) => ({ key: kind, kind, text: kind, note: LONG }))} />
      </Block>
      <Block title="Table" raw foot={<Pager note="1 to 2 of 4" next="/console/components" />}>
        <Table
          caption="A table"
          columns={[{ title: 'Value' }, { title: 'State', bare: true }, { title: 'Number', class: 'num' }]}
          rows={KINDS.map((kind) => ({
            key: kind,
            cells: [<a href="/console">{LONG}</a>, <St kind={kind}>{kind}</St>, '1,234'],
          }))}
        />
      </Block>
      <Block title="History">
        <Timeline
          items={[
            { key: '2', note: 'Today · Fiji', text: LONG, isCurrent: true },
            { key: '1', note: 'Yesterday · the hub', text: 'Published' },
          ]}
        />
      </Block>
    </>
  );
}

function Side(): JSX.Element {
  return (
    <>
      <Block title="Facts">
        <Facts
          items={[
            ['Labels', <Tags items={['phishing', 'port-sector']} />],
            ['Value', <code>{LONG}</code>],
            ['Left out', undefined],
          ]}
        />
      </Block>
      <Block title="Markings">
        <Acts>
          {TLP_LEVELS.map((level) => (
            <TlpLabel key={level} level={level} />
          ))}
        </Acts>
        <Ticks runs={['ok', 'warn', 'bad', 'none']} title="One run of each kind" />
      </Block>
      <Block title="Empty" raw>
        <Empty title="No rows yet" actions={<Btn href="/console">First step</Btn>}>
          The objects that fill this list, and the first step.
        </Empty>
      </Block>
    </>
  );
}

function Forms(): JSX.Element {
  return (
    <Block title="Forms">
      <form action="/console/components">
        <Field
          name="with-error"
          label="Field with an error"
          hint="A hint."
          error="Say what is wrong and what to do."
        >
          {(described) => <input {...described} value={LONG} />}
        </Field>
        <Field name="choice" label="Choice">
          {(described) => (
            <Select
              described={described}
              options={[
                ['a', 'First'],
                ['b', 'Second'],
              ]}
              value="b"
            />
          )}
        </Field>
        <Acts>
          <Btn look="go">Publish to 14 members</Btn>
          <Btn look="stop">Revoke</Btn>
          <Btn look="s">Small</Btn>
        </Acts>
      </form>
      <Code label="A pattern" text={`[url:value = '${LONG}']`} />
      <Details summary="Show the numbers">
        <p>Rarely needed.</p>
      </Details>
      <div class="danger">
        <p>Actions that cannot be undone.</p>
      </div>
    </Block>
  );
}
