/**
 * `roc provision account`: what an account has once and the stack relies on. Each is adopted where it is there and made
 * where it is not; the stack owns none of them, and destroying the stack leaves them all.
 */

interface AccountService {
  readonly find: () => Promise<boolean>;
  /** Null where roc looks but makes nothing: what it takes belongs to the whole company, not to this stack. */
  readonly make: (() => Promise<void>) | null;
}

export type AccountPort = Readonly<Record<string, AccountService>>;

export interface AccountItem {
  readonly service: string;
  readonly state: 'adopted' | 'made' | 'would be made' | 'missing';
  /** What to do about a missing one. */
  readonly fix: string | null;
}

const FIXES: Readonly<Record<string, string>> = {
  config:
    'Turn the recorder of AWS Config on, with the bucket of your log archive: Security Hub judges by it.',
  cloudtrail:
    'Make a trail of all regions into the bucket of your log archive: it is the record of every call.',
};

/** @param isDry looks and says, makes nothing */
export async function ensureAccount(port: AccountPort, isDry: boolean): Promise<AccountItem[]> {
  const items: AccountItem[] = [];
  // One after the other: scanning of images is Inspector's and wants it first.
  for (const [service, { find, make }] of Object.entries(port)) {
    if (await find()) items.push({ service, state: 'adopted', fix: null });
    else if (make === null) items.push({ service, state: 'missing', fix: FIXES[service] ?? null });
    else {
      if (!isDry) await make();
      items.push({ service, state: isDry ? 'would be made' : 'made', fix: null });
    }
  }
  return items;
}
