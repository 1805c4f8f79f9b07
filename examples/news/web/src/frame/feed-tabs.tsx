import { NavLink } from 'react-router';

/** The two orders of the news. Each is a page of its own, so these are links. */
export function FeedTabs() {
  return (
    <nav className="tabs" aria-label="Order of the news">
      <NavLink to="/for-you">For you</NavLink>
      <NavLink to="/latest">Latest</NavLink>
    </nav>
  );
}
