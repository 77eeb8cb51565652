import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import type { SETTINGS } from './settings.ts';

test('without settings, the defaults apply', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 8080);
  assert.equal(config.dataDir, `${process.cwd()}/data`);
  assert.equal(config.databaseUrl.href, `file://${process.cwd()}/data/mediahooks.sqlite`);
  assert.deepEqual(config.egressAllow, []);
  assert.ok(config.egressPorts(8443) && !config.egressPorts(6379));
  assert.equal(config.httpsOnly, false);
  assert.equal(config.egressProxy, null);
  assert.deepEqual(config.retryDelaysMs, [3_000, 3_000, 3_000]);
  assert.equal(config.deliveryTimeoutMs, 10_000);
  assert.ok(config.encoders >= 1);
  assert.ok(Object.isFrozen(config));
});

test('settings are read', () => {
  const config = readConfig({
    MEDIAHOOKS_PORT: '0',
    MEDIAHOOKS_DATA_DIR: '/srv/hooks',
    MEDIAHOOKS_EGRESS_ALLOW: ' 10.0.0.0/8, fd00::/8 ',
    MEDIAHOOKS_EGRESS_PORTS: '443, 8000-8999',
    MEDIAHOOKS_HTTPS_ONLY: 'true',
    MEDIAHOOKS_EGRESS_PROXY: 'http://proxy.internal:3128',
    MEDIAHOOKS_RETRY_DELAYS: '0.5,60',
    MEDIAHOOKS_PUBLIC_URL: 'https://media.example.com/',
    HOME: '/root',
  });
  assert.equal(config.port, 0);
  assert.equal(config.databaseUrl.href, 'file:///srv/hooks/mediahooks.sqlite');
  assert.deepEqual(config.egressAllow, ['10.0.0.0/8', 'fd00::/8']);
  assert.ok(config.egressPorts(8443) && !config.egressPorts(80));
  assert.equal(config.httpsOnly, true);
  assert.equal(config.egressProxy?.origin, 'http://proxy.internal:3128');
  assert.deepEqual(config.retryDelaysMs, [500, 60_000]);
  assert.equal(config.publicUrl, 'https://media.example.com');
  assert.deepEqual(readConfig({ MEDIAHOOKS_RETRY_DELAYS: '' }).retryDelaysMs, []);
});

test('limits are a rate and a burst, or a number; 0 and off mean no limit', () => {
  const config = readConfig({
    MEDIAHOOKS_RATE_LIMIT_ACCOUNT: '0.2:50',
    MEDIAHOOKS_RATE_LIMIT_ADDRESS: 'off',
    MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: '0',
    MEDIAHOOKS_MAX_WEBHOOKS: '0',
    MEDIAHOOKS_MAX_API_KEYS: '7',
    MEDIAHOOKS_TRUST_PROXY: '127.0.0.1, ::1, 10.0.0.0/8',
  });
  assert.deepEqual(config.accountRate, { perSecond: 0.2, burst: 50 });
  assert.deepEqual([config.addressRate, config.unauthorizedRate, config.maxWebhooks], [null, null, null]);
  assert.equal(config.maxApiKeys, 7);
  assert.deepEqual(config.trustProxy, ['127.0.0.1', '::1', '10.0.0.0/8']);
});

test('the limits of media come from the settings, and the encoders share the cores', () => {
  const { mediaLimits } = readConfig({
    MEDIAHOOKS_ENCODERS: String(availableParallelism()),
    MEDIAHOOKS_ENCODER_MEMORY: '600',
    MEDIAHOOKS_ENCODE_TIMEOUT: '61',
    MEDIAHOOKS_ENCODE_TIME_RATIO: '7',
    MEDIAHOOKS_MAX_ENCODED_BYTES: '20000',
    MEDIAHOOKS_MAX_FRAME_PIXELS: '4096',
    MEDIAHOOKS_MAX_DURATION: '90',
  });
  assert.deepEqual(mediaLimits, {
    maxPixels: 4_096,
    maxDurationSeconds: 90,
    encodeTimeMs: 61_000,
    encodeTimeRatio: 7,
    memoryBytes: 600 * 1024 * 1024,
    outputBytes: 20_000,
    threads: 1,
  });
  const one = readConfig({ MEDIAHOOKS_ENCODERS: '1' }).mediaLimits;
  assert.equal(one.threads, Math.min(16, availableParallelism()));
});

const PROVIDER = {
  MEDIAHOOKS_JWKS_URL: 'https://id.example.com/keys',
  MEDIAHOOKS_JWT_ISSUER: 'https://id.example.com/',
  MEDIAHOOKS_JWT_AUDIENCE: 'hooks',
};

test("an identity provider's URL, issuer and audience must be set together", () => {
  assert.equal(readConfig({}).identityProvider, null);
  const { identityProvider } = readConfig(PROVIDER);
  assert.deepEqual(
    { ...identityProvider, jwksUrl: identityProvider?.jwksUrl.href },
    {
      jwksUrl: PROVIDER.MEDIAHOOKS_JWKS_URL,
      issuer: PROVIDER.MEDIAHOOKS_JWT_ISSUER,
      audience: 'hooks',
      accountClaim: 'sub',
    },
  );
  for (const left of Object.keys(PROVIDER)) {
    const { [left as keyof typeof PROVIDER]: _, ...rest } = PROVIDER;
    assert.throws(() => readConfig(rest), new RegExp(`^ConfigError: ${left}: expected a value, because `));
  }
  for (const url of ['http://127.0.0.1:81/keys', 'http://localhost/keys', 'http://[::1]/keys']) {
    assert.ok(readConfig({ ...PROVIDER, MEDIAHOOKS_JWKS_URL: url }).identityProvider);
  }
});

test('the error of a malformed setting names the setting, the expected value and the given one', () => {
  const malformed: Partial<Record<keyof typeof SETTINGS, string>> = {
    MEDIAHOOKS_PORT: '80a',
    MEDIAHOOKS_JWKS_URL: 'http://id.example.com/keys',
    MEDIAHOOKS_JWT_ISSUER: 'mediahooks',
    MEDIAHOOKS_JWT_AUDIENCE: ' ',
    MEDIAHOOKS_HOST: ' ',
    MEDIAHOOKS_PUBLIC_URL: 'ftp://x/',
    MEDIAHOOKS_DATABASE_URL: 'mysql://x/',
    MEDIAHOOKS_EGRESS_ALLOW: '10.0.0.0/8,localhost',
    MEDIAHOOKS_EGRESS_PORTS: '80-',
    MEDIAHOOKS_HTTPS_ONLY: 'yes',
    MEDIAHOOKS_RETRY_DELAYS: '3,,3',
    MEDIAHOOKS_DELIVERY_TIMEOUT: '0',
    MEDIAHOOKS_ENCODERS: '-1',
    MEDIAHOOKS_RETENTION_DAYS: '30d',
    MEDIAHOOKS_LOG_LEVEL: 'loud',
    MEDIAHOOKS_RATE_LIMIT_ACCOUNT: '100',
    MEDIAHOOKS_RATE_LIMIT_ADDRESS: '100:0',
    MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: '-1:5',
    MEDIAHOOKS_TRUST_PROXY: '127.0.0.1,loopback',
    MEDIAHOOKS_MAX_CONNECTIONS: '0',
    MEDIAHOOKS_MAX_WEBHOOKS: 'many',
  };
  for (const [name, text] of Object.entries(malformed)) {
    assert.throws(
      () => readConfig({ [name]: text }),
      (error) =>
        error instanceof ConfigError &&
        error.message.startsWith(`${name}: expected `) &&
        error.message.endsWith(`got ${JSON.stringify(text)}`),
      name,
    );
  }
});

test('ended events and deliveries are kept for days, or forever', () => {
  assert.equal(readConfig({}).retentionMs, 30 * 24 * 3_600_000);
  assert.equal(readConfig({ MEDIAHOOKS_RETENTION_DAYS: '0.5' }).retentionMs, 12 * 3_600_000);
  assert.equal(readConfig({ MEDIAHOOKS_RETENTION_DAYS: '0' }).retentionMs, null);
});

test('a secret is never shown, malformed or not, and an empty token is refused', () => {
  assert.equal(readConfig({}).metricsToken, null);
  assert.equal(readConfig({ MEDIAHOOKS_METRICS_TOKEN: 'sixteen-letters!' }).metricsToken, 'sixteen-letters!');
  for (const text of ['', 'too-short', 'sixteen letters and spaces']) {
    assert.throws(
      () => readConfig({ MEDIAHOOKS_METRICS_TOKEN: text }),
      /^ConfigError: MEDIAHOOKS_METRICS_TOKEN: expected at least 16 characters, without spaces$/,
    );
  }
});

test('an unknown setting is refused, because it may be a typing error', () => {
  assert.throws(() => readConfig({ MEDIAHOOKS_PROT: '80' }), /MEDIAHOOKS_PROT is not a setting/);
});

test('a database by a relative path or on another machine is refused', () => {
  for (const url of ['file:rel.sqlite', 'file://host/x.sqlite', 'file:', 'file:///', 'rel.sqlite']) {
    assert.throws(
      () => readConfig({ MEDIAHOOKS_DATABASE_URL: url }),
      /^ConfigError: MEDIAHOOKS_DATABASE_URL: .*absolute/,
      url,
    );
  }
  for (const url of ['file:/srv/x.sqlite', 'file:///srv/x.sqlite', 'file://localhost/srv/x.sqlite']) {
    assert.equal(readConfig({ MEDIAHOOKS_DATABASE_URL: url }).databaseUrl.href, 'file:///srv/x.sqlite');
  }
});

test('the error of a network without its number of bits shows the given value once', () => {
  assert.throws(
    () => readConfig({ MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.1' }),
    (error: Error) => error.message.split('got').length === 2 && error.message.endsWith('got "127.0.0.1"'),
  );
});

test('encryption keys are 32 bytes in base64, the newest first, or in a file; no error shows a key', () => {
  const [key, old] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const read = (text: string) => readConfig({ MEDIAHOOKS_ENCRYPTION_KEY: text }).encryptionKey;
  assert.equal(readConfig({}).encryptionKey, null);
  const both = `${key.toString('base64')},${old.toString('base64')}`;
  assert.deepEqual(read(both), { keys: [key, old], file: null });
  assert.deepEqual(read('file:///run/a%20key'), { keys: [], file: '/run/a key' });
  for (const text of ['', ',', 'c2hvcnQ=', Buffer.alloc(33, 1).toString('base64'), `${both},x`]) {
    assert.throws(() => read(text), /^ConfigError: MEDIAHOOKS_ENCRYPTION_KEY: expected 32 bytes[^=]*$/);
  }
  for (const url of ['file:key', 'file://host/key']) assert.throws(() => read(url), /absolute path/);
});
