import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseDatabase } from './config.ts';
import { askHolder, FolderInUse } from './database/hold-folder.ts';
import { openDatabase } from './database/open-database.ts';
import { type ImportReport, type ImportRequest, importFeed } from './import/import-feed.ts';
import { ImportError } from './import/import-problem.ts';
import { contentFolder, loadContent } from './load-content.ts';

const USAGE = `news import FILE|URL [--topic KEY]

Imports an RSS 2.0, Atom or JSON feed into the database of the news API: NEWS_DATABASE_URL, or the folder NEWS_DATA_DIR
(.latchkey/news). Without --topic the categories of an item decide its topic.`;

const Report = z.object({
  imported: z.int(),
  known: z.int(),
  problems: z.array(z.object({ item: z.int(), field: z.string(), detail: z.string() })),
});

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const request = parseCommand(args);
  if (request === undefined) {
    console.error(USAGE);
    return 2;
  }
  try {
    const report = await runImport(request);
    for (const { item, field, detail } of report.problems) {
      console.error(`${request.location}: item ${item}: ${field}: ${detail}`);
    }
    console.log(
      `Imported ${report.imported}, known before ${report.known}, left out ${report.problems.length}.`,
    );
    return report.problems.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`${request.location}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function parseCommand(args: string[]): ImportRequest | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { topic: { type: 'string' } },
    });
    const [command, given, ...rest] = positionals;
    if (command !== 'import' || given === undefined || rest.length > 0) return undefined;
    return { location: /^https?:\/\//i.test(given) ? given : resolve(given), topic: values.topic };
  } catch {
    return undefined;
  }
}

// A running API has the folder of the database open, so it is asked to do the import.
async function runImport(request: ImportRequest): Promise<ImportReport> {
  const location = parseDatabase(process.env, (problem) => {
    throw new ImportError(problem);
  });
  if (location === undefined) throw new ImportError('There is no database.');
  try {
    const { db, close } = await openDatabase(location);
    try {
      await loadContent(db, contentFolder, new Date());
      return await importFeed(db, request, new Date());
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof FolderInUse) || location.kind !== 'folder') throw error;
    return Report.parse(await askHolder(resolve(location.folder), request));
  }
}
