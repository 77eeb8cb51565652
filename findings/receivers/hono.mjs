import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { statusOf } from './verify.mjs';

const app = new Hono();
app.post('/hooks/', async ({ req: { raw: request } }) => {
  const status = statusOf(await request.text(), Object.fromEntries(request.headers));
  return new Response(null, { status });
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
