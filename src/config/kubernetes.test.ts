import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

/** The variables of a Service `mediahooks` with two ports, as Kubernetes 1.31 sets them in a container. */
const SERVICE = {
  MEDIAHOOKS_SERVICE_HOST: '10.96.0.11',
  MEDIAHOOKS_SERVICE_PORT: '8080',
  MEDIAHOOKS_SERVICE_PORT_HTTP: '8080',
  MEDIAHOOKS_SERVICE_PORT_HTTP_ALT: '9090',
  MEDIAHOOKS_PORT: 'tcp://10.96.0.11:8080',
  MEDIAHOOKS_PORT_8080_TCP: 'tcp://10.96.0.11:8080',
  MEDIAHOOKS_PORT_8080_TCP_PROTO: 'tcp',
  MEDIAHOOKS_PORT_8080_TCP_PORT: '8080',
  MEDIAHOOKS_PORT_8080_TCP_ADDR: '10.96.0.11',
  MEDIAHOOKS_PORT_9090_UDP: 'udp://10.96.0.11:9090',
  MEDIAHOOKS_PORT_9090_UDP_PROTO: 'udp',
  MEDIAHOOKS_PORT_9090_UDP_PORT: '9090',
  MEDIAHOOKS_PORT_9090_UDP_ADDR: '10.96.0.11',
};

/** The variables of a Service `mediahooks-metrics`, by an IPv6 address. */
const OTHER_SERVICE = {
  MEDIAHOOKS_METRICS_SERVICE_HOST: 'fd00:10:96::b',
  MEDIAHOOKS_METRICS_SERVICE_PORT: '80',
  MEDIAHOOKS_METRICS_PORT: 'tcp://[fd00:10:96::b]:80',
  MEDIAHOOKS_METRICS_PORT_80_TCP: 'tcp://[fd00:10:96::b]:80',
  MEDIAHOOKS_METRICS_PORT_80_TCP_PROTO: 'tcp',
  MEDIAHOOKS_METRICS_PORT_80_TCP_PORT: '80',
  MEDIAHOOKS_METRICS_PORT_80_TCP_ADDR: 'fd00:10:96::b',
};

test('variables that Kubernetes sets for Services named after this one are ignored, and all are named', () => {
  const { port, ignoredVariables } = readConfig({ ...SERVICE, ...OTHER_SERVICE, MEDIAHOOKS_HOST: '0.0.0.0' });
  assert.equal(port, 8080);
  assert.deepEqual(ignoredVariables, Object.keys({ ...SERVICE, ...OTHER_SERVICE }).toSorted());
  assert.deepEqual(readConfig({}).ignoredVariables, []);
});

test('a port that the operator sets applies beside the variables of the Service', () => {
  const { port, ignoredVariables } = readConfig({ ...SERVICE, MEDIAHOOKS_PORT: '9000' });
  assert.equal(port, 9000);
  assert.equal(ignoredVariables.includes('MEDIAHOOKS_PORT'), false);
});

test('a variable that only looks like one of a Service is refused', () => {
  const { MEDIAHOOKS_SERVICE_HOST: _, ...withoutHost } = SERVICE;
  const { MEDIAHOOKS_SERVICE_PORT: __, ...withoutPort } = SERVICE;
  const wrong: Record<string, string>[] = [
    withoutHost,
    withoutPort,
    { MEDIAHOOKS_PORT: 'tcp://10.96.0.11:8080' },
    { ...SERVICE, MEDIAHOOKS_SERVICE_HOST: 'localhost' },
    { ...SERVICE, MEDIAHOOKS_SERVICE_PORT: 'http' },
    { ...SERVICE, MEDIAHOOKS_PORT: 'tcp://10.96.0.11' },
    { ...SERVICE, MEDIAHOOKS_PORT: '10.96.0.11:8080' },
    { ...SERVICE, MEDIAHOOKS_PORT_8080_TCP: '8080' },
    { ...SERVICE, MEDIAHOOKS_PORT_8080_TCP_NAME: 'http' },
    { ...SERVICE, MEDIAHOOKS_SERVICE_HOSTS: '10.96.0.11' },
    { ...SERVICE, MEDIAHOOKS_PORTS: '8080' },
    { ...SERVICE, MEDIAHOOKS_PROT: '8080' },
    { ...SERVICE, MEDIAHOOKS_METRICS_PORT: 'tcp://10.96.0.12:80' },
  ];
  for (const env of wrong) assert.throws(() => readConfig(env), ConfigError, JSON.stringify(env));
});
