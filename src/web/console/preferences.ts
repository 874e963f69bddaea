import type { PreferencesRequest } from '../../api/schema-types.ts';
import { LANGUAGES } from '../../kernel/languages.ts';

/** Returns the preferences that a form contains. An empty field leaves the choice to the browser and the hub. */
export function preferencesIn(field: (name: string) => string): PreferencesRequest {
  const language = LANGUAGES.find((one) => one === field('language'));
  const theme = (['day', 'night'] as const).find((one) => one === field('theme'));
  const zone = field('time_zone').trim();
  return {
    ...(language === undefined ? {} : { language }),
    ...(zone === '' ? {} : { time_zone: zone }),
    ...(theme === undefined ? {} : { theme }),
    ...(field('contrast') === 'more' ? { contrast: 'more' as const } : {}),
    ...(field('first_steps') === 'hidden' ? { first_steps: 'hidden' as const } : {}),
  };
}
