import type { JSX } from 'preact';
import type { Preferences } from '../../../api/schema-types.ts';
import { Field, Select } from '../../shared/more-components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The language, time zone and colours of a person, on the account page. */
export function PreferencesSection({
  preferences,
  fault,
}: {
  readonly preferences: Preferences;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().preferences;
  return (
    <section id="preferences">
      <h2>{t.title}</h2>
      <form method="post" action="/console/preferences">
        <Field name="language" label={t.language}>
          {(described) => (
            <Select
              described={described}
              options={[
                ['', t.ofBrowser],
                ['en', 'English'],
                ['fr', 'Français'],
              ]}
              value={preferences.language ?? ''}
            />
          )}
        </Field>
        <Field name="time_zone" label={t.zone} hint={t.zoneHint} error={fault}>
          {(described) => (
            <input
              {...described}
              maxLength={64}
              autocapitalize="none"
              spellcheck={false}
              value={preferences.time_zone ?? ''}
            />
          )}
        </Field>
        <Field name="theme" label={t.theme}>
          {(described) => (
            <Select
              described={described}
              options={[
                ['', t.ofDevice],
                ['day', t.day],
                ['night', t.night],
              ]}
              value={preferences.theme ?? ''}
            />
          )}
        </Field>
        <Ticks preferences={preferences} />
        <p>
          <button type="submit">{t.save}</button>
        </p>
      </form>
    </section>
  );
}

/** The preferences that are on or off. */
function Ticks({ preferences }: { readonly preferences: Preferences }): JSX.Element {
  const t = useMessages().preferences;
  return (
    <>
      <label class="opt">
        <input type="checkbox" name="contrast" value="more" checked={preferences.contrast === 'more'} />
        {t.contrast}
      </label>
      <label class="opt">
        <input
          type="checkbox"
          name="first_steps"
          value="hidden"
          checked={preferences.first_steps === 'hidden'}
        />
        {t.firstSteps}
      </label>
    </>
  );
}
