import fastify from 'fastify';
import { statusOf } from './verify.mjs';

const app = fastify();
app.removeContentTypeParser('application/json');
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
app.post('/hooks/', (request, reply) => {
  reply.status(statusOf(request.body, request.headers)).send();
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
