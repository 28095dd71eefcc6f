/** `roc doctor`: gathers what there is to know of this host and judges it. */
import { type Config, type LoadConfigOptions, loadConfig } from '../../kernel/config.js';
import { knownServerUrl } from '../api.js';
import { judgeHost, judgeServer } from './decide.js';
import { judgeData } from './decide-data.js';
import { type DataPlaces, gatherData } from './gather-data.js';
import { configProblems, gatherAws, gatherSession, messageOf } from './gather-host.js';
import { gatherServer } from './gather-server.js';
import type { AwsFacts, Check } from './model.js';

export interface ExamineOptions {
  readonly node: string;
  readonly load: LoadConfigOptions;
  readonly sections: Parameters<typeof configProblems>[1];
  /** Where a server of this configuration keeps what it has. */
  readonly places: (config: Config) => Promise<DataPlaces>;
  /** Asks AWS who this is; null where nothing may be asked. */
  readonly identity: (() => Promise<AwsFacts['identity']>) | null;
}

const NO_CONFIG: Config = { file: null, sections: {} };

export async function examine(options: ExamineOptions): Promise<Check[]> {
  const { env } = options.load;
  const { config, problems } = await readConfig(options);
  const aws = await gatherAws(env);
  const identity = aws.credentials === null || options.identity === null ? null : await options.identity();
  const host = judgeHost({
    node: options.node,
    config: { file: config.file, problems },
    session: await gatherSession(env),
    aws: { ...aws, identity },
  });
  const url = await knownServerUrl(config, env).catch(() => null);
  const server = url === null ? null : await gatherServer(url);
  // What a broken configuration says of places is not worth a look.
  const places = await options.places(problems.length > 0 ? NO_CONFIG : config);
  return [...host, ...judgeServer(server), ...judgeData(places.dataDir, await gatherData(places), server)];
}

async function readConfig({
  load,
  sections,
}: ExamineOptions): Promise<{ config: Config; problems: string[] }> {
  try {
    const config = loadConfig(load);
    return { config, problems: await configProblems(config, sections) };
  } catch (error) {
    return { config: NO_CONFIG, problems: [messageOf(error)] };
  }
}
