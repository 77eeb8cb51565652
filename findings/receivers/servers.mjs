/** Receivers by their row in the document: the program with its arguments. `PORT` is replaced with the port. */

const node = (file) => [process.execPath, `${file}.mjs`];
const python = (...args) => [`${process.cwd()}/python/bin/python`, '-m', ...args];
const gunicorn = (app, ...args) => python('gunicorn', '-b', '127.0.0.1:PORT', ...args, app);

export const SERVERS = {
  'Express 5.3.0': node('express'),
  'Fastify 5.12.8': node('fastify'),
  'Koa 3.3.0': node('koa'),
  'Hono 4.13.19 (node-server 2.1.9)': node('hono'),
  'h3 2.0.8': node('h3'),
  'FastAPI 0.165.0, uvicorn 0.54.0': python('uvicorn', '--port', 'PORT', 'fastapi_app:app'),
  'FastAPI 0.165.0, hypercorn 0.18.0': python('hypercorn', '-b', '127.0.0.1:PORT', 'fastapi_app:app'),
  'FastAPI 0.165.0, granian 2.8.9': python(
    'granian',
    '--port',
    'PORT',
    '--interface',
    'asgi',
    'fastapi_app:app',
  ),
  'Flask 3.1.3, its own server': python('flask', '--app', 'flask_app', 'run', '--port', 'PORT'),
  'Flask 3.1.3, waitress 3.0.2': python('waitress', '--listen=127.0.0.1:PORT', 'flask_app:app'),
  'Flask 3.1.3, gunicorn 27.0.1': gunicorn('flask_app:app'),
  'Flask 3.1.3, gunicorn 27.0.1 with threads': gunicorn('flask_app:app', '--threads', '4'),
  'Django 5.2.19, gunicorn 27.0.1': gunicorn('django_app:app'),
  'Go 1.26, net/http': ['./go/receiver', 'net/http'],
  'Go 1.26, gin 1.12.0': ['./go/receiver', 'gin'],
  'Go 1.26, chi 5.5.0': ['./go/receiver', 'chi'],
  'PHP 8.2, php -S': ['php', '-S', '127.0.0.1:PORT', 'router.php'],
};
