/** Chromium for tests of the console: a new profile each time, no network of its own. */
import { tmpdir } from 'node:os';
import { type Browser, chromium } from 'playwright-core';
import { browserProgram } from './programs.js';
import { makeTempDir, removeDir } from './temp-dir.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser; its profile and home go away when it closes. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserProgram();
  if (executablePath === null) throw new TypeError('no chromium: declare the part `browser`');
  const home = makeTempDir('browser');
  const { PATH = '', TMPDIR = tmpdir() } = process.env;
  const env = { PATH, TMPDIR, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
  try {
    const browser = await chromium.launch({ executablePath, args: FLAGS, env });
    browser.once('disconnected', () => removeDir(home));
    return browser;
  } catch (error) {
    removeDir(home);
    throw error;
  }
}
