import { type Bootstrapped, bootstrap, createPasswordPool, type Logger } from '@latchkey/server';
import type { Configuration } from './configuration.ts';
import { checkIdentity, openClock, openStore, type StopPace } from './open-runtime.ts';
import { announceFirstStart, openDoor, stopOnSignals } from './serve-command.ts';
import { startCrew } from './worker-crew.ts';

// What closing takes once the requests are over.
const closingMs = 5000;

/** What happens once for all workers: migrations, the first instance, and whether the master keys fit. */
async function prepareDatabase(configuration: Configuration, log: Logger): Promise<Bootstrapped> {
  const { store, masterKeys } = await openStore(configuration, log);
  const passwords = createPasswordPool({ ...configuration.argon2, threads: 1 });
  const { clock, stop } = await openClock(configuration, store, log);
  try {
    await checkIdentity(store, log);
    const { origin, instanceName, administrator } = configuration;
    const shared = { store, masterKeys, passwords, clock };
    return await bootstrap({ ...shared, origin, instanceName, administrator });
  } finally {
    stop();
    await passwords.close();
    await store.close();
  }
}

/**
 * Runs as many workers as configured behind one port until it is told to stop. This process accepts their connections,
 * replaces workers that end, and answers no request itself. `ready` is called once all of them answer.
 */
export async function serveWithWorkers(
  configuration: Configuration,
  log: Logger,
  ready: (port: number) => void,
): Promise<void> {
  const closeDoor = await openDoor(configuration);
  const { workers: size, drainMs, drainDelayMs } = configuration;
  const stopMs = (pace: StopPace): number => (pace === 'gently' ? drainDelayMs : 0) + drainMs + closingMs;
  try {
    const bootstrapped = await prepareDatabase(configuration, log);
    const crew = startCrew({ size, log, stopMs });
    process.on('exit', crew.kill);
    stopOnSignals(crew.stop, log);
    await crew.prepared;
    await closeDoor();
    const port = await crew.listen();
    announceFirstStart(bootstrapped);
    ready(port);
  } finally {
    await closeDoor();
  }
}
