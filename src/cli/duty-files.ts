/** The policies that roc.yaml names for the duties, held against their schemas before a host gets them. */
import { RocError } from '../kernel/errors.js';
import type { Schemas } from './policy-check.js';

interface DutyFile {
  readonly kind: string | null;
  readonly setting: string;
  readonly path: string;
}

/** @param registry what the program knows of schemas, loaded when there is something to check */
export function dutyFileCheck(
  registry: () => Promise<{ SECTIONS: Schemas['sections']; POLICIES: Schemas['policies'] }>,
) {
  /** @throws RocError ROC_POLICY_INVALID with the first problem of a file */
  return async (files: readonly DutyFile[]): Promise<void> => {
    if (files.length === 0) return;
    const { checkFile } = await import('./policy-check.js');
    const { SECTIONS: sections, POLICIES: policies } = await registry();
    for (const { kind, setting, path } of files) {
      if (kind === null) continue;
      const { problems } = await checkFile(path, { sections, policies }, kind);
      const [first] = problems;
      if (first === undefined) continue;
      throw new RocError('ROC_POLICY_INVALID', `${setting}: ${path}:${first.line ?? 1}: ${first.message}`, {
        hint: `The ops host would refuse it at each run: see \`roc policy check ${path} --kind ${kind}\`.`,
      });
    }
  };
}
