import { startExpress } from './express-app.ts';
import { startFastify } from './fastify-app.ts';
import { startFetch } from './fetch-app.ts';
import { startHono } from './hono-app.ts';
import { startKoa } from './koa-app.ts';
import { startNestjsOnExpress, startNestjsOnFastify } from './nestjs-app.ts';
import { startNode } from './node-app.ts';
import type { StartApp } from './running-app.ts';

/** The same app in every framework: what differs is the framework alone. */
export const frameworks: readonly (readonly [string, StartApp])[] = [
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['koa', startKoa],
  ['nestjs on express', startNestjsOnExpress],
  ['nestjs on fastify', startNestjsOnFastify],
  ['node', startNode],
  ['fetch', startFetch],
];

/** Where nothing parses a form before the handler asks for it. */
export const parseNoForms: readonly string[] = ['hono', 'node', 'fetch'];
