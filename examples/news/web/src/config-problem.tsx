/** Shown in place of the app when it does not know its issuer or its API. */
export function ConfigProblem({ reason }: { readonly reason: string }) {
  return (
    <main className="column crash">
      <h1>Tideline is not set up yet</h1>
      <p role="alert">{reason}</p>
    </main>
  );
}
