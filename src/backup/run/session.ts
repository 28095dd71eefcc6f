/** The signed-in way to the copy; it lives in memory only, as does the password. */
import type { Connector, Way } from '../ports.js';

export interface Session {
  readonly way: Way;
  readonly connector: Connector;
}

/** One run's session, made by one step and used by the next. */
export interface SessionSlot {
  current: Session | null;
}

export async function closeSession(slot: SessionSlot): Promise<void> {
  const session = slot.current;
  slot.current = null;
  await session?.connector.close().catch(() => {});
  await session?.way.close().catch(() => {});
}
