import Router from '@koa/router';
import Koa from 'koa';
import { statusOf } from './verify.mjs';

const router = new Router();
router.post('/hooks/', async (context) => {
  const body = Buffer.concat(await context.req.toArray());
  context.status = statusOf(body, context.req.headers);
});
new Koa().use(router.routes()).listen(Number(process.env.PORT), '127.0.0.1');
