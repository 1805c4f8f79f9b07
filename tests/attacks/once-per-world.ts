import type { AttackWorld } from './attack-world.ts';

/** Something several rows attack, made at its first use and kept for as long as the world stands. */
export function oncePerWorld<T>(
  make: (world: AttackWorld) => Promise<T>,
): (world: AttackWorld) => Promise<T> {
  const made = new WeakMap<AttackWorld, Promise<T>>();
  return (world) => {
    const thing = made.get(world) ?? make(world);
    made.set(world, thing);
    return thing;
  };
}
