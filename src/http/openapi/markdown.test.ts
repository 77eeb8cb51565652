import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdown } from './markdown.ts';

test('headings, paragraphs, lists and code become HTML', () => {
  const text = `One
line.

## Rate limits

- \`a\`: first,
  goes on
- second

\`\`\`
{ "a": "<b>" }

- no list
\`\`\`

Last.`;
  assert.equal(
    markdown(text).text,
    `<p>One
line.</p><h2 id="rate-limits">Rate limits</h2><ul><li><code>a</code>: first,
  goes on</li><li>second</li></ul><pre tabindex="0"><code>{ &quot;a&quot;: &quot;&lt;b&gt;&quot; }

- no list</code></pre><p>Last.</p>`,
  );
});

test('in a line, code and links are; what looks like HTML is text', () => {
  assert.equal(
    markdown('See [the page](#here) of `a < b`, not <i>that</i>.').text,
    '<p>See <a href="#here">the page</a> of <code>a &lt; b</code>, not &lt;i&gt;that&lt;/i&gt;.</p>',
  );
});
