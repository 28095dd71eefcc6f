import { describe, expect, it } from 'vitest';
import { errorReport, errorText, wantsJson } from '../../src/cli/error-report.js';
import { ERROR_CODES, type ErrorCode, RocError } from '../../src/kernel/errors.js';

describe('an error report', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s ends with the exit code of the table', (code) => {
    expect(errorReport(new RocError(code, 'm', { hint: 'h' }))).toEqual({
      exitCode: ERROR_CODES[code].exit,
      error: { code, message: 'm', hint: 'h' },
    });
  });

  it('shows neither cause nor details', () => {
    const error = new RocError('ROC_REFUSED', 'no', {
      cause: new Error('secret-cause'),
      details: { token: 'secret-detail' },
    });
    const shown = JSON.stringify(errorReport(error)) + errorText(errorReport(error));
    expect(shown).not.toMatch(/secret/);
  });

  it.each([
    [new Error('first line\n    at stack (x.js:1:1)'), 'an unexpected fault: first line'],
    ['a string', 'an unexpected fault: a string'],
    [undefined, 'an unexpected fault: undefined'],
  ])('calls anything else a fault, without its stack: %s', (thrown, message) => {
    expect(errorReport(thrown)).toMatchObject({ exitCode: 1, error: { code: 'ROC_UNEXPECTED', message } });
  });

  it('tells somebody whose folder was deleted beneath them', () => {
    const error = Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), {
      syscall: 'uv_cwd',
    });
    expect(errorReport(error)).toMatchObject({
      exitCode: 2,
      error: { code: 'ROC_USAGE', message: 'the working directory does not exist any more' },
    });
  });

  it("tells the parser's refusals as usage errors on one line", () => {
    const refusal = Object.assign(
      new Error('Missing 1 required arg:\nrobot  its name\nSee more help with --help'),
      {
        oclif: { exit: 2 },
      },
    );
    expect(errorReport(refusal)).toMatchObject({
      exitCode: 2,
      error: { code: 'ROC_USAGE', message: 'Missing 1 required arg: robot its name' },
    });
  });

  it('names a flag that is missing as it is typed', () => {
    const text =
      'The following errors occurred:\n  Missing required flag scope\n  Missing required flag consumer\nSee more help with --help';
    const refusal = Object.assign(new Error(text), { oclif: { exit: 2 } });
    expect(errorReport(refusal).error.message).toBe('--scope is missing, --consumer is missing');
  });

  it('keeps the code of a RocError that a flag threw, and drops what the parser wrote around it', () => {
    const error = new RocError('ROC_INVALID_INPUT', '"x" is no port', { hint: 'Write 1 to 65535.' });
    error.message = `Parsing --listen \n\t${error.message}\nSee more help with --help`;
    expect(errorReport(error).error).toEqual({
      code: 'ROC_INVALID_INPUT',
      message: '--listen: "x" is no port',
      hint: 'Write 1 to 65535.',
    });
  });
});

describe('the text of an error', () => {
  it('says what to do next on a line of its own', () => {
    expect(errorText(errorReport(new RocError('ROC_REFUSED', 'no', { hint: 'Ask.' })))).toBe(
      'error: no\n  next: Ask.\n',
    );
  });

  it('leaves the second line out where there is nothing to do', () => {
    expect(errorText(errorReport(new RocError('ROC_REFUSED', 'no')))).toBe('error: no\n');
  });

  it('lets no control character of a foreign message reach the terminal, nor a colour that hides the rest', () => {
    const hidden = new RocError('ROC_FORBIDDEN', 'no\u001b[8m', { hint: '\u001b[30;40mAsk.' });
    expect(errorText(errorReport(hidden))).toBe('error: no\ufffd[8m\n  next: \ufffd[30;40mAsk.\n');
    expect(errorText(errorReport(new RocError('ROC_REFUSED', 'a\u001b[2Jb')))).toBe('error: a\ufffd[2Jb\n');
  });
});

describe('asking for JSON', () => {
  it.each([
    [['list', '--json'], true],
    [['list'], false],
    [['exec', '--', 'ls', '--json'], false],
    [['exec', '--json', '--', 'ls'], true],
  ])('%j: %s', (argv, expected) => {
    expect(wantsJson(argv)).toBe(expected);
  });
});
