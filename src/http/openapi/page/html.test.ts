import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from './html.ts';

test('values are escaped, HTML is not, and absent values are left out', () => {
  const inner = html`<b title="${`"'`}">${'<script>&'}</b>`;
  assert.equal(inner.text, '<b title="&quot;&#39;">&lt;script&gt;&amp;</b>');
  assert.equal(
    html`${inner}|${[inner, inner]}|${7}|${false}${null}${undefined}`.text,
    [inner.text, inner.text + inner.text, '7', ''].join('|'),
  );
});
