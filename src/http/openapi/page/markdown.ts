import { Marked } from 'marked';
import { Html, html } from './html.ts';

/** Renders our own descriptions. Parts that look like HTML, such as "`a` < b", are treated as text. */
const renderer = new Marked({
  renderer: {
    heading({ tokens, text, depth }) {
      return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>`;
    },
    code: ({ text }) => codeBlock(text).text,
    html: ({ text }) => html`${text}`.text,
  },
});

/** Renders Markdown of several paragraphs. */
export function markdown(text: string): Html {
  return new Html(renderer.parse(text, { async: false }));
}

/** Renders Markdown within a paragraph. */
export function inline(text: string): Html {
  return new Html(renderer.parseInline(text, { async: false }));
}

/** Renders a block of code that can also be scrolled with the keyboard. */
export function codeBlock(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

/** Returns the id by which links refer to a heading. */
export function idOf(text: string): string {
  return text.toLowerCase().replace(/\W+/g, '-');
}
