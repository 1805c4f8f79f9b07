/// <reference path="./next-navigation.d.ts" />

/** Sends the browser to a path and ends the rendering, as `redirect` of Next.js does. */
export async function redirectTo(path: string): Promise<never> {
  // Without ".js" Next.js puts the module in its place that fits pages or route handlers; with it, the latter cannot be built.
  const { redirect } = await import('next/navigation');
  return redirect(path);
}
