import { Marked } from 'marked';
import { Html, html } from './html.ts';

/** For our own descriptions, whose HTML-like parts, as in "`a` < b", are text. */
const renderer = new Marked({
  renderer: {
    heading({ tokens, text, depth }) {
      return `<h${depth} id="${idOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>`;
    },
    code: ({ text }) => codeBlock(text).text,
    html: ({ text }) => html`${text}`.text,
  },
});

/** Markdown of several paragraphs. */
export function markdown(text: string): Html {
  return new Html(renderer.parse(text, { async: false }));
}

/** Markdown within a paragraph. */
export function inline(text: string): Html {
  return new Html(renderer.parseInline(text, { async: false }));
}

/** Can be scrolled with the keyboard, too. */
export function codeBlock(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

/** What a heading is linked to by. */
export function idOf(text: string): string {
  return text.toLowerCase().replace(/\W+/g, '-');
}
