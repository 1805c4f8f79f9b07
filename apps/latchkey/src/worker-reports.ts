import { createNodeMetrics, parseProcessMetrics } from '@latchkey/server';
import { createQuestions, type Question } from './worker-messages.ts';
import { listeningOf, type Place, say } from './worker-place.ts';

// Longer than a worker waits for its database when it looks whether it is ready.
const reportMs = 3000;

/** What the primary can say about all workers. */
export interface Reports {
  /** The page of metrics as text, or whether the node is ready. */
  readonly about: (question: Question) => Promise<unknown>;
  /** Takes what a worker reported. */
  readonly take: (id: number, value: unknown) => void;
  /** Keeps the counters of a worker that ended. */
  readonly retire: (place: Place) => void;
  readonly countRestart: () => void;
}

/** Asks the workers. A node is ready when each worker that takes connections is, and there is one. */
export function createReports(places: readonly Place[], isOpen: () => boolean): Reports {
  const questions = createQuestions();
  const metrics = createNodeMetrics(() => listeningOf(places).length);
  const ask = (place: Place, about: Question): Promise<unknown> =>
    questions.ask((id) => say(place, { kind: 'report', id, about }), reportMs);
  const metricsText = async (): Promise<string> => {
    await Promise.all(
      listeningOf(places).map(async (place) => {
        const { worker } = place;
        const report = parseProcessMetrics(await ask(place, 'metrics'));
        // One that does not answer counts as it was: counters never fall.
        if (report !== undefined && place.worker === worker) place.metrics = report;
      }),
    );
    return await metrics.text(places.flatMap((place) => (place.metrics ? [place.metrics] : [])));
  };
  const isReady = async (): Promise<boolean> => {
    const asked = listeningOf(places);
    const answers = await Promise.all(asked.map((place) => ask(place, 'readiness')));
    // A worker that ended meanwhile takes no connections, so that its silence does not count.
    const stillThere = answers.filter((_, index) => asked[index]?.state === 'listening');
    return isOpen() && stillThere.length > 0 && stillThere.every((answer) => answer === true);
  };
  return {
    about: (question) => (question === 'metrics' ? metricsText() : isReady()),
    take: questions.answer,
    retire: (place) => {
      const last = place.metrics;
      place.metrics = undefined;
      if (last !== undefined) metrics.retire(last);
    },
    countRestart: metrics.countRestart,
  };
}
