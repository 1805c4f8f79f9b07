import { useApi } from '../api/api-context.tsx';
import { describeFailure } from '../api/describe-failure.ts';
import { useNotify } from '../frame/notices.tsx';
import { useSignIn } from '../frame/use-sign-in.ts';
import { attitudeTo, type CatalogKind, withAttitude } from './preference-changes.ts';
import { type Reader, useReader } from './reader-context.tsx';
import { usePreferences } from './use-preferences.ts';

interface FollowButtonProps {
  readonly kind: CatalogKind;
  readonly entry: { readonly key: string; readonly name: string };
}

/** Follows a topic or a source, or stops following it. */
export function FollowButton(props: FollowButtonProps) {
  const reader = useReader();
  const signIn = useSignIn();
  if (reader !== undefined) return <OwnFollowButton {...props} reader={reader} />;
  return (
    <button
      type="button"
      className="button"
      aria-label={`Follow ${props.entry.name}`}
      onClick={() => signIn()}
    >
      Follow
    </button>
  );
}

function OwnFollowButton({ kind, entry, reader }: FollowButtonProps & { readonly reader: Reader }) {
  const { preferences, change } = usePreferences(reader);
  const { cache } = useApi();
  const notify = useNotify();
  const isFollowed = preferences !== undefined && attitudeTo(preferences, kind, entry.key) === 'follow';
  const toggle = async () => {
    try {
      await change((before) => withAttitude(before, kind, entry.key, isFollowed ? 'neutral' : 'follow'));
      cache.expire(reader.key('feed'));
    } catch (error) {
      const { title, advice } = describeFailure(error);
      notify({ kind: 'problem', title, advice });
    }
  };
  return (
    <button
      type="button"
      className="button"
      aria-pressed={isFollowed}
      aria-disabled={preferences === undefined}
      aria-label={`Follow ${entry.name}`}
      onClick={(event) => {
        if (event.detail <= 1 && preferences !== undefined) void toggle();
      }}
    >
      {isFollowed ? 'Following' : 'Follow'}
    </button>
  );
}
