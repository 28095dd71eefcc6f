/** Lanes split a pool's ready jobs by what may take them, so that a claim reads no row that it could not have. */
import { PLATFORMS } from '../../protocol/package/manifest.js';

/** The lane of a job whose robot runs on these platforms: `linux+macos`. */
export function laneOf(platforms: readonly string[]): string {
  return PLATFORMS.filter((platform) => platforms.includes(platform)).join('+');
}

/** All lanes that a runner on this platform may take from. */
export function lanesOf(platform: string): readonly string[] {
  return ALL_LANES.filter((lane) => platformsOf(lane).includes(platform));
}

/** The platforms that may take from a lane. */
export function platformsOf(lane: string): readonly string[] {
  return lane.split('+');
}

export const ALL_LANES: readonly string[] = Array.from({ length: 2 ** PLATFORMS.length - 1 }, (_, set) =>
  laneOf(PLATFORMS.filter((_platform, bit) => ((set + 1) >> bit) & 1)),
);
