import { NetworkError } from './auth-error.ts';

/** Loads a part of this package that is needed later than the first one: once, but again after a failure. */
export function loadPart<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let loading: Promise<Part> | undefined;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = undefined;
      throw new NetworkError('network_error', 'A part of this app could not be loaded. Reload the page.', {
        cause,
      });
    });
    return loading;
  };
}
