import type { ReactNode } from 'react';
import { ApiFailure } from '../api/request.ts';
import { RowPlaces } from '../articles/article-list.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import type { Reader } from '../reader/reader-context.tsx';

const notAnEditor = new ApiFailure(403, 'This needs the role editor.');

/** Shows its children to editors. The API decides what may be done; this decides what is shown. */
export function EditorOnly({ reader, children }: { readonly reader: Reader; readonly children: ReactNode }) {
  if (reader.me === undefined)
    return reader.meError === undefined ? (
      <RowPlaces count={3} />
    ) : (
      <ProblemNote error={reader.meError} onRetry={reader.reloadMe} />
    );
  return reader.me.isEditor ? children : <ProblemNote error={notAnEditor} />;
}
