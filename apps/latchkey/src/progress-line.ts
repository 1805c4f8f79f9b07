const tickMs = 1000;

/** Tells on a terminal's standard error how long work has been going on, in one line that ends when the work does. */
export async function withProgress<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return await work();
  const beganMs = Date.now();
  const tell = (): void => {
    process.stderr.write(`\r${text} … ${Math.round((Date.now() - beganMs) / 1000)} s`);
  };
  tell();
  const timer = setInterval(tell, tickMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write(`\r${text}: ${((Date.now() - beganMs) / 1000).toFixed(1)} s\n`);
  }
}
