import type { Translator } from './translator.ts';
import type { Page, PageContext } from './view-models.ts';

/** What every page component is given. */
export interface PageProps<Shown extends Page> {
  readonly page: Shown;
  readonly context: PageContext;
  readonly translator: Translator;
}
