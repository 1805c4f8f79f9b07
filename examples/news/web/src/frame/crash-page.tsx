/** Shown when a page fails to load or to render. */
export function CrashPage() {
  return (
    <main className="column crash">
      <h1>This page could not be shown</h1>
      <p>Check your connection and reload the page.</p>
      <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
        Reload
      </button>
    </main>
  );
}
