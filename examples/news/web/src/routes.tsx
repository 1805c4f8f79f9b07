import { createBrowserRouter } from 'react-router';
import { ArticlePage } from './articles/article-page.tsx';
import { SourcePage, SourcesPage, TopicPage } from './articles/catalog-pages.tsx';
import { FrontPage } from './articles/front-page.tsx';
import { LatestPage } from './articles/latest-page.tsx';
import { CrashPage } from './frame/crash-page.tsx';
import { Layout } from './frame/layout.tsx';
import { NotFoundPage } from './frame/not-found-page.tsx';

// What a visitor reads comes with the first script; the rest is fetched when it is opened.
const reader = () => import('./reader/pages.ts');
const desk = () => import('./desk/pages.ts');

/** Every page. `web-app.ts` serves the document at the same paths. */
export function createRouter() {
  return createBrowserRouter([
    {
      Component: Layout,
      ErrorBoundary: CrashPage,
      HydrateFallback: () => null,
      children: [
        { path: '/', Component: FrontPage },
        { path: '/latest', Component: LatestPage },
        { path: '/topics/:key', Component: TopicPage },
        { path: '/sources', Component: SourcesPage },
        { path: '/sources/:key', Component: SourcePage },
        { path: '/articles/:slug', Component: ArticlePage },
        {
          path: '/search',
          lazy: async () => ({ Component: (await import('./articles/search-page.tsx')).SearchPage }),
        },
        { path: '/for-you', lazy: async () => ({ Component: (await reader()).ForYouPage }) },
        { path: '/saved', lazy: async () => ({ Component: (await reader()).SavedPage }) },
        { path: '/history', lazy: async () => ({ Component: (await reader()).HistoryPage }) },
        { path: '/preferences', lazy: async () => ({ Component: (await reader()).PreferencesPage }) },
        { path: '/welcome', lazy: async () => ({ Component: (await reader()).WelcomePage }) },
        { path: '/desk', lazy: async () => ({ Component: (await desk()).DeskPage }) },
        { path: '/desk/new', lazy: async () => ({ Component: (await desk()).NewArticlePage }) },
        { path: '/desk/:slug', lazy: async () => ({ Component: (await desk()).EditArticlePage }) },
        { path: '*', Component: NotFoundPage },
      ],
    },
  ]);
}
