// The pages that are fetched together when an editor opens the first of them.
export { DeskPage } from './desk-page.tsx';
export { EditArticlePage, NewArticlePage } from './editor-page.tsx';
