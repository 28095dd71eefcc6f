/** Markdown for a comment on a pull request: GitHub takes 65,536 characters, so the most urgent come first. */
import { HIDDEN_CHARACTER } from '../../kernel/foreign-text.js';
import type { Finding } from '../model.js';
import type { ReportHead } from '../report-model.js';
import type { OpenSink } from './sink.js';
import { dueText, feedLine, gateLines, summaryLines } from './terminal.js';

const MOST_CHARS = 60_000;
const PLAN_ROWS = 25;

export const openMarkdown: OpenSink = (head, writer) => {
  let size = 0;
  let left = 0;
  const put = (text: string): void => {
    size += text.length;
    writer.write(text);
  };
  put(intro(head));
  return {
    finding(_json, parsed) {
      const row = findingRow(parsed());
      if (left > 0 || size + row.length > MOST_CHARS) left++;
      else put(row);
    },
    end() {
      if (left > 0) writer.write(`\n${left} more findings are not shown.\n`);
    },
  };
};

function intro(head: ReportHead): string {
  const gates = gateLines(head).map((line) => `- ${cell(line)}`);
  const plan = head.plan
    .slice(0, PLAN_ROWS)
    .map(
      (item) =>
        `| ${dueText(item.dueInDays)} | ${cell(item.action)} | ${item.findings} | ${item.resources} | ${item.kev} | ${cell(item.owners.join(', '))} |\n`,
    );
  return [
    '# What to fix first\n\n',
    ...summaryLines(head).map((line) => `${cell(line)}  \n`),
    head.feeds.length === 0 ? '' : `${cell(feedLine(head))}\n`,
    gates.length === 0 ? '' : `\n## Gates\n\n${gates.join('\n')}\n`,
    '\n## Plan\n\n| due | action | findings | resources | KEV | owner |\n|---|---|--:|--:|--:|---|\n',
    ...plan,
    head.plan.length > PLAN_ROWS ? `\n${head.plan.length - PLAN_ROWS} more actions are not shown.\n` : '',
    '\n## Findings\n\n| severity | due | what | where | action |\n|---|---|---|---|---|\n',
  ].join('');
}

function findingRow(finding: Finding): string {
  const what = finding.ids.cve ?? finding.ids.advisory ?? finding.title;
  const name = finding.package === null ? what : `${what} ${finding.package.name}`;
  return `| ${finding.severity} | ${finding.decision.dueAt?.slice(0, 10) ?? '-'} | ${cell(name)} | ${cell(finding.resource.repo ?? finding.resource.id)} | ${finding.decision.action} |\n`;
}

/** Text in a table cell: no markup, no mention that would call somebody, no HTML, no second cell. */
export function cell(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(HIDDEN_CHARACTER, '')
    .slice(0, 300)
    .replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c)
    .replace(/[\\`*_{}[\]()#!|~]/g, (c) => `\\${c}`)
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/(https?):\/\//g, '$1:\u200b//');
}
