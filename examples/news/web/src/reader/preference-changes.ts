import type { Preferences, PreferencesInput } from '@latchkey-examples/news-api/contract';

export type Attitude = 'follow' | 'neutral' | 'mute';
export type CatalogKind = 'topic' | 'source';

const fields = {
  topic: { followed: 'topics', muted: 'mutedTopics' },
  source: { followed: 'sources', muted: 'mutedSources' },
} as const;

/** What the reader has chosen for a topic or a source. */
export function attitudeTo(preferences: PreferencesInput, kind: CatalogKind, key: string): Attitude {
  const { followed, muted } = fields[kind];
  if (preferences[followed].includes(key)) return 'follow';
  return preferences[muted].includes(key) ? 'mute' : 'neutral';
}

/** The preferences with another choice for a topic or a source. Nothing is ever followed and muted at once. */
export function withAttitude(
  preferences: Preferences,
  kind: CatalogKind,
  key: string,
  attitude: Attitude,
): Preferences {
  const { followed, muted } = fields[kind];
  const without = (keys: readonly string[]) => keys.filter((each) => each !== key);
  return {
    ...preferences,
    [followed]: [...without(preferences[followed]), ...(attitude === 'follow' ? [key] : [])],
    [muted]: [...without(preferences[muted]), ...(attitude === 'mute' ? [key] : [])],
  };
}

/** What is sent to store preferences. */
export function inputOf(preferences: Preferences): PreferencesInput {
  const { updatedAt: _, ...input } = preferences;
  return input;
}
