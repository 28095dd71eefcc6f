/** The stable JSON report (schemas/vulns-report.schema.json), and its findings one a line. */
import type { OpenSink } from './sink.js';

export const openJson: OpenSink = (head, writer) => {
  const { plan, gates, ...before } = head;
  writer.write(`${JSON.stringify(before).slice(0, -1)},"findings":[`);
  let isFirst = true;
  return {
    finding(json) {
      writer.write(isFirst ? '\n' : ',\n');
      isFirst = false;
      writer.bytes(json);
    },
    end(groups) {
      writer.write(isFirst ? '],"plan":[' : '\n],"plan":[');
      plan.forEach((item, i) => {
        writer.write(`${i === 0 ? '\n' : ',\n'}${JSON.stringify(item)}`);
      });
      writer.write(
        `${plan.length === 0 ? '' : '\n'}],"gates":${JSON.stringify(gates)}${groups === null ? '' : `,"groups":${JSON.stringify(groups)}`}}\n`,
      );
    },
  };
};

export const openJsonLines: OpenSink = (_head, writer) => ({
  finding(json) {
    writer.bytes(json);
    writer.write('\n');
  },
  end() {},
});
