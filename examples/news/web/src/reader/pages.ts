// The pages that are fetched together when a reader opens the first of them.
export { ForYouPage } from './for-you-page.tsx';
export { HistoryPage } from './history-page.tsx';
export { PreferencesPage } from './preferences-page.tsx';
export { SavedPage } from './saved-page.tsx';
export { WelcomePage } from './welcome-page.tsx';
