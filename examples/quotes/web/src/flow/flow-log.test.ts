import { expect, test } from 'vitest';
import { createFlowLog } from './flow-log.ts';
import type { FlowStep } from './flow-step.ts';

const stepOf = (key: string, at = 1): FlowStep => ({
  key,
  at,
  from: 'Browser',
  to: 'Latchkey',
  title: key,
  wire: 'GET /',
  explanation: '',
  outcome: 'ok',
  sections: [],
});

function createDrawer() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
  };
}

test('the log survives a trip to the issuer in the storage of the tab', () => {
  const drawer = createDrawer();
  createFlowLog(drawer).record(stepOf('authorize-request'));
  expect(createFlowLog(drawer).getSnapshot()).toEqual([stepOf('authorize-request')]);
});

test('a step that happens again moves to the end', () => {
  const log = createFlowLog(undefined);
  for (const step of [stepOf('api-call'), stepOf('refresh'), stepOf('api-call', 2)]) log.record(step);
  expect(log.getSnapshot()).toEqual([stepOf('refresh'), stepOf('api-call', 2)]);
});

test('listeners hear of every change until they leave, and the snapshot stays the same in between', () => {
  const log = createFlowLog(undefined);
  let heard = 0;
  const leave = log.subscribe(() => {
    heard += 1;
  });
  log.record(stepOf('callback'));
  expect(log.getSnapshot()).toBe(log.getSnapshot());
  log.restart();
  leave();
  log.record(stepOf('callback'));
  expect(heard).toBe(2);
});

test.each(['not json', '{"a":1}', '[null, 1, {"key":"x"}]'])(
  'leftovers %s in the storage are passed over',
  (text) => {
    const drawer = createDrawer();
    drawer.setItem('quotes:flow', text);
    expect(createFlowLog(drawer).getSnapshot()).toEqual([]);
  },
);

test('a storage that is full costs nothing but the past', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  };
  const log = createFlowLog(full);
  log.record(stepOf('callback'));
  expect(log.getSnapshot()).toHaveLength(1);
});
