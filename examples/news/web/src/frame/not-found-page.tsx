import { Link } from 'react-router';
import { PageHeading } from './page-title.tsx';

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  return (
    <div className="column" data-testid="not-found">
      <PageHeading
        title="Page not found"
        intro="The article may have been removed, or the address is mistyped."
      />
      <p>
        <Link to="/">Go to the front page</Link> or <Link to="/search">search all articles</Link>.
      </p>
    </div>
  );
}
