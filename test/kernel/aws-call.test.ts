import { describe, expect, test } from 'vitest';
import { awsFaultName, sendAws } from '../../src/kernel/aws-call.js';
import { RocError } from '../../src/kernel/errors.js';
import { attempt } from '../../src/kernel/known.js';

const fault = (name: string, message = 'says AWS\n  $fault: client') =>
  Object.assign(new TypeError(message), { name });
const failing = (error: unknown) => () => Promise.reject(error as Error);

describe('a call to AWS', () => {
  test('tells how many tries it took beyond the first', async () => {
    const told: [string, number][] = [];
    const onRetries = (call: string, retries: number) => void told.push([call, retries]);
    await sendAws('a:B', async () => ({ $metadata: { attempts: 1 } }), { onRetries });
    await sendAws('a:B', async () => ({ $metadata: {} }), { onRetries });
    await sendAws('a:B', async () => ({ $metadata: { attempts: 4 } }), { onRetries });
    expect(told).toEqual([['a:B', 3]]);
  });

  test.each([
    ['AccessDenied', 'ROC_FORBIDDEN'],
    ['ThrottlingException', 'ROC_THROTTLED'],
    ['CredentialsProviderError', 'ROC_CREDENTIALS_MISSING'],
    ['DBInstanceNotFoundFault', 'ROC_NOT_FOUND'],
    ['NoSuchBucket', 'ROC_NOT_FOUND'],
    ['ValidationError', 'ROC_INVALID_INPUT'],
    ['SomethingOfTomorrow', 'ROC_UNEXPECTED'],
  ])('that fails with %s is %s, in one line, with the name kept', async (name, code) => {
    const error = await sendAws('a:B', failing(fault(name))).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^a:B: [^\n]+$/) });
    expect(awsFaultName(error)).toBe(name);
  });

  test('that is interrupted says so, whatever the SDK throws', async () => {
    const controller = new AbortController();
    const call = sendAws(
      'a:B',
      (signal) =>
        new Promise<{ $metadata: object }>((_, reject) =>
          signal.addEventListener('abort', () => reject(fault('AbortError'))),
        ),
      { signal: controller.signal },
    );
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
  });
});

describe('an attempt', () => {
  test('keeps the value, or why there is none', async () => {
    expect(await attempt(async () => 7)).toEqual({ value: 7 });
    expect(await attempt(failing(new RocError('ROC_FORBIDDEN', 'no')))).toEqual({ unknown: 'no' });
  });

  test.each([
    new RocError('ROC_CREDENTIALS_MISSING', 'x'),
    new RocError('ROC_INTERRUPTED', 'x'),
    new TypeError('a fault of our own'),
  ])('does not hide %s', async (error) => {
    await expect(attempt(failing(error))).rejects.toBe(error);
  });
});
