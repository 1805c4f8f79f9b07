/**
 * The seed of a property test, printed so that a failure can be repeated: `NAME_SEED` when it is set, `fixed` in CI, where a
 * run must not depend on chance, and a random one anywhere else.
 */
export function propertySeed(
  name: string,
  fixed: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): number {
  const given = env[`${name}_SEED`];
  const chosen = env.CI === undefined || env.CI === '' ? Date.now() % 2_147_483_647 : fixed;
  const seed = given === undefined ? chosen : Number(given);
  console.log(`${name}: seed ${seed} (repeat with ${name}_SEED=${seed})`);
  return seed;
}
