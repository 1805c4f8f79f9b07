import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '@latchkey/server';
import { ConfigurationProblem } from './configuration-problem.ts';
import type { StopPace } from './open-runtime.ts';
import { countEnding, restartDelayMs } from './restart-delay.ts';
import { type FromWorker, parseFromWorker } from './worker-messages.ts';
import { createPlace, listeningOf, type Place, say } from './worker-place.ts';
import { createReports, type Reports } from './worker-reports.ts';

/** The workers of a node, as their primary sees them. */
export interface Crew {
  /** Resolves once each has opened everything but the port; rejects when one ends before. */
  readonly prepared: Promise<void>;
  /** Lets them listen, and those that take their place later; resolves to the port once all do, rejects when one cannot. */
  readonly listen: () => Promise<number>;
  /** Lets them finish their requests and end; rejects when one did not end well. */
  readonly stop: (pace: StopPace) => Promise<void>;
  /** Ends them without waiting. */
  readonly kill: () => void;
}

/** How a crew is run. */
export interface CrewOptions {
  readonly size: number;
  readonly log: Logger;
  /** How long workers may take to stop before they are ended, in milliseconds. */
  readonly stopMs: (pace: StopPace) => number;
}

/** A promise that something else settles. */
interface Milestone<T> {
  readonly promise: Promise<T>;
  readonly reach: (value: T) => void;
  readonly miss: (error: Error) => void;
}

function createMilestone<T>(): Milestone<T> {
  const ends: { reach?: (value: T) => void; miss?: (error: Error) => void } = {};
  const promise = new Promise<T>((resolve, reject) => {
    ends.reach = resolve;
    ends.miss = reject;
  });
  // Nobody waits for a milestone that was passed already.
  promise.catch(() => undefined);
  return { promise, reach: (value) => ends.reach?.(value), miss: (error) => ends.miss?.(error) };
}

interface State {
  readonly places: readonly Place[];
  readonly options: CrewOptions;
  readonly reports: Reports;
  readonly prepared: Milestone<void>;
  readonly listening: Milestone<number>;
  readonly ended: Milestone<void>;
  phase: 'preparing' | 'opening' | 'open' | 'stopping';
}

function hear(state: State, place: Place, message: FromWorker): void {
  switch (message.kind) {
    case 'prepared':
      place.state = 'prepared';
      if (state.phase !== 'preparing') say(place, { kind: 'listen' });
      else if (state.places.every((each) => each.state === 'prepared')) state.prepared.reach();
      break;
    case 'listening':
      place.state = 'listening';
      if (state.phase === 'open')
        state.options.log.info({ worker: place.number }, 'a worker has taken its place and answers');
      if (state.phase !== 'opening' || listeningOf(state.places).length < state.places.length) break;
      state.phase = 'open';
      state.listening.reach(message.port);
      break;
    case 'tell':
      for (const each of state.places) if (each !== place) say(each, message);
      break;
    case 'ask': {
      const { id, about } = message;
      state.reports.about(about).then(
        (value) => say(place, { kind: 'answer', id, value }),
        (err: unknown) => state.options.log.error({ err }, 'a question about all workers has no answer'),
      );
      break;
    }
    case 'report':
      state.reports.take(message.id, message.value);
      break;
    default:
      message satisfies never;
  }
}

function startWorker(state: State, place: Place): void {
  place.restart = undefined;
  place.state = 'starting';
  place.isBehind = false;
  place.startedAtMs = performance.now();
  const worker = cluster.fork({ WORKER_NUMBER: String(place.number) });
  place.worker = worker;
  worker.on('message', (message) => {
    const heard = parseFromWorker(message);
    if (heard !== undefined && place.worker === worker) hear(state, place, heard);
  });
  worker.on('error', (err) =>
    state.options.log.debug({ err, worker: place.number }, 'a worker is unreachable'),
  );
  worker.once('exit', (code, signal) => afterEnd(state, place, worker, code ?? signal));
}

function afterEnd(state: State, place: Place, worker: Worker, how: number | string): void {
  const { log } = state.options;
  const { state: was } = place;
  place.worker = undefined;
  place.state = 'empty';
  state.reports.retire(place);
  if (state.phase === 'stopping') {
    if (was === 'listening' && how !== 0)
      state.ended.miss(new Error(`worker ${place.number} did not end well (${how})`));
    if (state.places.every((each) => each.worker === undefined)) state.ended.reach();
    return;
  }
  const ending = { worker: place.number, pid: worker.process.pid, endedBy: how };
  if (state.phase !== 'open') {
    const error = new ConfigurationProblem(
      `Worker ${place.number} ended (${how}) before it answered. What it printed above is the reason.`,
    );
    state.prepared.miss(error);
    state.listening.miss(error);
    return;
  }
  place.endings = countEnding(place.endings, performance.now() - place.startedAtMs);
  const retryInMs = restartDelayMs(place.endings);
  log.error({ ...ending, retryInMs }, 'a worker ended by itself; another takes its place');
  state.reports.countRestart();
  place.restart = setTimeout(() => startWorker(state, place), retryInMs);
}

function stopCrew(state: State, pace: StopPace): Promise<void> {
  state.phase = 'stopping';
  for (const place of state.places) {
    clearTimeout(place.restart);
    // One that does not listen yet has no requests to finish.
    if (place.state === 'listening') say(place, { kind: 'stop', pace });
    else place.worker?.process.kill('SIGKILL');
  }
  if (state.places.every((place) => place.worker === undefined)) state.ended.reach();
  const patience = setTimeout(() => {
    state.options.log.error('workers did not stop in time; they are ended');
    kill(state);
  }, state.options.stopMs(pace));
  return state.ended.promise.finally(() => clearTimeout(patience));
}

function kill({ places }: State): void {
  for (const { worker } of places) worker?.process.kill('SIGKILL');
}

/** Starts workers, each running the command this process was started with. One that ends by itself is replaced. */
export function startCrew(options: CrewOptions): Crew {
  // The primary deals connections out in turn. Were they accepted by whoever is first, one worker could get nearly all.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const places = Array.from({ length: options.size }, (_, index) => createPlace(index + 1));
  const state: State = {
    places,
    options,
    reports: createReports(places, () => state.phase === 'open'),
    prepared: createMilestone(),
    listening: createMilestone(),
    ended: createMilestone(),
    phase: 'preparing',
  };
  for (const place of places) startWorker(state, place);
  return {
    prepared: state.prepared.promise,
    listen: () => {
      state.phase = 'opening';
      for (const place of places) say(place, { kind: 'listen' });
      return state.listening.promise;
    },
    stop: (pace) => stopCrew(state, pace),
    kill: () => kill(state),
  };
}
