import { Marked } from 'marked';
import { Html, html } from './html.ts';

/**
 * Renders the texts of the API's description. Parts that look like HTML, such as "`a` < b",
 * are shown as text.
 */
const renderer = new Marked({
  renderer: {
    heading({ tokens, text, depth }) {
      return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>`;
    },
    code: ({ text }) => codeBlock(text).text,
    html: ({ text }) => html`${text}`.text,
  },
});

/** Renders Markdown that can have several paragraphs. */
export function markdown(text: string): Html {
  return new Html(renderer.parse(text, { async: false }));
}

/** Renders Markdown as part of a paragraph. */
export function inline(text: string): Html {
  return new Html(renderer.parseInline(text, { async: false }));
}

/** Renders a block of code. The block can have the focus, so that it can be scrolled with the keyboard. */
export function codeBlock(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

/** Returns the HTML id of a heading. Links refer to the heading by this id. */
export function idOf(text: string): string {
  return text.toLowerCase().replace(/\W+/g, '-');
}
