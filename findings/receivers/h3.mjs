import { H3, serve } from 'h3';
import { statusOf } from './verify.mjs';

const app = new H3();
app.post('/hooks/', async ({ req: request }) => {
  const status = statusOf(await request.text(), Object.fromEntries(request.headers));
  return new Response(null, { status });
});
serve(app, { port: Number(process.env.PORT), hostname: '127.0.0.1', silent: true });
