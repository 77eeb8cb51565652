import {
  type Answer,
  type Content,
  credentialsOf,
  examplesIn,
  type Operation,
  type Parameter,
} from '../description.ts';
import { curlOf } from './curl.ts';
import { type Html, html, NOTHING } from './html.ts';
import { codeBlock, inline, markdown } from './markdown.ts';
import { type Direction, schemaFields, typeOf } from './schema-fields.ts';

/** Renders an operation: its purpose, parameters, body, answers and an example call. */
export function operationSection(method: string, path: string, operation: Operation): Html {
  const { operationId, summary, description = '', parameters = [], requestBody, responses } = operation;
  return html`<section class="operation" id="${operationId}">
<h3><span class="method ${method}">${method}</span> <code>${path}</code></h3>
<p class="summary">${summary}</p>
${markdown(description)}
${noteOnCredentials(operation)}
${parametersOf(parameters)}
${requestBody ? bodyOf(requestBody) : NOTHING}
<h4>Call</h4>
${codeBlock(curlOf(method, path, operation))}
${answersOf(responses)}
</section>`;
}

const NOTES = {
  needed: null,
  optional: 'Credentials are needed only for objects that are not public.',
  none: 'No credentials are needed.',
} as const;

function noteOnCredentials(operation: Operation): Html {
  const note = NOTES[credentialsOf(operation)];
  return note === null ? NOTHING : html`<p class="note">${note}</p>`;
}

/** Renders an event type: the request that a receiver gets, and the meaning of the receiver's answers. */
export function eventSection(name: string, operation: Operation): Html {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  return html`<section class="operation" id="${operationId}">
<h3><span class="method event">event</span> <code>${name}</code></h3>
<p class="summary">${summary}</p>
${parametersOf(parameters)}
${requestBody ? bodyOf(requestBody) : NOTHING}
<h4>Meaning of your answer</h4>
${statusList(Object.entries(responses))}
</section>`;
}

function parametersOf(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return NOTHING;
  return html`<h4>Parameters</h4>
<ul class="fields">${parameters.map(
    ({ name, in: where, required, description = '', schema, example }) => html`<li>
<code class="name">${name}</code> <span class="type">${where}, ${typeOf(schema)}</span>${required && html` <span class="required">required</span>`}
<div>${inline(description)}${example !== undefined && html` <span class="such-as">For example <code>${String(example)}</code></span>`}</div>
</li>`,
  )}</ul>`;
}

function bodyOf({ required, content }: NonNullable<Operation['requestBody']>): Html {
  const [first] = Object.values(content);
  if (!first) return NOTHING;
  const types = Object.keys(content).map((type) => html`<code>${type}</code> `);
  return html`<h4>Body <span class="type">${types}${required === false && 'optional'}</span></h4>
${first.schema?.description && html`<p>${inline(first.schema.description)}</p>`}
${contentOf(first, 'request')}`;
}

function contentOf(content: Content, direction: Direction): Html {
  const examples = examplesIn(content).map((example) => codeBlock(JSON.stringify(example, null, 2)));
  return html`<div class="content"><div>${content.schema && schemaFields(content.schema, direction)}</div><div>${examples}</div></div>`;
}

function answersOf(responses: Operation['responses']): Html {
  const entries = Object.entries(responses);
  const isSuccess = ([status]: [string, Answer]) => status.startsWith('2');
  const successes = entries.filter(isSuccess).map(([status, { description, content }]) => {
    const body = content?.['application/json'];
    return html`<h4>Answer <span class="status">${status}</span> <span class="type">${description}</span></h4>
${body ? contentOf(body, 'answer') : NOTHING}`;
  });
  return html`${successes}<h4>Errors</h4>
${statusList(entries.filter((entry) => !isSuccess(entry)))}`;
}

function statusList(answers: readonly [string, Answer][]): Html {
  const items = answers.map(
    ([status, { description }]) =>
      html`<li><span class="status">${status}</span> <div>${markdown(description)}</div></li>`,
  );
  return html`<ul class="statuses">${items}</ul>`;
}
