import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { outputOfCommand } from '../../support/service/command.ts';
import { ConsoleBrowser } from '../../support/service/console-browser.ts';
import { testEnvironment } from '../../support/service/service.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** The service as operators run it, with everything that it can log. */
let service: ServiceProcess;

before(async () => {
  service = await ServiceProcess.create({ settings: { MEDIAHOOKS_LOG_LEVEL: 'trace' } });
  await service.start();
});

after(() => service.remove());

test('a link of the command line signs the account in once, and neither it nor a cookie is in the log', async () => {
  const { email } = (await service.client.expect(200, 'GET', '/user/me')).data.user;
  const { port } = new URL(service.url);
  const environment = { ...testEnvironment(service.dataDir), MEDIAHOOKS_PORT: port };
  const printed = await outputOfCommand(['console-link', email], environment);
  assert.ok(printed.startsWith(`${service.url}/console/#link=`), printed);
  const link = printed.trim().split('=')[1] as string;
  const json = JSON.parse(await outputOfCommand(['console-link', email, '--json'], environment));
  assert.deepEqual(Object.keys(json), ['user_id', 'url', 'expires_at']);

  const browser = new ConsoleBrowser(service.url);
  const session = await browser.signIn({ link });
  assert.equal(session.account.email, email);
  const again = await browser.call('POST', '/api/console/session', { json: { link } });
  assert.equal(again.status, 401);
  // Sends what browsers send for the page of the link, and, by mistake, the secret in a query.
  await fetch(`${service.url}/console/`).then((response) => response.body?.cancel());
  await browser.call('GET', `/api/console/session?link=${link}`);

  const records = (await service.client.expect(200, 'GET', '/audit?limit=100')).data.audit_records;
  const found = records.map(({ action, credential }: { action: string; credential: string }) => [
    action,
    credential,
  ]);
  assert.ok(found.some(([action, by]: string[]) => action === 'account.signed_in' && by === 'console_link'));
  const issued = found.filter(([action]: string[]) => action === 'account.console_link_issued');
  assert.deepEqual(issued, [
    ['account.console_link_issued', 'command_line'],
    ['account.console_link_issued', 'command_line'],
  ]);
  const { stdout, stderr } = await service.terminate();
  for (const secret of [link, browser.cookie.split('=')[1] as string])
    assert.ok(!`${stdout}${stderr}`.includes(secret));
});
