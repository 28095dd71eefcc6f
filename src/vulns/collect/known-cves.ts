/** What the feeds say of a CVE, looked up once for all its findings. */
import type { FeedLookup } from '../decide/facts.js';
import { ownText } from './own-text.js';

interface Known {
  readonly kev: ReturnType<FeedLookup['kev']>;
  readonly epss: ReturnType<FeedLookup['epss']>;
  readonly ssvc: ReturnType<FeedLookup['ssvc']>;
}

// There are tens of thousands of CVEs and millions of findings; the bound keeps a hostile file from filling memory.
const MOST_CVES = 50_000;

/** The same answers as `feeds`; the three questions about one CVE in a row cost one look-up. */
export function rememberCves(feeds: FeedLookup): FeedLookup {
  const all = new Map<string, Known>();
  let lastCve = '';
  let last: Known = ask('');

  function find(cve: string): Known {
    if (cve === lastCve) return last;
    const known = all.get(cve) ?? ask(cve);
    lastCve = cve;
    last = known;
    return known;
  }

  function ask(cve: string): Known {
    const known = { kev: feeds.kev(cve), epss: feeds.epss(cve), ssvc: feeds.ssvc(cve) };
    if (all.size >= MOST_CVES) all.clear();
    if (cve.length < 40) all.set(ownText(cve), known);
    return known;
  }

  return {
    hasKev: feeds.hasKev,
    kev: (cve) => find(cve).kev,
    epss: (cve) => find(cve).epss,
    ssvc: (cve) => find(cve).ssvc,
  };
}
