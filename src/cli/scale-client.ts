/** The server whose nodes `roc scale` drains: only where this shell has a key for it. */
import type { Config } from '../kernel/config.js';
import { isRocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { configuredServerUrl, openApi } from './api.js';

export interface ScaleClientOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

/** `url` is used where neither ROC_URL nor client.url says another. Null where nobody is signed in. */
export async function scaleClient(
  { config, env, userAgent }: ScaleClientOptions,
  url: string | undefined,
): Promise<Client | null> {
  const ROC_URL = env['ROC_URL'] || configuredServerUrl(config) || url;
  try {
    return await openApi({ config, userAgent, env: { ...env, ROC_URL } });
  } catch (error) {
    if (isRocError(error) && error.code === 'ROC_UNAUTHENTICATED') return null;
    throw error;
  }
}
