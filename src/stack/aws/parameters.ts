/** Parameters of Systems Manager: the outputs that the stack left, and AWS's public ones. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { AwsAccess } from './access.js';
import { awsErrorName, callAws } from './call.js';

/** Null where there is none. */
export async function readParameter(access: AwsAccess, name: string): Promise<string | null> {
  try {
    const reply = await callAws('ssm:GetParameter', (abortSignal) =>
      access.client(SSMClient).send(new GetParameterCommand({ Name: name }), { abortSignal }),
    );
    return reply.Parameter?.Value ?? null;
  } catch (error) {
    if (awsErrorName(error) === 'ParameterNotFound') return null;
    throw error;
  }
}
