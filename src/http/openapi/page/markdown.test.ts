import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inline, markdown } from './markdown.ts';

test('headings can be linked to, and code can be scrolled with the keyboard', () => {
  const { text } = markdown('## Rate `limits`\n\n```\n{ "a": "<b>" }\n```');
  assert.match(text, /<h2 id="rate-limits-">Rate <code>limits<\/code><\/h2>/);
  assert.match(text, /<pre tabindex="0"><code>{ &quot;a&quot;: &quot;&lt;b&gt;&quot; }<\/code><\/pre>/);
});

test('what looks like HTML is text, in a line and by itself', () => {
  assert.equal(
    inline('See [the page](#here) of `a < b`, not <i>that</i>.').text,
    'See <a href="#here">the page</a> of <code>a &lt; b</code>, not &lt;i&gt;that&lt;/i&gt;.',
  );
  assert.match(markdown('<script>alert(1)</script>').text, /^&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
});
