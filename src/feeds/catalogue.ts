import type { Preset } from '../api/schema-types.ts';
import { loadPreset, presetNames } from './document.ts';

/** Returns the presets that ship with the hub. */
export function catalogue(): readonly Preset[] {
  return presetNames().map((preset) => {
    const document = loadPreset(preset);
    const { title, owner, homepage, licence, verified, status, defaults, schedule, transport } = document;
    return {
      preset,
      title,
      owner,
      homepage,
      licence,
      verified,
      note: status,
      enabled: document.enabled ?? true,
      default: document.default ?? false,
      tlp: defaults.tlp,
      schedule: schedule.cron,
      redistribute: defaults.redistribute ?? 'no',
      credit: defaults.credit,
      key: transport.auth?.secret,
      key_optional: transport.auth?.optional ?? false,
      key_from: document.needs_key,
    };
  });
}
