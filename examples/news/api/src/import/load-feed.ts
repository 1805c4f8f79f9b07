import { open } from 'node:fs/promises';
import { ImportError } from './import-problem.ts';

/** The longest feed that is read, after decompression. */
export const MAX_FEED_BYTES = 10_000_000;

const TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 5;

/** A feed as it was delivered. */
export interface LoadedFeed {
  readonly bytes: Buffer;
  /** The charset of the `Content-Type` header, where there is one. */
  readonly charset: string | undefined;
  /** The address after redirects; undefined for a file. */
  readonly url: string | undefined;
}

/** Reads a feed from a file or over HTTP. Rejects with `ImportError` when it cannot be had or is too long. */
export async function loadFeed(location: string): Promise<LoadedFeed> {
  return /^https?:\/\//i.test(location) ? await fetchFeed(location) : await readFeedFile(location);
}

async function readFeedFile(path: string): Promise<LoadedFeed> {
  try {
    const file = await open(path);
    try {
      const bytes = await collect(path, file.createReadStream({ autoClose: false }));
      return { bytes, charset: undefined, url: undefined };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

async function fetchFeed(location: string): Promise<LoadedFeed> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let url = location;
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        signal,
        headers: { Accept: 'application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.1' },
      });
      const target = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && target !== null) {
        await response.body?.cancel();
        url = followRedirect(url, target);
        continue;
      }
      if (!response.ok) throw new ImportError(`${url} answered with status ${response.status}.`);
      const bytes = await collect(url, response.body ?? []);
      return { bytes, charset: charsetOf(response.headers.get('content-type')), url };
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    if (signal.aborted) throw new ImportError(`${url} took longer than ${TIMEOUT_MS / 1000} seconds.`);
    throw new ImportError(`${url} cannot be fetched: ${messageOf(error)}`);
  }
  throw new ImportError(`${location} redirects more than ${MAX_REDIRECTS} times.`);
}

function followRedirect(from: string, target: string): string {
  const url = URL.canParse(target, from) ? new URL(target, from) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ImportError(`${from} redirects to "${target}", which is not an http(s) address.`);
  }
  return url.href;
}

function charsetOf(contentType: string | null): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
}

// What comes over HTTP is counted after decompression, so a small bomb does not get through.
async function collect(
  name: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_FEED_BYTES) {
      throw new ImportError(`${name} is longer than ${MAX_FEED_BYTES / 1_000_000} MB.`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
