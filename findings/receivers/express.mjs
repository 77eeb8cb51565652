import express from 'express';
import { statusOf } from './verify.mjs';

const app = express();
app.post('/hooks/', express.raw({ type: 'application/json' }), (request, response) => {
  response.status(statusOf(request.body, request.headers)).end();
});
app.listen(Number(process.env.PORT), '127.0.0.1');
