import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

function syncOne(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Flushes a folder to the disk: every file and folder below it and then itself, or its own entries only. */
export function syncTree(folder: string, extent: 'everything' | 'this-folder-only' = 'everything'): void {
  if (extent === 'everything') {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) syncTree(path);
      else if (entry.isFile()) syncOne(path);
    }
  }
  syncOne(folder);
}
