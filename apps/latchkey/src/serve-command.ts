import type { Logger } from '@latchkey/server';
import { type Configuration, ConfigurationProblem } from './configuration.ts';
import { failOnLostOutput } from './lost-output.ts';
import { openRuntime, type Runtime, type StopPace } from './open-runtime.ts';
import { openWaitingRoom } from './waiting-room.ts';

/** Says who the first administrator is, when there was none before. */
export function announceFirstStart({ created }: Runtime['bootstrapped']): void {
  if (created === undefined) return;
  console.log(`Made the first organization and the administrator ${created.administrator}.`);
  if (created.generatedPassword !== undefined) {
    console.log(
      `Password of ${created.administrator}: ${created.generatedPassword}\nIt is shown this once only; keep it.`,
    );
  }
}

/** Says a taken port in words. */
export function describeListenError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new ConfigurationProblem(`Port ${port} is taken. Stop what uses it, or set PORT to another.`);
  if (code === 'EACCES')
    return new ConfigurationProblem(
      `Port ${port} needs more rights than this process has. Set PORT to one above 1023.`,
    );
  return error;
}

/**
 * Stops on SIGTERM (gently, since a load balancer may stand before us) and SIGINT (a person waits), and after an error
 * nobody caught; a second signal stops at once.
 */
export function stopOnSignals(close: (pace: StopPace) => Promise<void>, log: Logger): void {
  const state = { stopping: false };
  const stop = (code: number, pace: StopPace): void => {
    if (state.stopping) process.exit(code === 0 ? 130 : code);
    state.stopping = true;
    close(pace).then(
      () => process.exit(code),
      (err: unknown) => {
        log.error({ err }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(0, 'gently'));
  process.on('SIGINT', () => stop(0, 'at-once'));
  stopOnCrash(() => stop(1, 'at-once'), log);
}

/** Goes on when what is printed cannot be written: to a full device, or a pipe whose reader is gone. */
function outliveOutput(log: Logger): void {
  process.stdout.off('error', failOnLostOutput);
  process.stdout.on('error', (err) => log.error({ err }, 'standard output cannot be written'));
  // The log is written by itself, so nothing is left to tell it to.
  process.stderr.on('error', () => undefined);
}

/**
 * After an error nobody caught, stops by `stop`, and by force when that takes more than 5 seconds. Output that cannot be
 * written is no such error.
 */
export function stopOnCrash(stop: () => void, log: Logger): void {
  outliveOutput(log);
  const crash = (err: unknown): void => {
    log.fatal({ err }, 'an error nobody caught; stopping');
    setTimeout(() => process.exit(1), 5000).unref();
    stop();
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** Answers at the port until the server does; resolves to what gives the port back. Says a taken port in words. */
export async function openDoor({ port, host, tls }: Configuration): Promise<() => Promise<void>> {
  return await openWaitingRoom(port, host, tls).catch((error: unknown) => {
    throw describeListenError(error, port);
  });
}

/** Opens the runtime; over PostgreSQL, which may be away at first, with somebody at the door who says so. */
async function openBehindWaitingRoom(configuration: Configuration, log: Logger): Promise<Runtime> {
  if (configuration.database.kind !== 'postgres') return await openRuntime(configuration, log);
  const close = await openDoor(configuration);
  try {
    return await openRuntime(configuration, log);
  } finally {
    await close();
  }
}

/** Runs the server until it is told to stop. `ready` is called once it answers. */
export async function serve(
  configuration: Configuration,
  log: Logger,
  ready: (runtime: Runtime, port: number) => Promise<void> | void,
): Promise<void> {
  const runtime = await openBehindWaitingRoom(configuration, log);
  try {
    const port = await runtime.server.listen(configuration.port, configuration.host);
    stopOnSignals(runtime.close, log);
    announceFirstStart(runtime.bootstrapped);
    await ready(runtime, port);
    runtime.endStart();
  } catch (error) {
    await runtime.close('at-once');
    throw describeListenError(error, configuration.port);
  }
}
